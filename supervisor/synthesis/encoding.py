"""Passages joined into a file: in a process that goes last, where that takes more than copying.

``python -m supervisor.synthesis.encoding`` is that process: what to do as JSON on standard input,
what came of it as JSON on standard output.
"""

import asyncio
import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from supervisor.synthesis.folder import Parts
from supervisor.synthesis.formats import Format, Written, write_file
from tts.going_last import go_last

MODULE: Final = "supervisor.synthesis.encoding"
COMPRESSED: Final[frozenset[Format]] = frozenset({"mp3", "opus"})
"""Opus takes 15 ms of the processor for a second of speech, mp3 4 ms, the others nothing."""
LIMIT_S: Final = 3600.0
"""For an hour and a half of speech, on a machine that leaves us a hundredth of a core."""
_ROOT: Final = Path(__file__).resolve().parents[2]


async def encode(path: Path, form: Format, parts: Path, pauses: Sequence[int]) -> Written:
    """Join the passages in the folder ``parts``, each with so many samples of silence after it,
    into a file at ``path``. Raises ``OSError``; then there is no file."""
    told = {"path": str(path), "form": form, "parts": str(parts), "pauses": list(pauses)}
    if form not in COMPRESSED:
        return await asyncio.to_thread(_carried_out, told)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", MODULE),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        cwd=_ROOT,
    )
    try:
        with suppress(ProcessLookupError):
            go_last(process.pid)
        async with asyncio.timeout(LIMIT_S):
            said, complaint = await process.communicate(json.dumps(told).encode())
    except TimeoutError:
        raise OSError(f"{path.name} was not encoded within {LIMIT_S:g} s") from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode != 0:
        await asyncio.to_thread(path.unlink, missing_ok=True)
        last = complaint.decode(errors="replace").strip().rpartition("\n")[2]
        raise OSError(last or f"encoding {path.name} ended with {process.returncode}")
    found = json.loads(said)
    return Written(bytes.fromhex(found["sha256"]), found["size_bytes"], found["duration_ms"])


def _carried_out(told: dict[str, Any]) -> Written:
    path = Path(told["path"])
    try:
        return write_file(path, told["form"], _joined(Parts(Path(told["parts"])), told["pauses"]))
    except OSError:
        path.unlink(missing_ok=True)
        raise


def _joined(parts: Parts, pauses: Sequence[int]) -> Iterator[bytes]:
    for number, samples in enumerate(pauses):
        yield parts.read(number)
        yield bytes(2 * samples)


def main() -> None:
    """The process; an ``OSError`` is the last line of its standard error, and status 1."""
    try:
        written = _carried_out(json.loads(sys.stdin.buffer.read()))
    except OSError as error:
        sys.exit(str(error))
    found = {
        "sha256": written.sha256.hex(),
        "size_bytes": written.size_bytes,
        "duration_ms": written.duration_ms,
    }
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main()
