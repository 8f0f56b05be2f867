// Calls that were: found by what they were about, and by what was said in them.

import { condominiums } from "./api.js";
import { badge, h, lasted, moment, named } from "./dom.js";
import { anyOption } from "./forms.js";
import { pagedList, queryOf, searchForm } from "./lists.js";
import { t } from "./texts.js";

const OUTCOMES = [
  "authorised", "denied", "left_at_desk", "left_in_locker", "coming_down", "no_answer", "message_left", "undecided", "unknown_unit",
  "silent", "not_understood", "left", "cancelled", "transferred", "emergency", "failed", "timed_out",
  "answered", "unanswered",
];
export const outcomeOptions = () => [anyOption(), ...OUTCOMES.map((each) => [each, named("outcome", each)])];
export const condominiumOptions = (names) => [anyOption(), ...names.entries()];

export const historyView = (page) => {
  const element = h("div", { class: "history" }, h("h1", {}, t("nav.calls")));
  const begin = async () => {
    const names = await condominiums();
    const list = pagedList({
      path: "calls",
      label: t("nav.calls"),
      names: ["started", "extension", "condominium", "caller", "lasted", "end", "recording"].map((each) => t(`column.${each}`)),
      empty: t("history.none"),
      row: (rows, call) => rows.row(
        h("a", { href: `#/call/${call.id}` }, moment(call.started_at)),
        call.extension ?? "–",
        names.get(call.condominium_id) ?? "–",
        call.caller ?? "–",
        call.ended_at ? lasted(Date.parse(call.ended_at) - Date.parse(call.started_at)) : badge("busy", t("history.running")),
        named("reason", call.end_reason),
        call.recorded ? badge("good", t("history.recorded")) : ""),
    });
    const fields = [
      ["search", t("filter.said"), {}],
      ["condominium_id", t("filter.condominium"), { kind: "select", options: condominiumOptions(names) }],
      ["outcome", t("filter.outcome"), { kind: "select", options: outcomeOptions() }],
      ["caller", t("filter.caller"), {}],
      ["extension", t("filter.extension"), {}],
      ["since", t("filter.since"), { kind: "date" }],
      ["until", t("filter.until"), { kind: "date" }],
      ["recorded", t("filter.recorded"), { kind: "checkbox" }],
    ];
    const { id, ...given } = page.parameters;
    element.append(searchForm(fields, given, (query) => list.show(query)), list.element);
    await list.show(queryOf(given));
  };
  return { element, ready: begin() };
};
