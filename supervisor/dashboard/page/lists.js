// Lists that come by pages, with filters that are kept in the page's address.

import { get } from "./api.js";
import { button, h, put, show } from "./dom.js";
import { field, faults, onSubmit, submit } from "./forms.js";
import { t } from "./texts.js";

const PAGE = 50;
const NARROW = "(max-width: 760px)";

export const table = (names, label) => {
  const body = h("tbody");
  return {
    body,
    element: h("table", { "aria-label": label },
      h("thead", {}, h("tr", {}, names.map((name) => h("th", { scope: "col" }, name)))), body),
    row: (...cells) => h("tr", {}, cells.map((cell, at) => h("td", { "data-label": names[at] }, cell))),
  };
};

// Rows of `path`, the next page at a button; `row` makes one of each item.
export const pagedList = ({ path, names, label, row, empty }) => {
  const rows = table(names, label);
  const more = h("div", { class: "more" });
  const element = h("div", {}, rows.element, more);
  let current = 0;
  const load = async (query, cursor, turn) => {
    show(more, h("p", { class: "quiet" }, t("loading")));
    const page = await get(path, { ...query, limit: PAGE, cursor });
    if (turn !== current) return;
    put(rows.body, page.items.map((item) => row(rows, item)));
    more.replaceChildren(page.next
      ? button(t("more"), () => load(query, page.next, turn))
      : h("p", { class: "quiet" }, rows.body.children.length ? "" : empty));
  };
  return {
    element,
    show: (query) => {
      rows.body.replaceChildren();
      current += 1;
      return load(query, "", current).catch((error) => { more.replaceChildren(); throw error; });
    },
  };
};

// A search form, folded on a telephone. What it holds goes into the address; `asked` gets it as the API's query.
export const searchForm = (fields, given, asked, ...besides) => {
  const form = h("form", { class: "filters", role: "search" },
    h("div", { class: "fields" }, fields.map(([name, label, options]) =>
      field(name, label, { ...options, value: given[name] ?? "" }))),
    faults(),
    h("div", { class: "row" }, submit(t("search")), button(t("clear"), () => { location.hash = location.hash.split("?")[0]; }), besides));
  onSubmit(form, (values) => {
    const kept = Object.entries(values).filter(([, value]) => value !== false);
    const address = `${location.hash.split("?")[0]}?${new URLSearchParams(kept)}`;
    history.replaceState(null, "", address);
    return asked(queryOf(values));
  });
  return h("details", { class: "finder", open: !matchMedia(NARROW).matches || Object.keys(given).length > 0 },
    h("summary", {}, t("filters")), form);
};

// Days of the form as moments of the reader's time zone; until is the whole day.
export const queryOf = (values) => {
  const query = { ...values };
  const day = (text, later) => {
    const [year, month, date] = text.split("-").map(Number);
    return new Date(year, month - 1, date + later).toISOString();
  };
  if (query.since) query.since = day(query.since, 0);
  if (query.until) query.until = day(query.until, 1);
  for (const [name, value] of Object.entries(query)) {
    if (value === false || value === "") delete query[name];
    if (value === "true") query[name] = true;
  }
  return query;
};
