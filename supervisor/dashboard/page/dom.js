// Elements and how values look. Text becomes text nodes only: nothing that was said is markup.

import { language, t } from "./texts.js";

// h("a", { href: "#/", onclick, class: "x", "aria-label": "y" }, "text", element, null, [more])
export const h = (tag, attributes = {}, ...children) => {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "value") element.value = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  put(element, ...children);
  return element;
};

const flat = (children) => children.flat(Infinity).filter((each) => each !== null && each !== undefined && each !== false);

export const put = (element, ...children) => {
  element.append(...flat(children).map((each) => (each instanceof Node ? each : String(each))));
  return element;
};

// What is there already and equal stays as it is, so that neither focus nor scrolling is disturbed;
// a link that had the focus and is made anew has it again.
export const show = (element, ...children) => {
  const fresh = document.createElement(element.tagName);
  put(fresh, ...children);
  const focused = element.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
  [...fresh.childNodes].forEach((each, at) => {
    const old = element.childNodes[at];
    if (!old) element.append(each);
    else if (!same(each, old)) old.replaceWith(each);
  });
  while (element.childNodes.length > flat(children).length) element.lastChild.remove();
  if (focused && !element.contains(document.activeElement)) {
    [...element.querySelectorAll("a")].find((each) => each.getAttribute("href") === focused)?.focus();
  }
};

// Buttons do what they did when they were made: an element with one is only kept if it says whose.
const same = (fresh, old) => fresh.isEqualNode(old)
  && (fresh.nodeType !== Node.ELEMENT_NODE || !fresh.matches(":has(button), button")
    || (fresh.dataset.key !== undefined && fresh.dataset.key === old.dataset.key));

export const speak = (text) => {
  document.getElementById("spoken").textContent = text;
};

export const button = (text, onclick, attributes = {}) => h("button", { type: "button", onclick, ...attributes }, text);

// A label of its own colour, and with words: colour alone tells nothing.
export const badge = (kind, text) => h("span", { class: `badge ${kind}` }, text);

// What the server says is English, whatever the page speaks.
export const told = (text) => h("span", { lang: "en" }, text);

const formats = new Map();
const format = (name, options) => {
  const key = `${language()} ${name}`;
  if (!formats.has(key)) formats.set(key, new Intl.DateTimeFormat(language(), options));
  return formats.get(key);
};
const DAY = { dateStyle: "short" };
const TIME = { timeStyle: "medium" };
const MINUTE = { dateStyle: "short", timeStyle: "short" };

export const clock = (instant) => format("time", TIME).format(new Date(instant));

// Today's moments without the day.
export const moment = (instant) => {
  const date = new Date(instant);
  const today = date.toDateString() === new Date().toDateString();
  const text = today ? clock(date) : `${format("day", DAY).format(date)} ${clock(date)}`;
  return h("time", { datetime: date.toISOString(), title: date.toLocaleString(language()) }, text);
};

// When something is to be: to the minute.
export const appointed = (instant) => {
  const date = new Date(instant);
  return h("time", { datetime: date.toISOString() }, format("minute", MINUTE).format(date));
};

export const lasted = (milliseconds) => {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  const two = (number) => String(number).padStart(2, "0");
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  return `${hours ? `${hours}:${two(minutes)}` : minutes}:${two(seconds % 60)}`;
};

// A word that we know in the reader's language, or the word itself.
export const named = (group, word) => (word ? t(`${group}.${word}`, {}, word) : "–");

// Asks before something that cannot be undone. Resolves with whether it is to be done.
export const confirmed = (question, yes, kind = "") => new Promise((resolve) => {
  const answer = (value) => () => dialog.close(value);
  const dialog = h("dialog", { class: "confirm", "aria-label": question },
    h("p", {}, question),
    h("div", { class: "row end" },
      button(t("cancel"), answer("no")),
      button(yes, answer("yes"), { class: kind || "primary" })));
  dialog.addEventListener("close", () => { dialog.remove(); resolve(dialog.returnValue === "yes"); });
  document.body.append(dialog);
  dialog.showModal();
});
