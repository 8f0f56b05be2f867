// Who are you: a user with a password, and a code where one is asked for; or a key.

import { problemOf } from "./api.js";
import { h } from "./dom.js";
import { faults, field, onSubmit, showProblem, submit } from "./forms.js";
import { logIn, useKey } from "./session.js";
import { t } from "./texts.js";

const SECOND_FACTOR = "urn:ramal:problem:second-factor";

// `known` is called once somebody is, and raises a Problem for a key that is nobody's.
export const loginView = (known) => {
  const user = h("form", { class: "panel", "aria-label": t("login.user") },
    h("h2", {}, t("login.user")),
    field("username", t("login.username"), { autocomplete: "username", autocapitalize: "none", required: true }),
    field("password", t("login.password"), { kind: "password", autocomplete: "current-password", required: true }),
    h("div", { class: "code", hidden: true },
      field("code", t("login.code"), { autocomplete: "one-time-code", inputmode: "numeric", hint: t("login.code.hint") })),
    faults(),
    submit(t("login.enter")));
  onSubmit(user, async ({ username, password, code }) => {
    const response = await logIn(username, password, code).catch(() => null);
    if (response?.ok) return known();
    if (response === null) throw Object.assign(new Error(t("problem.away")), { name: "Problem" });
    const problem = await problemOf(response);
    if (problem.type === SECOND_FACTOR && !code) {
      user.querySelector(".code").hidden = false;
      user.elements.code.focus();
      return null;
    }
    return showProblem(user, Object.assign(problem, { message: refusal(problem) }));
  });
  const key = h("form", { class: "panel", "aria-label": t("login.key") },
    h("h2", {}, t("login.key")),
    field("key", t("login.key.label"), { kind: "password", autocomplete: "off", required: true, hint: t("login.key.hint") }),
    faults(),
    submit(t("login.enter.key")));
  onSubmit(key, ({ key: given }) => { useKey(given); return known(); });
  return h("main", { class: "login", id: "main", tabindex: "-1" },
    h("h1", {}, "Ramal"), h("p", { class: "quiet" }, t("login.about")), user,
    h("details", { class: "otherwise" }, h("summary", {}, t("login.key.open")), key));
};

const refusal = (problem) => (problem.status === 401 ? t("login.refused") : problem.message);
