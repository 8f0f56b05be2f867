"""Serves the dashboard's files: small, kept in memory, and with a policy that lets nothing else in.

The page may fetch nothing but from us, and may turn no text into markup: what a visitor says is
shown as text whatever it holds.
"""

import gzip
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Final

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler

POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self';"
    " media-src blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none';"
    " require-trusted-types-for 'script'; trusted-types 'none'"
)
FIRST: Final = "index.html"
FOLDER: Final = "/dashboard/"
MEDIA: Final = {
    ".css": "text/css",
    ".html": "text/html",
    ".js": "text/javascript",
    ".json": "application/json",
    ".svg": "image/svg+xml",
}


@dataclass(frozen=True, slots=True)
class Asset:
    """A file of the page, as it is and as it is sent to those who unpack."""

    body: bytes
    packed: bytes
    media: str
    etag: str


def assets() -> dict[str, Asset]:
    """The page's files by name."""
    files = (resources.files("supervisor.dashboard") / "page").iterdir()
    return {
        file.name: _asset(file.read_bytes(), media)
        for file in sorted(files, key=lambda each: each.name)
        if (media := MEDIA.get(f".{file.name.rpartition('.')[2]}")) is not None
    }


def routes() -> Sequence[web.RouteDef]:
    """``/`` and what it is made of."""
    return [
        web.get("/" if name == FIRST else FOLDER + name, _handler(asset))
        for name, asset in assets().items()
    ]


def _asset(body: bytes, media: str) -> Asset:
    digest = hashlib.sha256(body).hexdigest()[:16]
    return Asset(body, gzip.compress(body, 9, mtime=0), media, f'W/"{digest}"')


def _handler(asset: Asset) -> Handler:
    headers = {
        hdrs.CONTENT_SECURITY_POLICY: POLICY,
        hdrs.CACHE_CONTROL: "no-cache",
        hdrs.ETAG: asset.etag,
        hdrs.VARY: hdrs.ACCEPT_ENCODING,
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Opener-Policy": "same-origin",
    }

    async def answer(request: web.Request) -> web.Response:
        if request.headers.get(hdrs.IF_NONE_MATCH) == asset.etag:
            return web.Response(status=304, headers=headers)
        unpacks = "gzip" in request.headers.get(hdrs.ACCEPT_ENCODING, "")
        return web.Response(
            body=asset.packed if unpacks else asset.body,
            content_type=asset.media,
            charset=None if asset.media == MEDIA[".svg"] else "utf-8",
            headers={**headers, hdrs.CONTENT_ENCODING: "gzip"} if unpacks else headers,
        )

    return answer
