// Requests to the API, and its problems as exceptions.

import { t } from "./texts.js";
import { forgetProof, isUser, proof } from "./session.js";

const ROOT = "/api/v1/";
const LARGEST_PAGE = 500;

export class Problem extends Error {
  constructor(status, detail, errors = [], type = "about:blank") {
    super(detail);
    Object.assign(this, { name: "Problem", status, errors, type });
  }
}

export const problemOf = async (response) => {
  try {
    const told = await response.json();
    return new Problem(response.status, told.detail, told.errors, told.type);
  } catch {
    return new Problem(response.status, t("problem.http", { status: response.status }));
  }
};

let strangers = () => {};
// What is called when nobody is known any more.
export const onStranger = (callback) => { strangers = callback; };

// The response, whatever it holds; raises Problem for those that are not good.
export const send = async (path, { method = "GET", headers = {}, signal, body } = {}) => {
  const attempt = async (fresh) => fetch(ROOT + path, {
    method,
    signal,
    body,
    headers: { ...headers, Authorization: `Bearer ${(await proof({ fresh })) ?? ""}` },
  });
  let response;
  try {
    response = await attempt(false);
    if (response.status === 401 && isUser()) response = await attempt(true);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem(0, t("problem.away"));
  }
  if (response.status === 401) {
    forgetProof();
    strangers();
  }
  if (!response.ok && response.status !== 304) throw await problemOf(response);
  return response;
};

const withQuery = (path, query) => {
  const given = Object.entries(query).filter(([, value]) => value !== "" && value !== null && value !== undefined);
  return given.length ? `${path}?${new URLSearchParams(given)}` : path;
};

export const get = async (path, query = {}, signal = undefined) =>
  (await send(withQuery(path, query), { signal })).json();

// All items of a list that has pages.
export const getAll = async (path, query = {}) => {
  const items = [];
  let cursor = "";
  do {
    const page = await get(path, { ...query, limit: LARGEST_PAGE, cursor });
    items.push(...page.items);
    cursor = page.next;
  } while (cursor !== null);
  return items;
};

export const getTagged = async (path) => {
  const response = await send(path);
  return { value: await response.json(), etag: response.headers.get("ETag") };
};

const onceKey = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");

const sendJson = async (method, path, value, headers = {}) => {
  const response = await send(path, {
    method,
    headers: { ...headers, ...(value === null ? {} : { "Content-Type": "application/json" }) },
    body: value === null ? undefined : JSON.stringify(value),
  });
  return response.status === 204 ? null : response.json();
};

export const post = (path, value = null) => sendJson("POST", path, value, { "Idempotency-Key": onceKey() });
export const patch = (path, value, etag) => sendJson("PATCH", path, value, { "If-Match": etag });
export const remove = (path, etag) => sendJson("DELETE", path, null, { "If-Match": etag });

// A file as an address of this page; give it back with URL.revokeObjectURL.
export const fileOf = async (path, query = {}, signal = undefined) =>
  URL.createObjectURL(await (await send(withQuery(path, query), { signal })).blob());

export const download = async (path, query, name) => {
  const address = await fileOf(path, query);
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
};

let places = null;
// Names of condominiums by their ids, asked for once.
export const condominiums = () => {
  places ??= getAll("condominiums")
    .then((items) => new Map(items.map((each) => [each.id, each.name])))
    .catch((error) => { places = null; throw error; });
  return places;
};
export const forgetPlaces = () => { places = null; };
