// Who uses the page. The access token is in this page's memory and nowhere else; the refresh token
// is in a cookie that no script can read. A pasted key is gone with the page.

const PATH = "/api/v1/auth";
const EARLY_MS = 30_000;
const HINT = "ramal.login";  // says that there may be a cookie, so that no strangers ask in vain

let kind = localStorage.getItem(HINT) === "1" ? "user" : null;
let token = null;
let expires = Infinity;
let renewing = null;

const exclusive = (work) => (navigator.locks ? navigator.locks.request("ramal.refresh", work) : work());

const post = (path, body) => fetch(`${PATH}/${path}`, {
  method: "POST",
  headers: { "Content-Type": "application/json", "X-Ramal-CSRF": "1" },
  body: JSON.stringify(body),
});

const take = (granted) => {
  token = granted.access_token;
  expires = Date.now() + granted.expires_in_s * 1000;
  kind = "user";
  localStorage.setItem(HINT, "1");
};

const forget = () => {
  token = kind = null;
  expires = Infinity;
  localStorage.removeItem(HINT);
};

const renew = () => {
  renewing ??= exclusive(async () => {
    const response = await post("refresh", {});
    if (response.ok) take(await response.json());
    else if (response.status === 401 || response.status === 403) forget();
    else throw new TypeError(`refresh: ${response.status}`);
  }).finally(() => { renewing = null; });
  return renewing;
};

export const isUser = () => kind === "user";

// The token to send, renewed in time; null for nobody.
export const proof = async ({ fresh = false } = {}) => {
  if (isUser() && (fresh || token === null || Date.now() > expires - EARLY_MS)) await renew();
  return token;
};

// The answer of the login; what it says besides 200 is for the form.
export const logIn = async (username, password, code) => {
  const response = await post("login", { username, password, ...(code ? { code } : {}), cookie: true });
  if (response.ok) take(await response.json());
  return response;
};

export const useKey = (key) => {
  forget();
  token = key;
  kind = "key";
};

export const logOut = async () => {
  const user = isUser();
  forget();
  if (user) await post("logout", {});
};

export const forgetProof = forget;
