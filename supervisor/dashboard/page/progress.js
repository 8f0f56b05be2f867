// How a call goes, put together from its events; nothing is drawn here.

import { t } from "./texts.js";

export const newCall = () => ({
  caller: null, startedAt: null, endedAt: null, endReason: null,
  stage: null, ringing: null, calling: null, joined: false, facts: {}, lines: [],
});

const FACTS = ["intent", "visitor_name", "company", "resident_name", "apartment", "block", "message", "outcome"];
const NOTED = new Set([
  "call_out.started", "call_out.ringing", "call_out.ended", "joined", "parted", "transfer",
  "transfer.failed", "transfer.taken_back", "authorisation.asked", "authorisation", "door.ordered",
  "door.opened", "door.failed", "operator.said", "visit", "emergency", "unknown_unit", "message",
  "no_phone", "undecided", "voice_mail", "wrong_number", "speech.failed", "time_is_up", "gave_up",
  "corrected", "answered", "unanswered", "department.closed", "call.started", "call.resumed", "call.ended", "recording.started",
]);

const spoken = (call, event) => {
  const { party, speaker, text } = event.data;
  const line = { kind: "words", at: event.at, who: speaker, to: party, text, data: event.data, live: false };
  const begun = speaker === "agent"
    && call.lines.find((each) => each.live && each.to === party && each.text === text);
  if (begun) return Object.assign(begun, line, { at: begun.at });
  call.lines.push(line);
  return line;
};

const began = (call, event) => {
  const { party, text } = event.data;
  const line = { kind: "words", at: event.at, who: "agent", to: party, text, data: event.data, live: true };
  call.lines.push(line);
  return line;
};

const CHANGES = {
  "call.started": (call, { data, at }) => { call.caller = data.caller ?? null; call.startedAt = at; },
  "call.resumed": (call, { data }) => { call.caller ??= data.caller ?? null; call.endedAt = call.endReason = null; },
  "call.ended": (call, { data, at }) => { call.endedAt = at; call.endReason = data.reason ?? null; call.joined = false; call.ringing = null; },
  "call_out.started": (call, { data }) => { call.calling = data.phone; call.ringing = null; },
  "call_out.ringing": (call, { data }) => { call.ringing = data.phone; },
  "call_out.ended": (call) => { call.ringing = call.calling = null; },
  joined: (call) => { call.joined = true; },
  parted: (call) => { call.joined = false; },
  state: (call, { data }) => {
    const state = data.state ?? {};
    call.stage = state.stage ?? null;
    for (const name of FACTS) call.facts[name] = state[name] || null;
  },
};

// Takes an event in; returns the line of the conversation that it made or completed, if any.
export const takeIn = (call, event) => {
  if (Object.hasOwn(CHANGES, event.kind)) CHANGES[event.kind](call, event);
  if (event.kind === "turn") return spoken(call, event);
  if (event.kind === "speaking") return began(call, event);
  if (!NOTED.has(event.kind)) return null;
  const line = { kind: "note", at: event.at, what: event.kind, data: event.data };
  call.lines.push(line);
  return line;
};

// Where the call is, in words.
export const whereOf = (call) => {
  if (call.endedAt) return t("where.ended");
  if (call.joined) return t("where.joined");
  if (call.ringing) return t("where.ringing", { phone: call.ringing });
  if (call.calling) return t("where.calling", { phone: call.calling });
  return call.stage ? t(`stage.${call.stage}`, {}, call.stage) : t("where.begun");
};

// A note in words: the event's own facts go into its text.
export const wordsOf = ({ what, data }) => {
  const words = { ...data };
  for (const [name, group] of [["outcome", "outcome"], ["decision", "decision"], ["by", "by"], ["party", "who"]]) {
    if (typeof data[name] === "string") words[name] = t(`${group}.${data[name]}`, {}, data[name]);
  }
  if (what === "call.ended") words.reason = t(`reason.${data.reason}`, {}, data.reason);
  if (what === "call_out.ended") words.outcome = t(`called.${data.outcome}`, {}, data.outcome);
  return t(`event.${what}`, words);
};
