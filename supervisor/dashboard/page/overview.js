// What goes on now: alerts, calls, extensions. Nothing is asked for twice unless it has changed.

import { condominiums, get, getAll, post } from "./api.js";
import { badge, button, clock, h, lasted, moment, show, speak, told } from "./dom.js";
import { extensionState } from "./extensions.js";
import { newCall, takeIn, whereOf } from "./progress.js";
import { follow } from "./stream.js";
import { t } from "./texts.js";

const LONGEST_CALL_MS = 2 * 3600 * 1000;  // what has lasted longer was lost, and goes on nowhere
const LOOKED_INTO = 30;

export const overviewView = (page) => {
  const tiles = h("div", { class: "tiles" });
  const alerts = h("div", { class: "alerts" });
  const calls = h("ul", { class: "calls" });
  const extensions = h("ul", { class: "extensions" });
  const part = (title, id, inner) => h("section", { "aria-labelledby": id }, h("h2", { id }, title), inner);
  const element = h("div", { class: "overview" },
    h("h1", { class: "unseen" }, t("nav.overview")), tiles, alerts,
    h("div", { class: "columns" },
      part(t("overview.calls"), "calls-now", calls),
      part(t("overview.extensions"), "extensions-now", extensions)));

  const running = new Map();
  let rows = [];
  let open = [];
  let names = new Map();

  const drawTiles = () => {
    const listening = rows.filter((each) => each.status === "listening").length;
    const failed = rows.filter((each) => each.status === "failed").length;
    const tile = (number, text, kind = "") => h("div", { class: `tile ${kind}` }, h("strong", {}, number), h("span", {}, text));
    show(tiles,
      tile(running.size, t("tile.calls")),
      tile(`${listening}/${rows.length}`, t("tile.listening")),
      tile(failed, t("tile.failed"), failed ? "bad" : ""),
      tile(open.length, t("tile.alerts"), open.length ? "warn" : ""));
  };

  const drawCalls = () => {
    const sorted = [...running.entries()].sort(([, one], [, other]) => (one.startedAt < other.startedAt ? -1 : 1));
    show(calls, sorted.length ? sorted.map(([id, call]) => liveCall(id, call)) : h("li", { class: "quiet" }, t("overview.no.calls")));
    drawTiles();
    drawExtensions();
  };

  const liveCall = (id, call) => {
    const said = call.lines.findLast((each) => each.kind === "words");
    return h("li", {}, h("a", { href: `#/call/${id}`, class: "card live" },
      h("span", { class: "row" },
        h("strong", {}, call.caller ?? t("call.unknown")),
        h("span", { class: "quiet" }, "→ ", rows.find((each) => each.id === call.extension)?.number ?? "?", " ", names.get(call.condominium) ?? ""),
        h("span", { class: "timer", role: "timer", "data-since": call.startedAt }, lasted(Date.now() - Date.parse(call.startedAt)))),
      h("span", { class: "row" }, badge(call.joined ? "good" : "busy", whereOf(call))),
      said && h("span", { class: "last" }, h("span", { class: "quiet" }, t(`who.${said.who}`), ": "), said.text)));
  };

  const drawExtensions = () => {
    const count = (id) => [...running.values()].filter((call) => call.extension === id).length;
    show(extensions, rows.length ? rows.map((row) => h("li", { class: "card" },
      h("span", { class: "row" },
        h("strong", {}, row.number), h("span", { class: "quiet" }, names.get(row.condominium_id) ?? ""),
        extensionState(row),
        h("span", { class: "calls-now" }, t(count(row.id) === 1 ? "overview.one.call" : "overview.count.calls", { count: count(row.id) }))),
      row.status_reason && h("span", { class: "reason" }, told(row.status_reason)))) : h("li", { class: "quiet" }, t("overview.no.extensions")));
  };

  const drawAlerts = () => {
    show(alerts, open.length > 0 && h("section", { "aria-labelledby": "alerts-now" },
      h("h2", { id: "alerts-now" }, t("overview.alerts")),
      h("ul", {}, open.map((each) => h("li", { class: "card alert" },
        h("div", {}, h("p", {}, told(each.text)),
          h("p", { class: "quiet" }, t("alert.since"), " ", moment(each.raised_at), each.times > 1 ? ` · ${t("alert.times", { times: each.times, last: clock(each.last_at) })}` : "")),
        page.may("operator") && button(t("alert.acknowledge"), () => acknowledge(each), { "data-key": each.id }))))));
    drawTiles();
  };

  const acknowledge = async (alert) => {
    try {
      await post(`alerts/${alert.id}/acknowledge`);
      speak(t("alert.acknowledged"));
    } catch (problem) {
      if (problem.name !== "Problem") throw problem;
      speak(problem.message);
    }
    await loadAlerts();
  };

  const loadExtensions = async () => {
    rows = await getAll("extensions");
    drawCalls();
  };
  const loadAlerts = async () => {
    open = await getAll("alerts", { open: true });
    drawAlerts();
  };

  // A call that was going on before we came: what was said last in it is read once.
  const known = async (row, look) => {
    const call = Object.assign(running.get(row.id) ?? newCall(), {
      caller: row.caller, startedAt: row.started_at, extension: row.extension_id, condominium: row.condominium_id,
    });
    running.set(row.id, call);
    if (!look || call.lines.length) return;
    const { turns } = await get(`calls/${row.id}`);
    if (!call.lines.length) {
      call.lines = turns.slice(-1).map((turn) => ({ kind: "words", who: turn.speaker, text: turn.text }));
    }
  };

  const loadCalls = async () => {
    const since = new Date(Date.now() - LONGEST_CALL_MS).toISOString();
    const items = await getAll("calls", { running: true, since });
    for (const id of running.keys()) if (!items.some((each) => each.id === id)) running.delete(id);
    await Promise.all(items.map((each, at) => known(each, at < LOOKED_INTO)));
    drawCalls();
  };

  const CHANGED = { extensions: loadExtensions, alerts: loadAlerts };
  const onEvent = (kind, event) => {
    if (kind === "changed") return CHANGED[event.what]?.();
    if (kind === "call.ended") running.delete(event.call_id);
    else if (kind === "call.started" || kind === "call.resumed" || running.has(event.call_id)) {
      const call = running.get(event.call_id) ?? newCall();
      if (event.data.extension_id) Object.assign(call, { extension: event.data.extension_id, condominium: event.data.condominium_id });
      call.startedAt ??= event.at;
      running.set(event.call_id, call);
      takeIn(call, event);
      call.lines = call.lines.filter((each) => each.kind === "words").slice(-3);
    }
    drawCalls();
    return null;
  };

  const first = async () => {
    names = await condominiums();
    await loadCalls();  // the rest is asked for at the stream's word, which comes at once
  };
  let ready = () => {};
  let failed = () => {};
  const leave = follow({ changes: true }, {
    onEvent,
    onState: async (state) => {
      page.connection(state);
      if (state === "open") await first().then(ready, (problem) => { failed(problem); throw problem; });
    },
  });
  return { element, leave, ready: new Promise((resolve, reject) => { ready = resolve; failed = reject; }) };
};
