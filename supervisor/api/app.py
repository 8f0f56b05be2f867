"""The application: every route, and around all of them what each answer has."""

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Final
from uuid import uuid4

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler, Middleware
from prometheus_client import CollectorRegistry, Counter, Histogram

from supervisor.api import (
    account,
    alerts,
    doors,
    events,
    handbooks,
    history,
    keys,
    language_models,
    login,
    recordings,
    steering,
    synthesis_jobs,
    synthesis_progress,
    synthesis_quotas,
    synthesis_results,
    system,
    texts,
    users,
    visit_chains,
    visit_reports,
    visitors,
    visits,
    voices,
    webhook_deliveries,
    webhooks,
)
from supervisor.api.addresses import Network, note_origin
from supervisor.api.backend import Backend
from supervisor.api.crud import endpoints_of
from supervisor.api.directory import RESOURCES
from supervisor.api.endpoint import Endpoint
from supervisor.api.gate import AUDITED, REQUEST_ID, SHARE, WHO, Gate, access_of, too_many
from supervisor.api.limits import RateLimit
from supervisor.api.openapi import describe
from supervisor.api.problems import Problem, problem_of
from supervisor.api.trail import Trail
from supervisor.dashboard import serving as dashboard

ENDPOINTS: Final[tuple[Endpoint, ...]] = (
    *(endpoint for resource in RESOURCES for endpoint in endpoints_of(resource)),
    *endpoints_of(doors.RESOURCE),
    *doors.ENDPOINTS,
    *endpoints_of(visitors.RESOURCE),
    *visitors.ENDPOINTS,
    *texts.ENDPOINTS,
    *handbooks.ENDPOINTS,
    *language_models.ENDPOINTS,
    *keys.ENDPOINTS,
    *endpoints_of(users.USERS),
    *users.ENDPOINTS,
    *login.ENDPOINTS,
    *account.ENDPOINTS,
    *history.ENDPOINTS,
    *steering.ENDPOINTS,
    *recordings.ENDPOINTS,
    *visit_chains.ENDPOINTS,
    *visit_reports.ENDPOINTS,
    *visits.ENDPOINTS,
    *voices.ENDPOINTS,
    *alerts.ENDPOINTS,
    *webhooks.ENDPOINTS,
    *webhook_deliveries.ENDPOINTS,
    *synthesis_jobs.ENDPOINTS,
    *synthesis_results.ENDPOINTS,
    *synthesis_progress.ENDPOINTS,
    *synthesis_quotas.ENDPOINTS,
    *events.ENDPOINTS,
)
LARGEST_BODY_BYTES: Final = 64 * 1024
_UUID: Final = "[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
_NAME: Final = "[a-z_.]+"
_REQUEST_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Allowed:
    """Requests per minute, all of which may come at once."""

    per_key: int = 1200
    per_address: int = 2400


class HttpMetrics:
    """What is counted of requests."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "ramal_http_requests",
            "Requests answered",
            ["method", "route", "status"],
            registry=self.registry,
        )
        self.seconds = Histogram(
            "ramal_http_request_seconds",
            "From the request's head to its answer's end",
            ["route"],
            registry=self.registry,
        )


def make_app(
    backend: Backend,
    trail: Trail,
    allowed: Allowed | None = None,
    trusted: Sequence[Network] = (),
) -> web.Application:
    """The API on ``backend``, which may be filled later; ``trusted`` proxies tell addresses."""
    allowed = allowed or Allowed()
    metrics = HttpMetrics()
    outer = _outer(RateLimit(allowed.per_address), trail, metrics, trusted)
    app = web.Application(client_max_size=LARGEST_BODY_BYTES, middlewares=[outer])
    app.on_response_prepare.append(_add_headers)
    gate = Gate(backend, RateLimit(allowed.per_key), trail)
    app.add_routes(_routes(gate, ENDPOINTS))
    app.add_routes(system.routes(backend, describe(ENDPOINTS, version("ramal")), metrics.registry))
    app.add_routes(dashboard.routes())
    return app


def _routes(gate: Gate, endpoints: Sequence[Endpoint]) -> list[web.RouteDef]:
    return [
        web.route(
            endpoint.method,
            _pattern(endpoint),
            gate.handler(endpoint),
        )
        for endpoint in endpoints
    ]


def _pattern(endpoint: Endpoint) -> str:
    """The path with what may stand in it; a name that is not known is the endpoint's to refuse."""

    def part(found: re.Match[str]) -> str:
        name = found.group(1)
        return f"{{{name}:{_NAME if name in endpoint.names else _UUID}}}"

    return re.sub(r"\{(\w+)\}", part, endpoint.path)


def _outer(
    limit: RateLimit, trail: Trail, metrics: HttpMetrics, trusted: Sequence[Network]
) -> Middleware:
    @web.middleware
    async def around(request: web.Request, handler: Handler) -> web.StreamResponse:
        began = time.monotonic()
        given = request.headers.get("X-Request-ID", "")
        request[REQUEST_ID] = given if _REQUEST_ID.fullmatch(given) else str(uuid4())
        try:
            share = request[SHARE] = limit.take(note_origin(request, trusted), began)
            if share.retry_after_s:
                raise too_many(share)
            response = await handler(request)
        except Exception as error:
            response = _told(request, error)
        if WHO in request and AUDITED not in request:
            await trail.add(access_of(request, response.status))
        route = _route(request)
        metrics.requests.labels(request.method, route, response.status).inc()
        metrics.seconds.labels(route).observe(time.monotonic() - began)
        return response

    return around


def _told(request: web.Request, error: Exception) -> web.StreamResponse:
    """What an error is answered; a defect of ours is logged, and nothing of it told."""
    if isinstance(error, web.HTTPException) and error.status < 400:
        raise error
    problem = problem_of(error)
    if problem is None:
        _log.exception("http.failed", request_id=request[REQUEST_ID], path=request.path)
        problem = Problem(500, "This is a defect of ours; the log has it under this request_id.")
    return problem.response(request[REQUEST_ID])


def _route(request: web.Request) -> str:
    """The route's form, never a path with ids in it: a label must have few values."""
    resource = request.match_info.route.resource
    return re.sub(r":[^/]*\}", "}", resource.canonical) if resource else "none"


async def _add_headers(request: web.Request, response: web.StreamResponse) -> None:
    response.headers["X-Request-ID"] = request.get(REQUEST_ID, "")
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers.setdefault("Cache-Control", "no-store")
    if (share := request.get(SHARE)) is not None:
        response.headers.update(share.headers)
