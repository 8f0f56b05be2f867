// One call: as it happens while it goes on, and to be read and heard again afterwards.

import { condominiums, fileOf, get, post } from "./api.js";
import { badge, button, clock, confirmed, h, lasted, moment, named, put, show, speak, told } from "./dom.js";
import { faults, field, onSubmit, submit } from "./forms.js";
import { listen } from "./listening.js";
import { newCall, takeIn, whereOf, wordsOf } from "./progress.js";
import { follow } from "./stream.js";
import { t } from "./texts.js";

const NEAR_PX = 80;

export const callView = (page) => {
  const { id } = page.parameters;
  const call = newCall();
  const away = new AbortController();
  const head = h("div", { class: "head" });
  const talk = h("ol", { class: "talk", role: "log", "aria-label": t("call.talk"), tabindex: "0" });
  const facts = h("dl", { class: "facts" });
  const extras = h("div");
  const actions = h("div");
  const element = h("div", { class: "call" },
    head,
    h("div", { class: "columns wide-left" },
      h("section", { "aria-labelledby": "talk-title" }, h("h2", { id: "talk-title" }, t("call.talk")), talk),
      h("div", { class: "aside" }, actions,
        h("section", { "aria-labelledby": "facts-title" }, h("h2", { id: "facts-title" }, t("call.facts")), facts),
        extras)));

  const drawHead = (row, names) => show(head,
    h("div", { class: "row" },
      h("h1", {}, t("call.title", { caller: row.caller ?? call.caller ?? t("call.unknown") })),
      badge(call.endedAt ? "off" : call.joined ? "good" : "busy", whereOf(call)),
      call.endedAt
        ? h("span", { class: "timer" }, lasted(Date.parse(call.endedAt) - Date.parse(row.started_at)))
        : h("span", { class: "timer", role: "timer", "data-since": row.started_at }, lasted(Date.now() - Date.parse(row.started_at)))),
    h("p", { class: "quiet" }, moment(row.started_at), " · ", t("call.extension"), " ", row.extension ?? "–", " · ", names.get(row.condominium_id) ?? "",
      call.endReason ? [" · ", named("reason", call.endReason)] : ""));

  const drawFacts = () => {
    const told = Object.entries(call.facts).filter(([, value]) => value);
    const value = (name, each) => (name === "intent" ? named("intent", each) : name === "outcome" ? named("outcome", each) : each);
    show(facts, told.length
      ? told.map(([name, each]) => [h("dt", {}, t(`fact.${name}`)), h("dd", {}, value(name, each))])
      : h("dd", { class: "quiet" }, t("call.no.facts")));
  };

  let row = null;
  let names = new Map();
  const elements = new Map();
  const queue = [];
  let drawing = 0;

  const draw = () => {
    drawing = 0;
    const near = talk.scrollHeight - talk.scrollTop - talk.clientHeight < NEAR_PX;
    for (const line of queue.splice(0)) {
      const made = lineOf(line);
      if (elements.has(line)) elements.get(line).replaceWith(made);
      else talk.append(made);
      elements.set(line, made);
    }
    if (near) talk.scrollTop = talk.scrollHeight;
    drawHead(row, names);
    drawFacts();
  };

  const onEvent = async (_, event) => {
    const line = takeIn(call, event);
    if (line) queue.push(line);
    if (!drawing) drawing = requestAnimationFrame(draw);
    if (["call.ended", "call.resumed", "recording.kept", "recording.deleted"].includes(event.kind)) await settle();
  };

  // What is there only while the call goes on, and what only afterwards.
  let settled = null;
  const settle = async () => {
    row = await get(`calls/${id}`, {}, away.signal);
    const goesOn = row.ended_at === null;
    if (settled !== goesOn) {
      settled = goesOn;
      actions.replaceChildren(...(goesOn && page.may("operator") ? [steering(row, away.signal)] : []));
    }
    await showRecordings();
    showVisits();
  };

  let shown = "";
  const showRecordings = async () => {
    const kept = [...new Set(row.recordings.filter((each) => each.kept_at && !each.deleted_at).map((each) => each.party))];
    if (!page.may("operator") || shown === kept.join()) return;
    shown = kept.join();
    extras.querySelector(".recordings")?.remove();
    if (kept.length) extras.prepend(recordings(id, kept, away.signal));
  };

  const showVisits = () => {
    extras.querySelector(".visits")?.remove();
    if (!row.visits.length) return;
    extras.append(h("section", { class: "visits" }, h("h2", {}, t("call.visits")), h("ul", {}, row.visits.map((visit) =>
      h("li", {}, named("outcome", visit.outcome), " ", h("a", { href: `#/visits?call_id=${id}` }, t("visit.position", { position: visit.position })))))));
  };

  let stop = () => {};
  const begin = async () => {
    names = await condominiums();
    await settle();
    drawHead(row, names);
    drawFacts();
    stop = follow({ call_id: id, after: "0-0" }, { onEvent, onState: page.connection });
  };
  return { element, ready: begin(), leave: () => { away.abort(); stop(); cancelAnimationFrame(drawing); } };
};

const lineOf = (line) => (line.kind === "note"
  ? h("li", { class: `note ${line.what.replaceAll(".", "-")}` }, h("time", { datetime: line.at }, clock(line.at)), " ", wordsOf(line))
  : h("li", { class: `line ${line.who} to-${line.to}${line.live ? " live" : ""}${line.data.ignored ? " ignored" : ""}` },
    h("p", { class: "who" }, speaker(line), " ", h("time", { datetime: line.at }, clock(line.at))),
    h("p", { class: "text" }, line.text || "…"),
    h("p", { class: "measures" }, measures(line))));

