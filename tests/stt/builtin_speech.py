"""Many sentences spoken at once for the built-in recogniser's tests, in one other process.

Run as a program it reads ``[[text, voice], ...]`` as JSON and writes an npz of int16 at 8 kHz.
"""

import io
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.int16]
_ROOT = Path(__file__).resolve().parents[2]
_PAUSE = np.zeros(2000, np.int16)


def spoken(sentences: list[tuple[str, str]]) -> list[Samples]:
    """Each (text, espeak-ng voice) with a quarter of a second of silence around it."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.stt.builtin_speech"],
        input=json.dumps(sentences).encode(),
        stdout=subprocess.PIPE,
        cwd=_ROOT,
        timeout=60,
        check=True,
    )
    loaded = np.load(io.BytesIO(done.stdout))
    return [np.concatenate((_PAUSE, loaded[f"{i}"], _PAUSE)) for i in range(len(sentences))]


def _main() -> None:
    # only the helper process loads libespeak-ng, which is not thread-safe
    from stt.training.synthesis import Espeak  # noqa: PLC0415
    from stt.training.voices import Delivery  # noqa: PLC0415

    espeak = Espeak()
    clips = {}
    for i, (text, voice) in enumerate(json.loads(sys.stdin.read())):
        language, _, variant = voice.partition("+")
        clips[f"{i}"] = espeak.speak(text, Delivery(language, variant))
    held = io.BytesIO()
    np.savez(held, **clips)
    sys.stdout.buffer.write(held.getvalue())


if __name__ == "__main__":
    _main()
