// Whom units expect: who is on the list, added and taken off it, and codes that are shown once.

import { condominiums, get, post, remove } from "./api.js";
import { appointed, badge, button, confirmed, h, put, show, speak, told } from "./dom.js";
import { faults, field, onSubmit, submit } from "./forms.js";
import { condominiumOptions } from "./history.js";
import { pagedList, queryOf, searchForm } from "./lists.js";
import { language, t } from "./texts.js";

const MONDAY = Date.UTC(2024, 0, 1);
const DAY_MS = 86_400_000;
const LETS_IN = ["by_code", "by_name", "never"];

export const visitorsView = (page) => {
  const works = page.may("operator");
  const said = h("p", { class: "answer", role: "status" });
  const add = works && button(t("visitor.add"), () => addOne(), { class: "primary" });
  const element = h("div", { class: "visitors-page" }, h("div", { class: "row" }, h("h1", {}, t("nav.visitors")), add), said);
  const { id, ...given } = page.parameters;
  let asked = queryOf(given);
  let list = null;
  let names = new Map();

  const reload = async (focused = null) => {
    const { ended, ...query } = asked;
    await list.show({ ...query, ...(ended ? {} : { over: false }) });
    const place = focused && element.querySelector(`tr[data-id="${focused}"] button`);
    (place || (focused && add))?.focus();
  };

  // What is done with an entry; then the list is read again.
  const done = async (visitor, text, work) => {
    try {
      await work();
      said.className = "answer good";
      said.textContent = t(text, { name: visitor.name });
    } catch (problem) {
      if (problem.name !== "Problem") throw problem;
      said.className = "answer fault";
      show(said, told(problem.message));
    }
    await reload(visitor.id);
  };

  const giveCode = async (visitor) => {
    if (visitor.has_code && !await confirmed(t("visitor.code.again.sure", { name: visitor.name }), t("visitor.code.again"))) return;
    await done(visitor, "visitor.code.made", async () => shownOnce(visitor, await post(`visitors/${visitor.id}/code`)));
  };

  const voidCode = async (visitor) => {
    if (!await confirmed(t("visitor.code.void.sure", { name: visitor.name }), t("visitor.code.void"), "danger")) return;
    await done(visitor, "visitor.code.voided", () => remove(`visitors/${visitor.id}/code`, "*"));
  };

  const takeOff = async (visitor) => {
    if (!await confirmed(t("visitor.remove.sure", { name: visitor.name }), t("visitor.remove"), "danger")) return;
    await done(visitor, "visitor.removed", () => remove(`visitors/${visitor.id}`, "*"));
  };

  const addOne = () => {
    const form = formOf(names, asked.condominium_id);
    const dialog = h("dialog", { class: "form", "aria-label": t("visitor.add") }, form);
    put(form, faults(), h("div", { class: "row end" }, button(t("cancel"), () => dialog.close()), submit(t("save"))));
    onSubmit(form, async (values) => {
      const visitor = await post("visitors", await bodyOf(values, form));
      dialog.close();
      if (values.with_code) await giveCode(visitor);
      else await done(visitor, "visitor.added", async () => {});
    });
    dialog.addEventListener("close", () => dialog.remove());
    document.body.append(dialog);
    dialog.showModal();
  };

  const actions = (visitor) => h("div", { class: "row" },
    button(t(visitor.has_code ? "visitor.code.again" : "visitor.code"), () => giveCode(visitor), labelled("visitor.code.which", visitor)),
    visitor.has_code && button(t("visitor.code.void"), () => voidCode(visitor), labelled("visitor.code.void.which", visitor)),
    button(t("visitor.remove"), () => takeOff(visitor), labelled("visitor.remove.which", visitor)));

  const rowOf = (rows, visitor) => {
    const row = rows.row(
      [h("b", { class: "wild" }, visitor.name), visitor.note && h("span", { class: "quiet wild" }, ` ${visitor.note}`)],
      [visitor.unit, visitor.block && ` ${t("visit.block")} ${visitor.block}`, h("span", { class: "quiet" }, ` ${names.get(visitor.condominium_id) ?? ""}`)],
      whenOf(visitor),
      [t(`lets_in.${visitor.lets_in}`), " ", badge(visitor.has_code ? "good" : "off", t(visitor.has_code ? "visitor.has.code" : "visitor.no.code"))],
      [stateOf(visitor), " ", h("span", { class: "quiet" }, t(visitor.most_uses === null ? "visitor.uses" : "visitor.uses.of", { uses: visitor.uses, most: visitor.most_uses }))],
      ...(works ? [actions(visitor)] : []));
    row.dataset.id = visitor.id;
    return row;
  };

  const begin = async () => {
    names = await condominiums();
    list = pagedList({
      path: "visitors",
      label: t("nav.visitors"),
      names: ["visitor", "unit", "when", "lets_in", "status", ...(works ? ["actions"] : [])].map((each) => t(`column.${each}`)),
      empty: t("visitors.none"),
      row: rowOf,
    });
    const fields = [
      ["name", t("filter.name"), {}],
      ["condominium_id", t("filter.condominium"), { kind: "select", options: condominiumOptions(names) }],
      ["ended", t("filter.ended"), { kind: "checkbox" }],
    ];
    put(element, searchForm(fields, given, (query) => { asked = query; return reload(); }), list.element);
    await reload();
  };
  return { element, ready: begin() };
};

