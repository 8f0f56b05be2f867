"""Deliveries over real HTTP, from a real queue: in order, again where they failed, and once."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from uuid import UUID

import pytest
from aiohttp import web

from conversation.journal import Entry
from supervisor.alarms import Alarm, Alarms
from supervisor.database import job_queue
from supervisor.database.pool import Pool
from supervisor.database.records import store_entries
from supervisor.metrics import Metrics
from supervisor.outgoing.signature import new_secret, signed
from supervisor.settings import OutgoingSettings, WebhookSettings
from supervisor.webhooks import delivering, upkeep
from supervisor.webhooks.delivering import LAST_RETRY_S, backoff
from supervisor.webhooks.lanes import LANES
from tests.supervisor.serving import eventually
from tests.webhooks.endpoints import Call, add_endpoint, add_place
from tests.webhooks.receivers import Receiver, a_courier, receiving


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as receiver:
        yield receiver


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """What failed is tried again at once, rather than in seconds."""
    monkeypatch.setattr(delivering, "FIRST_RETRY_S", 0.05)


async def _store(pool: Pool, entries: Sequence[Entry]) -> None:
    async with pool.acquire() as connection:
        await store_entries(connection, entries)


async def _states(pool: Pool, endpoint_id: UUID) -> dict[str, int]:
    rows = await pool.fetch(
        "SELECT state, count(*) FROM webhook_deliveries WHERE endpoint_id = $1 GROUP BY state",
        endpoint_id,
    )
    return {row["state"]: row["count"] for row in rows}


async def test_a_calls_events_come_signed_in_order_and_once(
    database: Pool, database_url: str, receiver: Receiver
) -> None:
    secret = new_secret()
    endpoint = await add_endpoint(database, receiver.url, secret=secret)
    call = Call(await add_place(database))
    async with a_courier(database_url):
        await _store(database, [call.started(), *(call.turn(str(n)) for n in range(20))])
        await _store(database, [call.ended()])
        came = await receiver.until(22)
        await eventually(lambda: _states(database, endpoint), lambda at: at == {"delivered": 22})
    assert [each.message["sequence"] for each in came] == list(range(1, 23))
    assert len({each.headers["Webhook-Id"] for each in came}) == 22
    for each in came:
        assert each.headers["Content-Type"] == "application/json"
        assert each.headers["Webhook-Id"] == each.message["id"]
        assert each.headers["Ramal-Event"] == each.type
        sent = int(each.headers["Webhook-Timestamp"])
        expected = signed(each.message["id"], sent, each.body, [secret])
        assert each.headers["Webhook-Signature"] == expected["Webhook-Signature"]
    assert await database.fetchval("SELECT count(*) FROM pgqueuer") == 0


async def test_what_failed_comes_again_with_the_same_id_and_a_log_of_each_attempt(
    database: Pool, database_url: str, receiver: Receiver, soon: None
) -> None:
    endpoint = await add_endpoint(database, receiver.url)
    call = Call(await add_place(database))

    async def fail_twice(_: web.Request) -> web.StreamResponse:
        if len(receiver.came) < 3:
            return web.Response(status=500, text="out of order\0" + "x" * 10_000)
        return web.Response(status=204)

    receiver.answer = fail_twice
    async with a_courier(database_url):
        await _store(database, [call.started()])
        came = await receiver.until(3)
        await eventually(lambda: _states(database, endpoint), lambda at: at == {"delivered": 1})
    assert len({each.headers["Webhook-Id"] for each in came}) == 1
    assert [each.headers["Ramal-Attempt"] for each in came] == ["1", "2", "3"]
    attempts = await database.fetch("SELECT * FROM webhook_attempts ORDER BY number")
    assert [each["status"] for each in attempts] == [500, 500, 204]
    assert attempts[0]["error"] == "It was answered 500."
    assert attempts[0]["response"].startswith("out of order\ufffdxxx")
    assert len(attempts[0]["response"]) == 500
    assert attempts[2]["error"] is None
    assert all(each["latency_ms"] > 0 for each in attempts)
    assert await database.fetchval("SELECT failing_since FROM webhook_endpoints") is None


async def _hang(_: web.Request) -> web.StreamResponse:
    await asyncio.Event().wait()
    raise AssertionError


async def _close(request: web.Request) -> web.StreamResponse:
    assert request.transport is not None
    request.transport.close()
    return web.Response()


async def _redirect(_: web.Request) -> web.StreamResponse:
    return web.Response(status=307, headers={"Location": "/elsewhere"})


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (_hang, "No answer came within 0.3 s."),
        (_close, "The connection ended before an answer came."),
        (_redirect, "It was answered 307, and redirections are not followed."),
    ],
)
async def test_a_receiver_that_hangs_closes_or_redirects_has_failed(
    database: Pool, database_url: str, receiver: Receiver, answer: object, says: str
) -> None:
    endpoint = await add_endpoint(database, receiver.url)
    receiver.answer = answer  # type: ignore[assignment]
    async with a_courier(database_url, webhooks=WebhookSettings(request_limit_s=0.3)):
        await _store(database, [Call(await add_place(database)).started()])
        error = await eventually(
            lambda: database.fetchval("SELECT error FROM webhook_attempts"), bool
        )
        assert error == says
        assert await _states(database, endpoint) == {"queued": 1}
        due = await database.fetchval("SELECT next_attempt_at - now() FROM webhook_deliveries")
        assert 0 < due.total_seconds() <= 5
        assert await database.fetchval("SELECT failing_since FROM webhook_endpoints") is not None


async def test_a_receiver_may_say_when_to_come_again(
    database: Pool, database_url: str, receiver: Receiver
) -> None:
    await add_endpoint(database, receiver.url)

    async def busy(_: web.Request) -> web.StreamResponse:
        return web.Response(status=429, headers={"Retry-After": "600"})

    receiver.answer = busy
    async with a_courier(database_url):
        await _store(database, [Call(await add_place(database)).started()])
        due = await eventually(
            lambda: database.fetchval("SELECT next_attempt_at - now() FROM webhook_deliveries"),
            bool,
        )
    assert 590 < due.total_seconds() <= 600


async def test_a_private_address_gets_no_request(
    database: Pool, database_url: str, receiver: Receiver
) -> None:
    await add_endpoint(database, receiver.url)
    async with a_courier(database_url, outgoing=OutgoingSettings(allow_http=True)):
        await _store(database, [Call(await add_place(database)).started()])
        error = await eventually(
            lambda: database.fetchval("SELECT error FROM webhook_attempts"), bool
        )
    assert "not a public one" in error
    assert receiver.came == []


async def test_a_slow_endpoint_keeps_nobody_else_waiting_and_is_asked_little_at_once(
    database: Pool, database_url: str, receiver: Receiver
) -> None:
    place = await add_place(database)
    enough = asyncio.Event()

    async def answer_late(_: web.Request) -> web.StreamResponse:
        await enough.wait()
        return web.Response()

    async with receiving() as slow:
        slow.answer = answer_late
        await add_endpoint(database, slow.url)
        await add_endpoint(database, receiver.url)
        async with a_courier(database_url, webhooks=WebhookSettings(request_limit_s=100)):
            await _store(database, [Call(place).started() for _ in range(40)])
            await slow.until(LANES)
            await receiver.until(40)
            assert len(slow.came) == slow.now == LANES
            enough.set()
            await slow.until(40)
            assert slow.most == LANES


async def test_what_is_given_up_is_dead_and_told_and_can_be_sent_again(
    database: Pool, database_url: str, receiver: Receiver
) -> None:
    endpoint = await add_endpoint(database, receiver.url)
    receiver.status = 503
    told: list[Alarm] = []
    alarms = Alarms(Metrics())
    brief = WebhookSettings(give_up_after_h=0.0001)
    with alarms.heard_by(told.append):
        async with a_courier(database_url, webhooks=brief, alarms=alarms):
            await _store(database, [Call(await add_place(database)).started()])
            await eventually(lambda: _states(database, endpoint), lambda at: at == {"dead": 1})
            assert [(each.kind, each.subject) for each in told] == [
                ("webhook.gave_up", str(endpoint))
            ]
            assert "127.0.0.1" in told[0].text
            assert "/hook" not in told[0].text, "a path may hold a secret"
            receiver.status = 200
            await database.execute(
                "UPDATE webhook_deliveries SET state = 'queued', job_id = NULL, queued_at = now()"
            )
            await eventually(lambda: _states(database, endpoint), lambda at: at == {"delivered": 1})
    assert (told[-1].kind, told[-1].over) == ("webhook.gave_up", True)
    assert len(receiver.came) == 2


async def test_an_endpoint_that_fails_for_long_is_disabled_with_an_alarm(
    database: Pool, database_url: str, receiver: Receiver, soon: None
) -> None:
    endpoint = await add_endpoint(database, receiver.url)
    receiver.status = 410
    told: list[Alarm] = []
    alarms = Alarms(Metrics())
    brief = WebhookSettings(disable_after_h=0.5 / 3600)
    with alarms.heard_by(told.append):
        async with a_courier(database_url, webhooks=brief, alarms=alarms):
            await _store(database, [Call(await add_place(database)).started()])
            await eventually(
                lambda: database.fetchval("SELECT disabled_reason FROM webhook_endpoints"), bool
            )
            row = await database.fetchrow("SELECT enabled, disabled_reason FROM webhook_endpoints")
            assert row["enabled"] is False
            assert "410" in row["disabled_reason"]
            assert [each.kind for each in told] == ["webhook.disabled"]
            # enabled again, it gets what waited
            receiver.status = 200
            await database.execute("UPDATE webhook_endpoints SET enabled = true")
            await eventually(lambda: _states(database, endpoint), lambda at: at == {"delivered": 1})
    row = await database.fetchrow("SELECT disabled_reason, failing_since FROM webhook_endpoints")
    assert (row["disabled_reason"], row["failing_since"]) == (None, None)


async def test_a_server_that_stops_waits_little_and_its_successor_sends_it_at_once(
    database: Pool, database_url: str, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("supervisor.webhooks.courier.FAREWELL_S", 0.1)
    endpoint = await add_endpoint(database, receiver.url)
    receiver.answer = _hang
    async with a_courier(database_url, webhooks=WebhookSettings(request_limit_s=600)):
        await _store(database, [Call(await add_place(database)).started()])
        await receiver.until(1)
    assert await database.fetchval("SELECT status::text FROM pgqueuer") == "queued"
    receiver.answer = None
    async with a_courier(database_url):
        await eventually(lambda: _states(database, endpoint), lambda at: at == {"delivered": 1})
    assert len({each.headers["Webhook-Id"] for each in receiver.came}) == 1


async def test_both_secrets_sign_while_one_is_replaced(
    database: Pool, database_url: str, receiver: Receiver
) -> None:
    new, old = new_secret(), new_secret()
    await add_endpoint(database, receiver.url, secret=new)
    await database.execute(
        "UPDATE webhook_endpoints SET previous_secret = $1, previous_until = now() + '1 h'", old
    )
    place = await add_place(database)
    async with a_courier(database_url):
        await _store(database, [Call(place).started()])
        await receiver.until(1)
        await database.execute("UPDATE webhook_endpoints SET previous_until = now()")
        await _store(database, [Call(place).started()])
        during, after = await receiver.until(2)
    for received, secrets in ((during, [new, old]), (after, [new])):
        sent = int(received.headers["Webhook-Timestamp"])
        expected = signed(received.message["id"], sent, received.body, secrets)
        assert received.headers["Webhook-Signature"] == expected["Webhook-Signature"]


async def test_two_machines_share_the_work_and_double_nothing(
    database: Pool, database_url: str, receiver: Receiver
) -> None:
    endpoint = await add_endpoint(database, receiver.url)
    place = await add_place(database)
    calls = [Call(place) for _ in range(20)]
    async with a_courier(database_url), a_courier(database_url):
        for step in (Call.started, Call.turn, Call.ended):
            await _store(database, [step(call) for call in calls])
        await receiver.until(60)
        await eventually(lambda: _states(database, endpoint), lambda at: at == {"delivered": 60})
    assert len({each.headers["Webhook-Id"] for each in receiver.came}) == 60
    for call in calls:
        told = [each.message for each in receiver.came]
        own = [each["sequence"] for each in told if each["call_id"] == str(call.id)]
        assert own == [1, 2, 3]


async def test_a_delivery_whose_job_was_lost_is_queued_again(
    database: Pool, database_url: str, receiver: Receiver
) -> None:
    endpoint = await add_endpoint(database, receiver.url)
    await _store(database, [Call(await add_place(database)).started()])
    await database.execute("DELETE FROM pgqueuer")
    assert await upkeep.queue_orphans(database) == 0, "it was written a moment ago"
    await database.execute("UPDATE webhook_deliveries SET created_at = now() - interval '1 min'")
    async with a_courier(database_url):
        await receiver.until(1)
        await eventually(lambda: _states(database, endpoint), lambda at: at == {"delivered": 1})


async def test_what_is_old_is_removed_by_its_kind(database: Pool) -> None:
    endpoint = await add_endpoint(database)
    place = await add_place(database)
    await _store(database, [Call(place).started() for _ in range(4)])
    rows = await database.fetch("SELECT id FROM webhook_deliveries ORDER BY job_id")
    for row, (state, days) in zip(
        rows, [("delivered", 6), ("delivered", 8), ("dead", 8), ("dead", 31)], strict=True
    ):
        await database.execute(
            """UPDATE webhook_deliveries SET state = $2, finished_at = now() - $3 * interval '1 day'
               WHERE id = $1""",
            row["id"],
            state,
            days,
        )
    assert await upkeep.remove_old(database, WebhookSettings()) == 2
    assert await _states(database, endpoint) == {"delivered": 1, "dead": 1}


def test_attempts_come_ever_later_up_to_a_ceiling_and_never_all_at_once() -> None:
    seconds = [backoff(tries, 0.0).total_seconds() for tries in range(40)]
    assert seconds[:4] == [5, 10, 20, 40]
    assert max(seconds) == seconds[-1] == LAST_RETRY_S
    assert backoff(3, 1.0).total_seconds() == 20


async def test_notifications_that_no_longer_come_are_asked_for_on_new_connections(
    database: Pool,
    database_url: str,
    receiver: Receiver,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(job_queue, "CHECK_EVERY", timedelta(seconds=0.5))
    listening = "SELECT pid FROM pg_stat_activity WHERE query LIKE 'LISTEN%ch_pgqueuer%'"
    await add_endpoint(database, receiver.url)
    async with a_courier(database_url):
        first = await eventually(lambda: database.fetchval(listening), bool)
        await database.execute("SELECT pg_terminate_backend($1)", first)
        await eventually(lambda: database.fetchval(listening), lambda pid: pid not in (None, first))
        await _store(database, [Call(await add_place(database)).started()])
        await receiver.until(1)


async def test_the_environment_renames_nothing_of_the_queue(
    database: Pool, database_url: str, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("PGQUEUER_PREFIX", "PGQUEUER_CHANNEL", "CHANNEL", "QUEUE_TABLE", "TRIGGER"):
        monkeypatch.setenv(name, "other")
    await add_endpoint(database, receiver.url)
    async with a_courier(database_url):
        await _store(database, [Call(await add_place(database)).started()])
        await receiver.until(1)
