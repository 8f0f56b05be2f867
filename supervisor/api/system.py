"""What machines and newcomers ask without a key: alive, ready, measures, the API's description."""

import json
from collections.abc import Iterable, Sequence
from importlib import resources
from typing import Final

from aiohttp import web
from aiohttp.typedefs import Handler
from prometheus_client import CollectorRegistry

from supervisor.api.backend import Backend
from supervisor.api.problems import AWAY_DETAIL, Problem
from supervisor.database.pool import TROUBLE
from supervisor.exposition import Exposition

METRICS_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
DOCS_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';"
    " media-src blob:;"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
ASSETS: Final = {"docs.html": "text/html", "docs.js": "text/javascript", "docs.css": "text/css"}


def trouble(backend: Backend) -> str | None:
    """Why calls cannot be taken; ``None`` if they can."""
    return backend.starting if backend.ready is None else backend.ready.calls.trouble()


async def readiness(backend: Backend) -> dict[str, str]:
    """What a server that takes calls says of itself: it does so without its database, from memory,
    and a balancer that sent them elsewhere during an outage would find no better place."""
    try:
        async with backend.acquire() as connection:
            await connection.execute("SELECT 1", timeout=2)
    except TROUBLE:
        return {"status": "degraded", "reason": AWAY_DETAIL}
    return {"status": "ready"}


def routes(
    backend: Backend, document: dict[str, object], registry: CollectorRegistry
) -> Sequence[web.RouteDef]:
    """The routes, to be added to an application. ``document`` is the OpenAPI description."""
    described = json.dumps(document, ensure_ascii=False).encode()

    async def healthz(_: web.Request) -> web.Response:
        return web.json_response({"status": "alive"})

    async def readyz(_: web.Request) -> web.Response:
        if (reason := trouble(backend)) is not None:
            raise Problem(503, f"Not ready: {reason}.", headers={"Retry-After": "5"})
        return web.json_response(await readiness(backend))

    async def metrics(_: web.Request) -> web.Response:
        calls = backend.ready.calls if backend.ready else None
        told = Exposition([registry, *backend.registries], calls.expositions if calls else {})
        return web.Response(body=told.text(), headers={"Content-Type": METRICS_TYPE})

    async def openapi(_: web.Request) -> web.Response:
        return web.Response(body=described, content_type="application/json", charset="utf-8")

    return [
        web.get("/healthz", healthz),
        web.get("/readyz", readyz),
        web.get("/metrics", metrics),
        web.get("/api/openapi.json", openapi),
        *_docs(),
    ]


def _docs() -> Iterable[web.RouteDef]:
    """The page and its parts, from the package: it works without the Internet."""
    folder = resources.files("supervisor.api") / "docs"
    for name, media in ASSETS.items():
        body = (folder / name).read_bytes()
        path = "/docs" if name == "docs.html" else f"/docs/{name}"
        yield web.get(path, _asset(body, media))


def _asset(body: bytes, media: str) -> Handler:
    async def answer(_: web.Request) -> web.Response:
        headers = {"Content-Security-Policy": DOCS_POLICY}
        return web.Response(body=body, content_type=media, charset="utf-8", headers=headers)

    return answer
