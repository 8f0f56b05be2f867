"""Spoken sentences for tests: ``say("bom dia")`` is int16 mono at 8 kHz, as a telephone hears it.

``say(text, voice="pt-br", rate=180, pitch=50)`` runs espeak-ng in a process of its own, so it may
be called from any thread and beside anything. ``voice`` is espeak-ng's name, with a variant if
you like (``pt-br+f2``, ``en-us``, ``es-419``); ``rate`` is its words per minute; ``pitch`` 0..99.
There is no silence around the speech, whose level is -20 dBFS. Each sentence is made once and
kept in the machine's temporary folder, for as long as the code that makes it stays as it is.
"""

import hashlib
import os
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from tts.espeak_messages import HEADER, FrameKind, Request, encode_request

RATE_HZ = 8000
_ROOT = Path(__file__).resolve().parent.parent


def say(text: str, voice: str = "pt-br", rate: int = 180, pitch: int = 50) -> npt.NDArray[np.int16]:
    """``text`` as it is: no normalising, so write numbers out where it matters."""
    request = Request(1, text, voice, rate, pitch)
    asked = f"Request(number=1, {text=}, {voice=}, words_per_minute={rate}, {pitch=})"
    kept = _folder() / (hashlib.sha256(f"{_edition()} {asked}".encode()).hexdigest() + ".npy")
    if not kept.exists():
        with tempfile.NamedTemporaryFile(dir=kept.parent, delete=False) as making:
            np.save(making, _speak(request))
        Path(making.name).replace(kept)
    return np.asarray(np.load(kept), np.int16)


def silence(duration_ms: int) -> npt.NDArray[np.int16]:
    """Digital silence, to put around and between what is said."""
    return np.zeros(duration_ms * RATE_HZ // 1000, np.int16)


@cache
def _edition() -> str:
    """Changes with the code that speaks, so that nobody is tested on what it used to say."""
    sources = ("espeak_worker.py", "espeak_program.py", "espeak_library.py", "shaping.py")
    digest = hashlib.sha256()
    for source in sources:
        digest.update((_ROOT / "tts" / source).read_bytes())
    return digest.hexdigest()


def _folder() -> Path:
    folder = Path(tempfile.gettempdir()) / f"ramal-test-speech-{os.getuid()}"
    folder.mkdir(exist_ok=True)
    return folder


def _speak(request: Request) -> npt.NDArray[np.int16]:
    done = subprocess.run(
        [sys.executable, "-m", "tts.espeak_worker"],
        input=encode_request(request),
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(_ROOT)},
        timeout=60,
        check=False,
    )
    audio, at = [], 0
    while at < len(done.stdout):
        _, kind, length = HEADER.unpack_from(done.stdout, at)
        payload = done.stdout[at + HEADER.size : at + HEADER.size + length]
        at += HEADER.size + length
        if kind in (FrameKind.FAILED, FrameKind.UNUSABLE):
            raise RuntimeError(payload.decode())
        if kind == FrameKind.AUDIO:
            audio.append(payload)
    return np.frombuffer(b"".join(audio), "<i2").astype(np.int16)
