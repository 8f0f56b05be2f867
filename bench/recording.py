"""What recording adds to the media plane, and what is kept: ``python -m bench.recording``.

The same callers meet the media plane without and with every call recorded, in turns; the ratio is
of the round with the median one. Then two minutes of speech as it is on a call, half of it
silence, are kept in each format that could be.
"""

import argparse
import tempfile
import time
from pathlib import Path

import numpy as np
import soundfile

from audiosocket.slin import Samples
from bench.media import measure
from supervisor.recordings.rendering import WRITTEN_AS

RATE_HZ = 8000
LOOP_TARGET_US = 3.0


def two_minutes() -> Samples:
    """Speech-like noise in turns, left and right, with the hiss of a line under it."""
    rng = np.random.default_rng(1)
    time_s = np.arange(120 * RATE_HZ) / RATE_HZ
    turns = (time_s % 8 < 4).astype(float)
    voice = np.convolve(rng.normal(0, 1, time_s.size), np.hanning(9) / 4, "same") * 2500
    syllables = np.clip(np.sin(time_s * 2 * np.pi * 3) + 0.3, 0, 1)
    hiss = rng.normal(0, 12, (2, time_s.size))
    stereo = np.stack((voice * syllables * turns, voice * syllables * (1 - turns))) + hiss
    return np.ascontiguousarray(np.clip(stereo, -32768, 32767).astype(np.int16).T)


def compare(calls: int, seconds: float, rounds: int) -> None:
    """Without and with recording, in turns."""
    results = []
    for _ in range(rounds):
        before, after = (measure(role, RATE_HZ, calls, seconds) for role in ("ramal", "recorded"))
        results.append((after["cpu_us_per_frame"] / before["cpu_us_per_frame"], before, after))
    ratio, before, after = sorted(results, key=lambda result: result[0])[len(results) // 2]
    print(f"{calls} calls, {seconds:g} s, {after['frames']} frames")
    print(f"CPU per frame, not recorded   {before['cpu_us_per_frame']:6.1f} us")
    print(f"... recorded, thread included {after['cpu_us_per_frame']:6.1f} us   ratio {ratio:.2f}")
    loop = after["loop_us_per_frame"] - before["loop_us_per_frame"]
    print(f"added to the event loop       {loop:6.1f} us   target {LOOP_TARGET_US:g} us")
    for name, result in (("not recorded", before), ("recorded", after)):
        print(f"frame lateness p99, {name:<12}{result['late_ms']['99']:6.1f} ms")


def keep() -> None:
    """Size and time of each format."""
    stereo = two_minutes()
    with tempfile.TemporaryDirectory(prefix="ramal-bench-") as folder:
        for name, (container, subtype) in WRITTEN_AS.items():
            file = Path(folder) / name
            began = time.thread_time()
            soundfile.write(file, stereo, RATE_HZ, subtype, format=container)
            took_ms = (time.thread_time() - began) * 1000 / 120
            size = file.stat().st_size
            print(f"{name:<5} {size / 120 / 1000:6.2f} kB/s {took_ms:6.2f} ms of CPU per second")


def main() -> None:
    """Parse the command line, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    compare(arguments.calls, arguments.seconds, arguments.rounds)
    keep()


if __name__ == "__main__":
    main()
