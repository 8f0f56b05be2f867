"""Every figure, one after the other: ``make bench``, or ``python -m bench calls media``.

Each benchmark prints its own table with the targets beside it. They take what they need of the
machine, so close what else is running; ratios within one run tell more than absolute times.
"""

import argparse
import subprocess
import sys

BENCHMARKS = {
    "calls": ("the wire figures of whole calls", ["bench.calls"]),
    "media": ("the media plane against a bare floor, at 200 calls", ["bench.media"]),
    "bridge": ("visitor and resident joined through us", ["bench.bridge"]),
    "recording": ("what recording adds to a call, and what it leaves", ["bench.recording"]),
    "control": ("database, row to listening, a killed worker", ["bench.control"]),
    "resume": ("a killed worker, as its caller hears it", ["bench.resume"]),
    "memory": ("an idle extension, and a call", ["bench.memory"]),
    "spool": ("entries of calls on disk while the database is away", ["bench.spool"]),
    "api": ("the HTTP API at 50 clients, with 20 calls running", ["bench.api"]),
    "webhooks": ("from an event of a call to the request that tells it", ["bench.webhooks"]),
    "synthesis": ("what a synthesis job costs the calls beside it", ["bench.synthesis"]),
    "recogniser": ("the built-in recogniser", ["stt.training.evaluate"]),
    "whisper": ("Whisper of real sizes with random weights", ["bench.whisper"]),
    "early": ("from the end of speech to its text, with and without", ["bench.early_texts"]),
    "vad": ("voice detection in noise", ["bench.vad"]),
    "tts": ("speech out", ["bench.tts"]),
    "prompts": ("prompts that were rendered before", ["bench.prompts"]),
    "neural": ("neural voices of the real size with random weights", ["bench.neural"]),
    "speech": ("every speech engine at 1 to 16 streams, briefly", ["bench.speech", "--quick"]),
    "xtts": ("XTTS of the real size with random weights", ["bench.xtts"]),
    "engines": ("speech over the engines' socket against in-process", ["bench.engines"]),
    "rules": ("understanding by rules", ["bench.rules"]),
    "conversation": ("who speaks when, on simulated time", ["bench.conversation"]),
    "understanding": ("rules and language model together", ["bench.understanding"]),
}


def main() -> int:
    """Run the chosen benchmarks; 1 if one of them could not be run to its end."""
    listing = "\n".join(f"  {name:<15}{title}" for name, (title, _) in BENCHMARKS.items())
    parser = argparse.ArgumentParser(
        prog="python -m bench",
        description=f"Print Ramal's figures against their targets.\n\n{listing}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="which ones (default: all)")
    names = parser.parse_args().names or list(BENCHMARKS)
    if unknown := [name for name in names if name not in BENCHMARKS]:
        parser.error(f"there is no benchmark {unknown[0]}; choose from {', '.join(BENCHMARKS)}")
    failed = [name for name in names if not _run(name)]
    if failed:
        print(f"\ncould not be finished: {', '.join(failed)}", file=sys.stderr)
    return bool(failed)


def _run(name: str) -> bool:
    title, module = BENCHMARKS[name]
    print(f"\n=== {name}: {title}\n", flush=True)
    return subprocess.run([sys.executable, "-m", *module], check=False).returncode == 0


if __name__ == "__main__":
    sys.exit(main())