const speaker = ({ who, to }) => (who === "agent" ? t(`agent.to.${to}`, {}, to) : t(`who.${who}`, {}, who));

// Latencies as they were measured: whole milliseconds.
const measures = ({ who, live, data }) => {
  const ms = (key, value) => (typeof value === "number" ? t(key, { ms: Math.round(value) }) : null);
  const parts = who === "agent"
    ? [ms("measure.answer", data.voice_to_voice_ms), live ? t("measure.speaking") : null, data.complete === false ? t("measure.cut") : null]
    : [typeof data.confidence === "number" ? t("measure.sure", { percent: Math.round(data.confidence * 100) }) : null,
      ms("measure.end", data.end_of_turn_ms), ms("measure.recognised", data.recognised_in_ms),
      data.ignored ? t("measure.ignored", { why: t(`ignored.${data.ignored}`, {}, data.ignored) }) : null];
  return parts.filter(Boolean).join(" · ");
};

// Does something in the call; what the API says to it is shown and spoken.
const steering = (row, signal) => {
  const said = h("p", { class: "answer", role: "status" });
  const act = async (path, body, done) => {
    said.replaceChildren();
    try {
      await post(`calls/${row.id}/${path}`, body);
      said.className = "answer good";
      said.textContent = done;
    } catch (problem) {
      if (problem.name !== "Problem") throw problem;
      said.className = "answer fault";
      show(said, told(problem.message));
    }
  };
  const say = h("form", { class: "inline" }, field("text", t("act.say.label"), { maxlength: 500, autocomplete: "off", required: true }), submit(t("act.say")), faults());
  onSubmit(say, async ({ text }) => {
    await post(`calls/${row.id}/say`, { text });
    say.reset();
    said.className = "answer good";
    said.textContent = t("act.said");
  });
  const transfer = h("form", { class: "inline" }, field("destination", t("act.transfer.label"), { autocomplete: "off", required: true, maxlength: 32 }), submit(t("act.transfer")), faults());
  onSubmit(transfer, async ({ destination }) => {
    if (!await confirmed(t("act.transfer.sure", { destination }), t("act.transfer"))) return;
    await post(`calls/${row.id}/transfer`, { destination });
    said.className = "answer good";
    said.textContent = t("act.transferred");
  });
  const doors = h("div", { class: "doors" });
  loadDoors(row, doors, act);
  return h("section", { class: "steering", "aria-labelledby": "act-title" },
    h("h2", { id: "act-title" }, t("act")),
    h("div", { class: "row" },
      listenButton(row, signal),
      button(t("act.hangup"), async () => {
        if (await confirmed(t("act.hangup.sure"), t("act.hangup"), "danger")) await act("hangup", null, t("act.hungup"));
      }, { class: "danger" })),
    doors, say, transfer, said);
};

const loadDoors = async (row, place, act) => {
  const query = { condominium_id: row.condominium_id, limit: 100 };
  const { items } = row.condominium_id ? await get("doors", query).catch(() => ({ items: [] })) : { items: [] };
  const choice = h("select", { "aria-label": t("act.door.which") }, h("option", { value: "" }, t("act.door.own")), items.map((each) => h("option", { value: each.name }, each.name)));
  put(place, h("div", { class: "row" }, items.length > 0 && choice, button(t("act.door"), async () => {
    const door = choice.value;
    const question = t("act.door.sure", { door: door || t("act.door.own") });
    if (await confirmed(question, t("act.door"), "danger")) await act("open", door ? { door } : {}, t("act.door.opened"));
  }, { class: "door" })));
};

const listenButton = (row, signal) => {
  let hearing = null;
  const press = async () => {
    if (hearing) return hearing.abort();
    hearing = new AbortController();
    const stop = () => hearing?.abort();
    signal.addEventListener("abort", stop);
    toggle.textContent = t("act.listen.wait");
    toggle.setAttribute("aria-pressed", "true");
    try {
      await listen(row.id, "visitor", hearing.signal, () => { toggle.textContent = t("act.listen.stop"); });
    } catch (problem) {
      if (problem.name !== "Problem" && problem.name !== "TypeError") throw problem;
      speak(problem.message);
      toggle.title = problem.message;
    } finally {
      signal.removeEventListener("abort", stop);
      hearing = null;
      toggle.textContent = t("act.listen");
      toggle.setAttribute("aria-pressed", "false");
    }
    return null;
  };
  const toggle = button(t("act.listen"), press, { "aria-pressed": "false", class: "listen" });
  return toggle;
};

// Fetched with our token when it is asked for: every hearing is in the audit log.
const recordings = (id, parties, signal) => h("section", { class: "recordings" },
  h("h2", {}, t("call.recordings")),
  parties.map((party) => {
    const place = h("div", { class: "recording" });
    const load = async () => {
      show(place, h("p", { class: "quiet" }, t("loading")));
      try {
        const source = await fileOf(`calls/${id}/recording`, { party }, signal);
        signal.addEventListener("abort", () => URL.revokeObjectURL(source));
        const player = h("audio", { controls: true, src: source, "aria-label": t("recording.of", { who: t(`who.${party}`) }) });
        place.replaceChildren(player, h("a", { href: source, download: `${id}-${party}.flac` }, t("recording.save")));
        player.focus();
      } catch (problem) {
        if (problem.name === "AbortError") return;
        if (problem.name !== "Problem") throw problem;
        show(place, h("p", { class: "fault" }, told(problem.message)));
      }
    };
    put(place, button(t("recording.load", { who: t(`who.${party}`) }), load));
    return place;
  }));
