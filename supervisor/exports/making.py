"""A report made in a process of its own: neither the API's event loop nor its memory notices.

``python -m supervisor.exports.making FORMAT FILE`` reads JSON lines: the report, then its entries.
"""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final, Literal, TextIO, TypeAlias

from supervisor.exports.report import Report, TooLongError, WriteVisit

Format: TypeAlias = Literal["xlsx", "pdf"]
TOO_LONG: Final = 3
"""Exit status."""
LIMIT_S: Final = 300.0


class MakingFailedError(Exception):
    """The process ended without a file; the message is what it said last."""


async def make_report(
    wanted: Format, file: Path, report: Report, visits: AsyncIterator[Mapping[str, Any]]
) -> None:
    """Make ``file``. Raises :class:`TooLongError`, :class:`MakingFailedError`, ``TimeoutError``."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "supervisor.exports.making", wanted, str(file)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(LIMIT_S):
            said = await _feed(process, report, visits)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode == TOO_LONG:
        raise TooLongError(said)
    if process.returncode != 0:
        raise MakingFailedError(said or f"status {process.returncode}")


async def _feed(
    process: asyncio.subprocess.Process, report: Report, visits: AsyncIterator[Mapping[str, Any]]
) -> str:
    """Returns the last line of what the process complained of."""
    assert process.stdin is not None and process.stderr is not None
    complaint = asyncio.create_task(process.stderr.read())
    try:
        process.stdin.write(_line(asdict(report)))
        async for visit in visits:
            process.stdin.write(_line(visit))
            await process.stdin.drain()
        process.stdin.close()
    except (BrokenPipeError, ConnectionResetError):
        pass  # it ended early, and says why
    said = (await complaint).decode(errors="replace").strip()
    await process.wait()
    return said.splitlines()[-1] if said else ""


def _line(data: Mapping[str, Any]) -> bytes:
    return json.dumps(data, ensure_ascii=False, default=str).encode() + b"\n"


def writer_of(wanted: Format) -> Callable[[Path, Report], AbstractContextManager[WriteVisit]]:
    """What writes a format; loads its library only now."""
    if wanted == "pdf":
        from supervisor.exports.printed import printed  # noqa: PLC0415

        return printed
    from supervisor.exports.spreadsheet import spreadsheet  # noqa: PLC0415

    return spreadsheet


def make_from_lines(wanted: Format, file: Path, lines: TextIO) -> None:
    """The work of the process. Raises ``OSError`` and :class:`TooLongError`."""
    entries: Iterator[Any] = map(json.loads, lines)
    report = Report.from_json(next(entries))
    with writer_of(wanted)(file, report) as write:
        for visit in entries:
            write(visit)


def main() -> None:
    """The entry point of the process."""
    wanted: Format = "pdf" if sys.argv[1] == "pdf" else "xlsx"
    try:
        make_from_lines(wanted, Path(sys.argv[2]), sys.stdin)
    except TooLongError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(TOO_LONG)


if __name__ == "__main__":
    main()
