"""Which bytes of something a request asks for (RFC 9110, 14)."""

from dataclasses import dataclass

from aiohttp import hdrs, web

from supervisor.api.problems import Problem


@dataclass(frozen=True, slots=True)
class Part:
    """From ``start`` up to ``stop`` of ``size`` bytes; ``is_whole`` where no part was asked for."""

    start: int
    stop: int
    size: int
    is_whole: bool

    @property
    def status(self) -> int:
        """Of the answer."""
        return 200 if self.is_whole else 206

    @property
    def headers(self) -> dict[str, str]:
        """... and what else it says."""
        told: dict[str, str] = {hdrs.ACCEPT_RANGES: "bytes"}
        if not self.is_whole:
            told[hdrs.CONTENT_RANGE] = f"bytes {self.start}-{self.stop - 1}/{self.size}"
        return told


def part_of(request: web.Request, size: int, etag: str) -> Part:
    """What is asked for of something of ``size`` bytes that has this ``etag``.

    Raises ``Problem`` (416) for a range that it does not have.
    """
    if request.headers.get(hdrs.IF_RANGE, etag) != etag:
        return Part(0, size, size, is_whole=True)  # a part of what the client has no more
    try:
        asked = request.http_range
    except ValueError:
        raise _outside(size) from None
    if asked.start is None and asked.stop is None:
        return Part(0, size, size, is_whole=True)
    start, stop, _ = asked.indices(size)
    if start >= stop:
        raise _outside(size)
    return Part(start, stop, size, is_whole=False)


def _outside(size: int) -> Problem:
    return Problem(
        416,
        f"There are {size} bytes, and none in this range.",
        headers={hdrs.CONTENT_RANGE: f"bytes */{size}"},
    )