const labelled = (text, { name }) => ({ "aria-label": t(text, { name }) });

const weekday = (day, width) => new Intl.DateTimeFormat(language(), { weekday: width, timeZone: "UTC" }).format(MONDAY + (day - 1) * DAY_MS);

const whenOf = ({ starts_at, ends_at, weekdays, from_time, until_time }) => h("div", {},
  Date.parse(starts_at) > Date.now() && h("span", { class: "part" }, t("visitor.from"), " ", appointed(starts_at)),
  h("span", { class: "part" }, t("visitor.until"), " ", appointed(ends_at)),
  (weekdays || from_time) && h("span", { class: "part quiet" },
    [weekdays?.map((each) => weekday(each, "short")).join(", "), from_time && `${from_time}–${until_time}`].filter(Boolean).join(" · ")));

const stateOf = ({ starts_at, ends_at, uses, most_uses }) => {
  const state = Date.parse(ends_at) <= Date.now() ? "over"
    : most_uses !== null && uses >= most_uses ? "used"
      : Date.parse(starts_at) > Date.now() ? "early" : "good";
  return badge({ over: "off", used: "off", early: "busy", good: "good" }[state], t(`visitor.state.${state}`));
};

const formOf = (names, chosen) => h("form", { class: "editor", novalidate: true },
  h("h2", {}, t("visitor.add")),
  h("div", { class: "fields" },
    field("name", t("column.visitor"), { hint: t("visitor.name.hint") }),
    field("condominium_id", t("column.condominium"), { kind: "select", value: chosen, options: [...names.entries()] }),
    field("number", t("column.unit"), { inputmode: "tel" }),
    field("block", t("visitor.block"), { hint: t("visitor.block.hint") }),
    field("ends_at", t("visitor.ends_at"), { kind: "datetime-local", hint: t("visitor.clock.hint") }),
    field("starts_at", t("visitor.starts_at"), { kind: "datetime-local", hint: t("visitor.starts_at.hint") }),
    field("lets_in", t("column.lets_in"), { kind: "select", value: "by_code", options: LETS_IN.map((each) => [each, t(`lets_in.${each}`)]) }),
    field("most_uses", t("visitor.most_uses"), { kind: "number", value: 1, min: 1, hint: t("visitor.most_uses.hint") })),
  h("fieldset", { class: "days" }, h("legend", {}, t("visitor.weekdays")),
    [1, 2, 3, 4, 5, 6, 7].map((day) => h("label", {}, h("input", { type: "checkbox", "data-day": day }), " ", weekday(day, "long")))),
  h("div", { class: "fields" },
    field("from_time", t("visitor.from_time"), { kind: "time" }),
    field("until_time", t("visitor.until_time"), { kind: "time", hint: t("visitor.hours.hint") }),
    field("note", t("visitor.note"), {})),
  field("with_code", t("visitor.with_code"), { kind: "checkbox", value: true }));

const refused = (name, detail) => Object.assign(new Error(detail), { name: "Problem", errors: [{ where: `body.${name}`, detail }] });

const bodyOf = async ({ condominium_id, number, block, with_code, ends_at, starts_at, ...values }, form) => {
  const days = [...form.querySelectorAll("[data-day]:checked")].map((each) => Number(each.dataset.day));
  const instant = (text) => text && new Date(text).toISOString();
  return {
    ...values,
    unit_id: await unitOf(condominium_id, number, block),
    most_uses: values.most_uses ?? null,
    ends_at: instant(ends_at),
    ...(starts_at ? { starts_at: instant(starts_at) } : {}),
    ...(days.length ? { weekdays: days } : {}),
  };
};

const unitOf = async (condominium_id, number, block) => {
  if (!number) throw refused("number", t("visitor.unit.missing"));
  const { items } = await get("units", { condominium_id, number, block });
  if (items.length === 1) return items[0].id;
  throw items.length
    ? refused("block", t("visitor.unit.several", { blocks: items.map((each) => each.block).join(", ") }))
    : refused("number", t("visitor.unit.none", { number }));
};

// A code is never shown again: it stays until somebody has taken it down.
const shownOnce = (visitor, { code, keys }) => new Promise((resolve) => {
  const dialog = h("dialog", { class: "confirm once", "aria-label": t("visitor.code.of", { name: visitor.name }) },
    h("h2", {}, t("visitor.code.of", { name: visitor.name })),
    h("p", { class: "code" }, h("strong", {}, code)),
    h("p", {}, t("visitor.code.keys", { keys })),
    h("p", { class: "quiet" }, t("visitor.code.once")),
    h("div", { class: "row end" }, button(t("visitor.code.taken"), () => dialog.close(), { class: "primary" })));
  dialog.addEventListener("close", () => { dialog.remove(); resolve(); });
  document.body.append(dialog);
  dialog.showModal();
  speak([...code].join(" "));
});
