"""Alarms that reach people and webhooks: once, resolved when over, and with the database away."""

import asyncio
import io
import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest

from supervisor.alarms import Alarm, Alarms
from supervisor.alerts.messenger import AppriseMessenger, NobodyMessenger, messenger_of
from supervisor.alerts.post import AlertPost, alerting
from supervisor.alerts.table import note
from supervisor.database.pool import Pool, pooled
from supervisor.errors import OperatorError
from supervisor.metrics import Metrics
from supervisor.settings import AlertSettings
from tests.supervisor.serving import eventually
from tests.webhooks.endpoints import add_endpoint, add_place, tenant_of
from tests.webhooks.receivers import Receiver, receiving

NOWHERE = "postgresql://ramal@/ramal?host=/nonexistent"
AT = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


class Listed:
    """A messenger that keeps what it was given."""

    def __init__(self) -> None:
        self.titles: list[str] = []
        self.texts: list[str] = []

    async def tell(self, title: str, text: str) -> bool:
        self.titles.append(title)
        self.texts.append(text)
        return True


@asynccontextmanager
async def _running(post: AlertPost) -> AsyncIterator[None]:
    task = asyncio.create_task(post.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def _alarm(minutes: float = 0, *, over: bool = False, kind: str = "worker.hung") -> Alarm:
    at = AT + timedelta(minutes=minutes)
    return Alarm(kind, "It hangs.", at, subject="worker 1", facts={"pid": 7}, over=over)


async def test_an_alarm_is_told_once_and_its_end_once(database: Pool) -> None:
    told = Listed()
    post = AlertPost(database, told, 20)
    async with _running(post):
        for alarm in (_alarm(), _alarm(1), _alarm(2), _alarm(3, over=True), _alarm(4, over=True)):
            post.take(alarm)
        await post.handled()
    assert told.titles == [
        "Ramal: worker.hung (worker 1)",
        "Ramal: resolved: worker.hung (worker 1)",
    ]
    assert told.texts[0] == "It hangs.\n\n2026-11-20 12:00:00 UTC"
    [row] = await database.fetch("SELECT * FROM alerts")
    assert (row["times"], row["facts"]) == (3, {"pid": 7})
    assert (row["raised_at"], row["last_at"]) == (AT, AT + timedelta(minutes=2))
    assert row["over_at"] == AT + timedelta(minutes=3)


async def test_two_machines_tell_it_once(database: Pool) -> None:
    first, second = Listed(), Listed()
    posts = [AlertPost(database, told, 20) for told in (first, second)]
    async with _running(posts[0]), _running(posts[1]):
        for post in posts:
            post.take(_alarm())
        for post in posts:
            await post.handled()
    assert len(first.titles) + len(second.titles) == 1


async def test_what_comes_again_after_an_hour_is_news_even_if_acknowledged(database: Pool) -> None:
    async with database.acquire() as connection:
        assert await note(connection, _alarm())
        await connection.execute("UPDATE alerts SET acknowledged_at = now()")
        assert not await note(connection, _alarm(30))
        assert await note(connection, _alarm(100))
        row = await connection.fetchrow("SELECT acknowledged_at, times FROM alerts")
    assert (row["acknowledged_at"], row["times"]) == (None, 1)


async def test_too_many_messages_are_kept_back_and_counted_in_the_next(database: Pool) -> None:
    told, now_s = Listed(), 0.0
    post = AlertPost(database, told, 2, clock=lambda: now_s)
    async with _running(post):
        for number in range(5):
            post.take(_alarm(kind=f"kind.{number}"))
        await post.handled()
        assert len(told.titles) == 2
        now_s = 3601.0
        post.take(_alarm(kind="kind.5"))
        await post.handled()
    assert len(told.titles) == 3
    assert "3 alerts before this one were not sent" in told.texts[2]
    assert await database.fetchval("SELECT count(*) FROM alerts") == 6


async def test_without_the_database_people_are_told_and_the_table_gets_it_later(
    database: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("supervisor.alerts.post.RETRY_AFTER_S", 0.05)
    told = Listed()
    async with pooled(NOWHERE, at_once=False) as away:
        post = AlertPost(away, told, 20)
        async with _running(post):
            for minutes in (0, 1, 2):
                post.take(_alarm(minutes))
            await post.handled()
            assert told.titles == ["Ramal: worker.hung (worker 1)"]
            post._pool = database
            await eventually(
                lambda: database.fetchval("SELECT max(times) FROM alerts"), lambda times: times == 3
            )
    assert len(told.titles) == 1


async def test_webhooks_are_told_of_the_installations_alarms_and_of_their_tenants_own(
    database: Pool,
) -> None:
    tenant = await tenant_of(database, await add_place(database))
    whole = await add_endpoint(database)
    own = await add_endpoint(database, tenant_id=tenant)
    await add_endpoint(database, events=["call.ended"])
    of_tenant = Alarm("webhook.disabled", "It is.", AT, facts={"tenant_id": str(tenant)})
    async with database.acquire() as connection:
        for alarm in (_alarm(), of_tenant, _alarm(1), _alarm(2, over=True)):
            await note(connection, alarm)
    rows = await database.fetch("SELECT endpoint_id, body FROM webhook_deliveries ORDER BY job_id")
    told = [(row["endpoint_id"], json.loads(row["body"])["data"]) for row in rows]
    assert [(endpoint, data["kind"], data["over"]) for endpoint, data in told] in (
        [
            (whole, "worker.hung", False),
            (whole, "webhook.disabled", False),
            (own, "webhook.disabled", False),
            (whole, "worker.hung", True),
        ],
        [
            (whole, "worker.hung", False),
            (own, "webhook.disabled", False),
            (whole, "webhook.disabled", False),
            (whole, "worker.hung", True),
        ],
    )
    assert told[0][1]["facts"] == {"pid": 7}


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as receiver:
        yield receiver


async def test_apprise_sends_it_and_no_log_has_the_address(
    database_url: str, receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    root, heard = logging.getLogger(), io.StringIO()
    root.setLevel(logging.DEBUG)
    root.addHandler(logging.StreamHandler(heard))
    address = receiver.url.replace("http://", "json://ana:s3cr3t@") + "/t0k3n"
    address = address.replace("/hook/t0k3n", "/hook?+X-Token=t0k3n")
    closed = "json://ana:s3cr3t@127.0.0.1:1/t0k3n"
    settings = AlertSettings.model_validate({"urls": [address, closed]})
    alarms = Alarms(Metrics())
    async with alerting(settings, database_url, alarms):
        alarms.raise_alarm("worker.hung", "It hangs.", subject="worker 1")
        [came] = await receiver.until(1)
    assert came.message["title"] == "Ramal: worker.hung (worker 1)"
    assert came.headers["X-Token"] == "t0k3n"
    assert "s3cr3t" not in heard.getvalue() + caplog.text
    assert "t0k3n" not in heard.getvalue() + caplog.text
    assert "s3cr3t" not in repr(settings)


def test_an_address_that_is_none_is_refused_without_being_shown() -> None:
    with pytest.raises(OperatorError, match="number 2 is no address") as caught:
        AppriseMessenger(["json://localhost/", "nonsense://s3cr3t@host"])
    assert "s3cr3t" not in str(caught.value)


def test_without_addresses_nobody_is_told() -> None:
    assert isinstance(messenger_of(AlertSettings()), NobodyMessenger)
