"""What is answered without a key, and what every answer has."""

import aiohttp
import pytest

from supervisor.api.hosting import hosted
from supervisor.database.embedded import EmbeddedPostgres
from supervisor.database.pool import Pool, connected
from supervisor.errors import OperatorError
from supervisor.exposition import exposed
from supervisor.metrics import Metrics
from supervisor.settings import HttpSettings
from tests.api.serving import Api, Client, NoCalls, cheap_identity, serving


async def test_a_server_that_starts_is_alive_and_not_ready() -> None:
    async with (
        hosted(HttpSettings(port=0), cheap_identity()) as host,
        aiohttp.ClientSession() as session,
    ):
        client = Client(session, f"http://127.0.0.1:{host.port}", None)
        assert (await client.get("/healthz")).status == 200
        ready = await client.get("/readyz")
        assert (ready.status, ready.body["detail"]) == (503, "Not ready: the server is starting.")
        early = await client.get("units")
        assert (early.status, early.headers["Retry-After"]) == (503, "5")


async def test_ready_once_database_and_workers_are(api: Api) -> None:
    stranger = api.stranger()
    assert (await stranger.get("/readyz")).status == 200
    api.calls.reason = "no worker is ready"
    assert (await stranger.get("/readyz")).body["detail"] == "Not ready: no worker is ready."


async def test_calls_are_taken_while_the_database_is_away(
    postgres_server: EmbeddedPostgres, database_url: str, database: Pool
) -> None:
    async with serving(database_url, database) as api:
        name = database_url.rpartition("?")[0].rpartition("/")[2]
        client = await api.client()
        async with connected(postgres_server.url("postgres")) as maintenance:
            await maintenance.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
            await maintenance.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", name
            )
            ready = await api.stranger().get("/readyz")
            assert ready.status == 200
            assert ready.body == {"status": "degraded", "reason": "the database does not answer"}
            assert (await api.stranger().get("/healthz")).status == 200
            await maintenance.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
        assert (await api.stranger().get("/readyz")).body == {"status": "ready"}
        assert (await client.get("units")).status == 200


async def test_metrics_count_requests_by_route_and_never_by_id(api: Api) -> None:
    client = await api.client()
    await client.get("units/00000000-0000-0000-0000-000000000000")
    text = (await api.stranger().get("/metrics")).body
    assert (
        'ramal_http_requests_total{method="GET",route="/api/v1/units/{id}",status="404"} 1.0'
    ) in text
    assert "00000000" not in text


async def test_metrics_of_workers_stand_beside_our_own_under_their_names(api: Api) -> None:
    for name, calls in (("worker-1", 2), ("worker-2", 3)):
        metrics = Metrics()
        metrics.calls_running.set(calls)
        metrics.calls.labels(extension="1001").inc(calls)
        api.calls.expositions[name] = exposed(metrics.registry)
    api.calls.registry = Metrics().registry
    text = (await api.stranger().get("/metrics")).body
    for line in (
        'ramal_calls_running{worker="worker-1"} 2.0',
        'ramal_calls_running{worker="worker-2"} 3.0',
        'ramal_calls_total{extension="1001",worker="worker-2"} 3.0',
        "ramal_worker_restarts_total 0.0",
    ):
        assert line in text
    told = [line for line in text.splitlines() if line.startswith("# TYPE")]
    assert len(told) == len(set(told))


async def test_the_description_is_openapi_31_and_knows_every_path(api: Api) -> None:
    document = (await api.stranger().get("/api/openapi.json")).body
    assert document["openapi"] == "3.1.0"
    assert {"/api/v1/units/{id}", "/api/v1/calls", "/api/v1/events"} <= set(document["paths"])


async def test_the_docs_page_asks_nothing_of_other_machines(api: Api) -> None:
    page = await api.stranger().get("/docs")
    assert page.status == 200
    for asset in ("/docs/docs.js", "/docs/docs.css"):
        assert asset in page.body
        part = await api.stranger().get(asset)
        assert part.status == 200
        assert "http://" not in part.body.replace("https://", "http://")
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nowhere", 404),
        ("GET", "units/no-uuid", 404),
        ("PUT", "units", 405),
        ("TRACE", "/healthz", 405),
    ],
)
async def test_errors_of_the_router_are_problems_too(
    api: Api, method: str, path: str, status: int
) -> None:
    reply = await (await api.client()).send(method, path)
    assert reply.status == status
    assert reply.headers["Content-Type"] == "application/problem+json"
    assert reply.body["status"] == status
    assert reply.body["request_id"] == reply.headers["X-Request-ID"]
    if status == 405:
        assert "GET" in reply.headers["Allow"]


async def test_a_body_that_is_too_large_is_a_problem(api: Api) -> None:
    reply = await (await api.client()).post("tenants", {"name": "x" * 100_000})
    assert (reply.status, reply.body["detail"]) == (413, "The body is too large.")


async def test_a_request_keeps_its_id_if_that_is_harmless(api: Api) -> None:
    stranger = api.stranger()
    kept = await stranger.send("GET", "/healthz", headers={"X-Request-ID": "abc-1"})
    assert kept.headers["X-Request-ID"] == "abc-1"
    other = await stranger.send("GET", "/healthz", headers={"X-Request-ID": "a b"})
    assert other.headers["X-Request-ID"] not in ("", "a b")


async def test_a_defect_is_a_500_that_tells_nothing_of_itself(api: Api) -> None:
    class Broken(NoCalls):
        def trouble(self) -> str | None:
            raise ZeroDivisionError("a secret")

    api.calls.__class__ = Broken
    reply = await api.stranger().get("/readyz")
    assert reply.status == 500
    assert "secret" not in str(reply.body)
    assert reply.body["request_id"]


async def test_a_port_that_is_taken_is_told_in_a_sentence() -> None:
    async with hosted(HttpSettings(port=0), cheap_identity()) as host:
        with pytest.raises(OperatorError, match=r"cannot listen on 127\.0\.0\.1:\d+ .*http\.port"):
            async with hosted(HttpSettings(port=host.port), cheap_identity()):
                pass


async def test_too_many_requests_of_an_address_are_told_when_to_come_again(
    database_url: str, database: Pool
) -> None:
    settings = HttpSettings(port=0, requests_per_minute=3, requests_per_minute_per_key=1)
    async with serving(database_url, database, settings) as api:
        client = await api.client()
        first, second = await client.get("units"), await client.get("units")
        assert (first.status, first.headers["RateLimit-Limit"]) == (200, "1")
        assert first.headers["RateLimit-Remaining"] == "0"
        assert second.status == 429
        assert int(second.headers["Retry-After"]) > 1
        assert (await api.stranger().get("/healthz")).headers["RateLimit-Remaining"] == "0"
        assert (await api.stranger().get("/healthz")).status == 429
