// The page around the views: who is logged in, where one is, and whether the server is heard.

import { forgetPlaces, get, onStranger } from "./api.js";
import { callView } from "./call.js";
import { button, h, lasted, speak, told } from "./dom.js";
import { extensionsView } from "./extensions.js";
import { historyView } from "./history.js";
import { loginView } from "./login.js";
import { overviewView } from "./overview.js";
import { isUser, logOut, proof } from "./session.js";
import { LANGUAGE_NAMES, chooseLanguage, language, loadTexts, t } from "./texts.js";
import { visitorsView } from "./visitors.js";
import { visitsView } from "./visits.js";

const VIEWS = { "": overviewView, calls: historyView, call: callView, visits: visitsView, visitors: visitorsView, extensions: extensionsView };
const NAVIGATION = [["", "nav.overview"], ["calls", "nav.calls"], ["visits", "nav.visits"], ["visitors", "nav.visitors"], ["extensions", "nav.extensions"]];
const RANKS = { viewer: 0, operator: 1, admin: 2 };

let who = null;
let leave = () => {};

// What views get: may("operator"), the parameters of the address, and where to tell of the stream.
const context = (parameters) => ({
  who,
  parameters,
  may: (role) => RANKS[who.role] >= RANKS[role],
  connection: (state) => showConnection(state),
});

const showConnection = (state) => {
  const place = document.getElementById("connection");
  if (!place || place.dataset.state === state) return;
  place.dataset.state = state;
  place.textContent = state === "lost" ? t("connection.lost") : state === "open" ? t("connection.open") : "";
  if (state === "lost") speak(t("connection.lost"));
};

const parsed = () => {
  const [path, query = ""] = location.hash.replace(/^#\/?/, "").split("?");
  const [name = "", id = ""] = path.split("/");
  return { name: Object.hasOwn(VIEWS, name) ? name : "", parameters: { ...Object.fromEntries(new URLSearchParams(query)), id } };
};

const shell = (name) => h("div", { class: "shell" },
  h("a", { href: "#main", class: "skip", onclick: (event) => { event.preventDefault(); document.getElementById("main").focus(); } }, t("skip")),
  h("header", { class: "top" },
    h("a", { href: "#/", class: "brand", "aria-label": `Ramal: ${t("nav.overview")}` },
      h("img", { src: "/dashboard/icon.svg", alt: "", width: 28, height: 28 }), h("span", {}, "Ramal")),
    h("nav", { "aria-label": t("nav") }, NAVIGATION.map(([each, text]) =>
      h("a", { href: `#/${each}`, "aria-current": each === name || (each === "calls" && name === "call") ? "page" : null }, t(text)))),
    h("span", { id: "connection" }),
    h("details", { class: "me" },
      h("summary", {}, h("span", { class: "name" }, who.name), " ", h("span", { class: "quiet" }, t(`role.${who.role}`))),
      h("div", { class: "menu" }, h("span", { class: "quiet" }, t(`role.${who.role}`)), languageSwitch(), button(t("logout"), async () => {
        await logOut();
        stranger();
      })))),
  h("main", { id: "main", tabindex: "-1" }, h("p", { class: "quiet" }, t("loading"))));

const languageSwitch = () => Object.entries(LANGUAGE_NAMES)
  .filter(([each]) => each !== language())
  .map(([each, name]) => button(name, () => { chooseLanguage(each); render(); }, { lang: each }));

const render = async () => {
  leave();
  leave = () => {};
  const page = document.getElementById("page");
  if (who === null) {
    document.title = "Ramal";
    page.replaceChildren(h("div", { class: "corner" }, languageSwitch()), loginView(enter));
    return;
  }
  const { name, parameters } = parsed();
  page.replaceChildren(shell(name));
  document.title = `${t(`title.${name || "overview"}`)} – Ramal`;
  const main = document.getElementById("main");
  const view = VIEWS[name](context(parameters));
  leave = view.leave ?? (() => {});
  main.replaceChildren(view.element);
  try {
    await view.ready;
  } catch (problem) {
    if (problem.name !== "Problem") throw problem;
    if (problem.status !== 401 && main.isConnected) {
      main.prepend(h("p", { class: "fault", role: "alert" }, told(problem.message)));
    }
  }
};

const enter = async () => {
  who = await get("auth/me");
  await render();
  document.getElementById("main").focus();
};

const stranger = () => {
  who = null;
  forgetPlaces();
  render();
};

// One clock for all that shows how long something has lasted.
setInterval(() => {
  for (const each of document.querySelectorAll("[data-since]")) {
    each.textContent = lasted(Date.now() - Date.parse(each.dataset.since));
  }
}, 1000);

await loadTexts();
onStranger(() => { if (who !== null) stranger(); });
window.addEventListener("hashchange", async () => {
  await render();
  document.getElementById("main")?.focus();
});
if (isUser() && await proof().catch(() => null)) {
  who = await get("auth/me").catch(() => null);
}
await render();
