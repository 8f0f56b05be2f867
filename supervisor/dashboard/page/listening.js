// A call's audio as it is spoken: WAV without an end, played some tenths of a second later.

import { send } from "./api.js";

const HEADER_BYTES = 44;
const RATE_HZ = 8000;  // of /calls/{id}/listen, whatever the call's
const FRAME_BYTES = 4;  // two channels of 16 bits: left is the party, right is what it hears
const CUSHION_S = 0.25;
const LATEST_S = 1.0;

// Resolves when the call is over or `signal` says so; onSound is told of the first sound.
export const listen = async (id, party, signal, onSound) => {
  const context = new AudioContext();
  try {
    await context.resume();
    const response = await send(`calls/${id}/listen?party=${party}`, { signal });
    const reader = response.body.getReader();
    let rest = new Uint8Array(0);
    let skipped = 0;
    let next = 0;
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      let bytes = value;
      if (skipped < HEADER_BYTES) {
        const cut = Math.min(HEADER_BYTES - skipped, bytes.length);
        skipped += cut;
        bytes = bytes.subarray(cut);
      }
      const joined = new Uint8Array(rest.length + bytes.length);
      joined.set(rest);
      joined.set(bytes, rest.length);
      const whole = joined.length - (joined.length % FRAME_BYTES);
      rest = joined.slice(whole);
      if (whole === 0) continue;
      if (next === 0) onSound();
      next = play(context, new DataView(joined.buffer, 0, whole), next);
    }
  } catch (error) {
    if (error.name !== "AbortError") throw error;
  } finally {
    await context.close();
  }
};

// Both sides in both ears, the party a little to the left. Late sound is caught up with by a cut.
const play = (context, samples, planned) => {
  const now = context.currentTime;
  const at = planned < now || planned > now + LATEST_S ? now + CUSHION_S : planned;
  const frames = samples.byteLength / FRAME_BYTES;
  const buffer = context.createBuffer(2, frames, RATE_HZ);
  const [left, right] = [buffer.getChannelData(0), buffer.getChannelData(1)];
  for (let frame = 0; frame < frames; frame += 1) {
    const party = samples.getInt16(frame * FRAME_BYTES, true) / 32768;
    const heard = samples.getInt16(frame * FRAME_BYTES + 2, true) / 32768;
    left[frame] = party + heard * 0.6;
    right[frame] = heard + party * 0.6;
  }
  const source = context.createBufferSource();
  source.buffer = buffer;
  source.connect(context.destination);
  source.start(at);
  return at + frames / RATE_HZ;
};
