// Events as the server sends them (WHATWG HTML, 9.2), over fetch: EventSource could send no token.
// Goes on after a break where it was; a page that nobody looks at follows nothing.

import { Problem, send } from "./api.js";

const SILENCE_MS = 15_000;  // the server says something every five seconds
const BREAKS = ["Problem", "AbortError", "TypeError"];  // a lost connection is a TypeError
const SHORTEST_MS = 500;
const LONGEST_MS = 15_000;

// Calls onEvent(kind, data) for each event in order, awaiting it, and onState("open" | "lost").
// Returns what stops it.
export const follow = (query, { onEvent, onState }) => {
  let stopped = false;
  let last = "";
  let current = null;
  let wakeUp = () => {};
  const waitUntil = (milliseconds) => new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    wakeUp = () => { clearTimeout(timer); resolve(); };
  });

  const read = async (body) => {
    const reader = body.pipeThrough(new TextDecoderStream()).getReader();
    const silence = { timer: null };
    const heard = () => {
      clearTimeout(silence.timer);
      silence.timer = setTimeout(() => current?.abort(), SILENCE_MS);
    };
    let rest = "";
    try {
      for (;;) {
        heard();
        const { value, done } = await reader.read();
        if (done) return;
        const blocks = (rest + value).split("\n\n");
        rest = blocks.pop();
        for (const block of blocks) await take(block);
      }
    } finally {
      clearTimeout(silence.timer);
    }
  };

  const take = async (block) => {
    const fields = {};
    for (const line of block.split("\n")) {
      const found = /^(id|event|data): ?(.*)$/.exec(line);
      if (found) fields[found[1]] = found[2];
    }
    if (stopped) return;
    if (fields.data !== undefined) await tell(fields.event ?? "message", JSON.parse(fields.data));
    if (fields.id !== undefined) last = fields.id;
  };

  // What a view cannot do with an event is its own fault, and no reason to connect again.
  const tell = async (kind, data) => {
    try {
      await onEvent(kind, data);
    } catch (error) {
      if (!(error instanceof Problem)) reportError(error);
    }
  };

  const run = async () => {
    let delay = SHORTEST_MS;
    while (!stopped) {
      if (document.hidden) {
        await waitUntil(2 ** 31 - 1);
        continue;
      }
      try {
        current = new AbortController();
        const response = await send(`events?${new URLSearchParams(query)}`, {
          signal: current.signal,
          headers: last ? { "Last-Event-ID": last } : {},
        });
        await onState("open");
        delay = SHORTEST_MS;
        await read(response.body);
      } catch (error) {
        if (error.status === 401) return;
        if (!BREAKS.includes(error.name)) throw error;
      } finally {
        current = null;
      }
      if (stopped) return;
      if (!document.hidden) {
        onState("lost");
        await waitUntil(delay * (0.75 + Math.random() / 2));
        delay = Math.min(delay * 2, LONGEST_MS);
      }
    }
  };

  const seen = () => {
    if (document.hidden) current?.abort();
    else wakeUp();
  };
  document.addEventListener("visibilitychange", seen);
  window.addEventListener("online", seen);
  run();
  return () => {
    stopped = true;
    document.removeEventListener("visibilitychange", seen);
    window.removeEventListener("online", seen);
    current?.abort();
    wakeUp();
  };
};
