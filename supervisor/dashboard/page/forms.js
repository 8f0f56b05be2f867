// Fields with their labels, and the API's faults beside the fields that they are about.

import { h, put, speak, told } from "./dom.js";
import { t } from "./texts.js";

let count = 0;

// A labelled input. `options` are [value, text]; kinds: text, number, password, checkbox, select, area, date.
export const field = (name, label, { kind = "text", value = "", options = [], hint = null, ...more } = {}) => {
  const id = `f${(count += 1)}`;
  const common = { id, name, ...more, "aria-describedby": `${id}e${hint ? ` ${id}h` : ""}` };
  const control = kind === "select"
    ? h("select", common, options.map(([each, text]) => h("option", { value: each, selected: each === value }, text)))
    : kind === "area"
      ? h("textarea", { ...common, spellcheck: "false", value })
      : kind === "checkbox"
        ? h("input", { ...common, type: "checkbox", checked: Boolean(value) })
        : h("input", { ...common, type: kind, value });
  const labelled = h("label", { for: id }, label);
  return h("div", { class: `field ${kind}` },
    kind === "checkbox" ? [control, labelled] : [labelled, control],
    hint && h("p", { id: `${id}h`, class: "hint" }, hint),
    h("p", { id: `${id}e`, class: "fault", "data-fault": name }));
};

// What the form holds, by name: numbers as numbers, empty ones left out.
export const valuesOf = (form) => Object.fromEntries([...form.elements]
  .filter((each) => each.name && (each.type === "checkbox" || each.value.trim() !== ""))
  .map((each) => [each.name, each.type === "checkbox" ? each.checked
    : each.type === "number" ? Number(each.value) : each.value.trim()]));

export const clearFaults = (form) => {
  for (const each of form.querySelectorAll("[data-fault], .faults")) each.replaceChildren();
  for (const each of form.querySelectorAll("[aria-invalid]")) each.removeAttribute("aria-invalid");
};

// Where the API names a field in its sentence only.
const guessed = (form, problem) => {
  const port = /^Port (\d+) /.exec(problem.message)?.[1];
  if (port) return [...form.elements].find((each) => each.type === "number" && each.value === port)?.name;
  const unique = /already with this (\w+)/.exec(problem.message)?.[1];
  return unique && form.elements[unique] ? unique : undefined;
};

export const showProblem = (form, problem) => {
  clearFaults(form);
  const field = guessed(form, problem);
  const faults = problem.errors?.length ? problem.errors : [{ where: field ? `body.${field}` : "", detail: problem.message }];
  let first = null;
  for (const { where, detail } of faults) {
    const [, name, ...inner] = where.split(".");
    const place = [...form.querySelectorAll("[data-fault]")].find((each) => each.dataset.fault === name);
    put(place ?? form.querySelector(".faults"), h("span", {}, told(inner.length && place ? `${inner.join(".")}: ${detail}` : place ? detail : problem.message), " "));
    if (place) {
      const control = form.elements[name];
      control.setAttribute("aria-invalid", "true");
      first ??= control;
    }
  }
  first?.focus();
  speak(problem.message);
};

// Sends what the form holds with `work`; faults are shown, and the button waits meanwhile.
export const onSubmit = (form, work) => form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const pressed = event.submitter ?? form.querySelector("[type=submit]");
  if (form.dataset.busy) return;
  form.dataset.busy = "1";
  pressed?.setAttribute("aria-busy", "true");
  clearFaults(form);
  try {
    await work(valuesOf(form));
  } catch (problem) {
    if (problem.name !== "Problem") throw problem;
    showProblem(form, problem);
  } finally {
    delete form.dataset.busy;
    pressed?.removeAttribute("aria-busy");
  }
});

export const faults = () => h("p", { class: "fault faults", role: "alert" });

export const submit = (text) => h("button", { type: "submit", class: "primary" }, text);

export const anyOption = () => ["", t("any")];
