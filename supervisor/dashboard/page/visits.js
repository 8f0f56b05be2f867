// The visit log: searched, taken away as files, and proven to be as it was written.

import { condominiums, download, get } from "./api.js";
import { badge, button, h, moment, named, put, show, told } from "./dom.js";
import { condominiumOptions, outcomeOptions } from "./history.js";
import { pagedList, queryOf, searchForm } from "./lists.js";
import { t } from "./texts.js";

const FORMATS = ["csv", "xlsx", "pdf"];

export const visitsView = (page) => {
  const element = h("div", { class: "visits" }, h("h1", {}, t("nav.visits")));
  const said = h("div", { class: "answer", role: "status" });
  const { id, ...given } = page.parameters;
  let asked = queryOf(given);

  const begin = async () => {
    const names = await condominiums();
    const list = pagedList({
      path: "visits",
      label: t("nav.visits"),
      names: ["at", "condominium", "visitor", "unit", "outcome", "resident", "call"].map((each) => t(`column.${each}`)),
      empty: t("visits.none"),
      row: (rows, visit) => rows.row(
        [moment(visit.at), " ", h("span", { class: "quiet solid" }, `nº ${visit.position}`)],
        names.get(visit.condominium_id) ?? "–",
        [h("span", { class: "wild" }, visit.data.visitor ?? "–"), visit.data.company ? h("span", { class: "quiet" }, ` ${visit.data.company}`) : ""],
        [visit.data.apartment ?? "–", visit.data.block ? ` ${t("visit.block")} ${visit.data.block}` : ""],
        badge(kindOf(visit.outcome), named("outcome", visit.outcome)),
        h("span", { class: "wild" }, visit.data.resident ?? "–"),
        h("a", { href: `#/call/${visit.call_id}`, "aria-label": t("visit.call", { position: visit.position }) }, t("visit.open"))),
    });
    const fields = [
      ["search", t("filter.anything"), {}],
      ["condominium_id", t("filter.condominium"), { kind: "select", options: condominiumOptions(names) }],
      ["outcome", t("filter.outcome"), { kind: "select", options: outcomeOptions() }],
      ["visitor", t("filter.visitor"), {}],
      ["apartment", t("filter.apartment"), {}],
      ["since", t("filter.since"), { kind: "date" }],
      ["until", t("filter.until"), { kind: "date" }],
    ];
    const form = searchForm(fields, given, (query) => { asked = query; return list.show(query); });
    put(element, form,
      h("div", { class: "row bar" },
        h("span", { class: "quiet" }, t("visits.export")),
        FORMATS.map((format) => button(format.toUpperCase(), () => exported(format))),
        button(t("visits.verify"), () => verified(names), { class: "verify" })),
      said, list.element);
    await list.show(asked);
  };

  const answered = async (waiting, work) => {
    show(said, h("p", { class: "quiet" }, waiting));
    try {
      said.replaceChildren(...[await work()].flat().filter(Boolean));
    } catch (problem) {
      if (problem.name !== "Problem") throw problem;
      show(said, h("p", { class: "fault" }, told(problem.message)));
    }
  };

  const exported = (format) => answered(t("visits.exporting"), async () => {
    if (format === "pdf" && !asked.condominium_id) return h("p", { class: "fault" }, t("visits.pdf.one"));
    await download("visits/export", { ...asked, format }, `visits.${format}`);
    return h("p", {}, t("visits.exported"));
  });

  const verified = (names) => answered(t("visits.verifying"), async () => {
    const chosen = asked.condominium_id ? [asked.condominium_id] : [...names.keys()];
    const chains = [];
    for (const each of chosen) chains.push(await get(`condominiums/${each}/visit-chain`));
    return h("ul", { class: "chains" }, chains.map((chain) => chainOf(chain, names)));
  });

  return { element, ready: begin() };
};

const chainOf = (chain, names) => h("li", { class: "card" },
  h("span", { class: "row" }, h("strong", {}, names.get(chain.condominium_id) ?? ""),
    chain.broken
      ? badge("bad", t("chain.broken", { position: chain.broken.position }))
      : badge("good", t("chain.whole", { entries: chain.entries }))),
  chain.broken
    ? h("span", { class: "reason" }, told(chain.broken.reason))
    : chain.entries > 0 && h("span", { class: "quiet hash" }, t("chain.hash"), " ", h("code", {}, chain.last_hash)));

const kindOf = (outcome) => (["authorised", "left_at_desk", "coming_down"].includes(outcome) ? "good"
  : ["denied", "emergency", "failed"].includes(outcome) ? "bad" : "off");
