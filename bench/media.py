"""The cost and the punctuality of the media plane: ``python -m bench.media``.

Two servers take the same calls one after the other, in turns: Ramal's media plane (receive,
webrtcvad, send, clock) and a bare floor under uvloop that parses, runs webrtcvad and writes one
frame back. The CPU time is that of the server's own process, user and system; lateness is as the
callers, in another process, see it. Other work on the machine disturbs lateness more than CPU
time, and the ratio less than either; ``--realtime`` (root) keeps it out by running both processes
under SCHED_RR, the class that Asterisk takes with ``-p``.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from typing import Any

CPU_TARGET_US = 26.0
RATIO_TARGET = 2.0
LATE_P99_TARGET_MS = 10.0
FIRST_FRAME_TARGET_MS = 20.0
WARM_UP_S = 1.0
REALTIME_PRIORITY = 5


def _start(*arguments: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "bench.media_roles", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def _line(process: "subprocess.Popen[str]") -> dict[str, Any]:
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line:
        raise RuntimeError("a process of the benchmark ended early; its message stands above")
    answer: dict[str, Any] = json.loads(line)
    return answer


def _ask(process: "subprocess.Popen[str]") -> dict[str, Any]:
    assert process.stdin is not None
    process.stdin.write("?\n")
    process.stdin.flush()
    return _line(process)


def measure(role: str, rate_hz: int, calls: int, seconds: float) -> dict[str, Any]:
    """One server, one process of callers; CPU between two moments in the middle of the calls."""
    rate = str(rate_hz)
    server = _start(role, rate)
    callers: subprocess.Popen[str] | None = None
    try:
        port = _line(server)["port"]
        callers = _start("callers", rate, str(port), str(calls), str(seconds + 2 * WARM_UP_S))
        _line(callers)
        time.sleep(WARM_UP_S)
        before = _ask(server)
        time.sleep(seconds)
        after = _ask(server)
        heard = _line(callers)
    finally:
        for process in filter(None, (callers, server)):
            process.kill()
            process.communicate()
    frames = after["frames"] - before["frames"]
    return {
        **heard,
        "server": after,
        "frames": frames,
        "cpu_us_per_frame": (after["cpu_s"] - before["cpu_s"]) / frames * 1e6,
        "loop_us_per_frame": (after.get("loop_cpu_s", 0) - before.get("loop_cpu_s", 0))
        / frames
        * 1e6,
    }


def run(rate_hz: int, calls: int, seconds: float, rounds: int) -> dict[str, Any]:
    """Both servers in turns; figures are those of the round with the median ratio."""
    results = []
    for _ in range(rounds):
        floor = measure("floor", rate_hz, calls, seconds)
        ramal = measure("ramal", rate_hz, calls, seconds)
        ratio = ramal["cpu_us_per_frame"] / floor["cpu_us_per_frame"]
        results.append({"ratio": ratio, "ramal": ramal, "floor": floor})
    results.sort(key=lambda result: float(result["ratio"]))
    return {
        "calls": calls,
        "rate_hz": rate_hz,
        "seconds": seconds,
        "load_average": os.getloadavg()[0],
        "cores": os.cpu_count(),
        **results[len(results) // 2],
    }


def report(result: dict[str, Any]) -> str:
    """The figures against their targets, for people."""
    ramal, floor = result["ramal"], result["floor"]
    late, first = ramal["late_ms"], ramal["first_frame_ms"]
    cpu_us = ramal["cpu_us_per_frame"]
    return "\n".join(
        (
            f"{result['calls']} calls at {result['rate_hz'] // 1000} kHz, "
            f"{result['seconds']:g} s, {ramal['frames']} frames",
            f"CPU per 20 ms frame   {cpu_us:6.1f} us    target {CPU_TARGET_US:g} us",
            f"bare floor            {floor['cpu_us_per_frame']:6.1f} us",
            f"ratio                 {result['ratio']:6.2f}       target {RATIO_TARGET:g}",
            f"calls per core        {20000 / cpu_us:6.0f}",
            f"frame lateness p50    {late['50']:6.1f} ms",
            f"               p99    {late['99']:6.1f} ms    target {LATE_P99_TARGET_MS:g} ms",
            f"               max    {late['100']:6.1f} ms",
            f"bare floor's p99      {floor['late_ms']['99']:6.1f} ms    the same callers, no clock",
            f"the callers' own timer {ramal['machine_late_ms']['99']:4.1f} ms    late, p99: this "
            "machine's share",
            f"UUID to first frame   {first['50']:6.1f} ms    p50, all calls arriving at once",
            f"                      {first['100']:6.1f} ms    max, target "
            f"{FIRST_FRAME_TARGET_MS:g} ms",
            f"server's own ticks    {ramal['server']['tick_late_p99_ms']:6.1f} ms    late, p99; "
            f"{ramal['server']['tick_spread_p99_ms']:.1f} ms to serve all, p99; "
            f"{ramal['server']['skipped_ticks']} skipped",
            f"load average          {result['load_average']:6.1f}       on {result['cores']} cores"
            + (", kept out by SCHED_RR" if result["realtime"] else ""),
        )
    )


def main() -> None:
    """Parse the command line, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--rate", type=int, default=8000, choices=(8000, 16000))
    parser.add_argument("--realtime", action="store_true")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    if arguments.realtime:
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(REALTIME_PRIORITY))
    result = run(arguments.rate, arguments.calls, arguments.seconds, arguments.rounds)
    result["realtime"] = arguments.realtime
    print(json.dumps(result) if arguments.json else report(result))


if __name__ == "__main__":
    main()
