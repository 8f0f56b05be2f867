"""Recordings from strangers are decoded in a process of their own, with bounds on what it takes:
``python -m supervisor.voices.preparing reference|any FILE FLAC``."""

import asyncio
import json
import os
import resource
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

LARGEST_FILE_BYTES: Final = 25 << 20
"""Two minutes of stereo at 48 kHz and 16 bit."""
LARGEST_CONSENT_BYTES: Final = 5 << 20
LIMIT_S: Final = 60.0
CPU_S: Final = 45
MEMORY_BYTES: Final = 3 << 30
"""Of addresses, most of which numpy's libraries reserve and never use."""
FILE_BYTES: Final = 64 << 20


class RefusedRecordingError(Exception):
    """The recording cannot be used; the message says why, in one sentence without a subject."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A reference made ready: see :class:`tts.reference_audio.Reference`."""

    flac: bytes
    duration_s: float
    warnings: tuple[str, ...]
    measures: Mapping[str, float]


async def prepare_recording(file: Path) -> Prepared:
    """A reference from a file that anybody may have sent; ``file`` is in a folder of its own.

    Raises :class:`RefusedRecordingError`.
    """
    flac = file.with_suffix(".prepared")
    told = await _ask("reference", file, flac)
    content = await asyncio.to_thread(flac.read_bytes)
    return Prepared(content, told["duration_s"], tuple(told["warnings"]), told["measures"])


async def check_audio(file: Path) -> None:
    """Raises :class:`RefusedRecordingError` where a file is no audio at all."""
    await _ask("any", file, file.with_suffix(".unused"))


async def _ask(kind: str, file: Path, flac: Path) -> dict[str, Any]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", __name__, kind, str(file), str(flac)),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env={"PATH": os.environ.get("PATH", ""), "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    try:
        async with asyncio.timeout(LIMIT_S):
            said, _ = await process.communicate()
    except TimeoutError:
        raise RefusedRecordingError("it takes too long to decode; send wav or flac") from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        raise RefusedRecordingError("it cannot be decoded; send wav or flac")
    told: dict[str, Any] = json.loads(said)
    if (reason := told.get("refused")) is not None:
        raise RefusedRecordingError(reason)
    return told


def main(kind: str, file: Path, flac: Path) -> None:
    """The process: JSON on standard output, the reference in ``flac``."""
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
    resource.setrlimit(resource.RLIMIT_FSIZE, (FILE_BYTES, FILE_BYTES))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    from tts.reference_audio import (  # noqa: PLC0415 - within the bounds
        UnusableReferenceError,
        check_readable,
        prepare_reference,
    )

    try:
        if kind == "any":
            check_readable(file)
            told: dict[str, Any] = {}
        else:
            reference = prepare_reference(file)
            flac.write_bytes(reference.flac)
            told = {
                "duration_s": reference.duration_s,
                "warnings": reference.warnings,
                "measures": dict(reference.measures),
            }
    except UnusableReferenceError as refused:
        told = {"refused": str(refused)}
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
