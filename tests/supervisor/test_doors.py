"""Doors made of rows, and requests that a receiver can trust."""

import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from ipaddress import ip_network
from typing import Any
from uuid import UUID, uuid4

import pytest
from aiohttp import web

from conversation.door import Door, DoorError, DoorOrder
from supervisor.alarms import Alarm, Alarms
from supervisor.ami.telephone import NoTelephone
from supervisor.database.doors import DoorRow
from supervisor.doors.locksmith import Locksmith
from supervisor.doors.settings import DoorProblem
from supervisor.metrics import Metrics
from supervisor.outgoing.signature import new_secret
from supervisor.settings import OutgoingSettings

LOOPBACK = OutgoingSettings(allow_networks=(ip_network("127.0.0.0/8"),), allow_http=True)
SECRET = new_secret()


@dataclass
class Receiver:
    """Whatever opens the door: a real HTTP server that answers as told and keeps what it got."""

    answers: list[int] = field(default_factory=list)
    requests: list[tuple[Mapping[str, str], bytes]] = field(default_factory=list)
    url: str = ""

    async def take(self, request: web.Request) -> web.Response:
        self.requests.append((dict(request.headers), await request.read()))
        status = self.answers.pop(0) if self.answers else 200
        return web.Response(status=status, headers={"Location": "/elsewhere"})


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", receiver.take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    receiver.url = f"http://127.0.0.1:{runner.addresses[0][1]}/open"
    yield receiver
    await runner.cleanup()


@asynccontextmanager
async def locksmith(
    outgoing: OutgoingSettings = LOOPBACK,
    metrics: Metrics | None = None,
    alarms: Alarms | None = None,
) -> AsyncIterator[Locksmith]:
    metrics = metrics or Metrics()
    alarms = alarms or Alarms(metrics)
    async with AsyncExitStack() as resources:
        yield Locksmith(NoTelephone(), outgoing, metrics, alarms, resources)


def webhook(url: str, **settings: Any) -> DoorRow:
    return DoorRow("gate", "webhook", {"url": url, **settings}, SECRET)


@asynccontextmanager
async def door(
    row: DoorRow, metrics: Metrics | None = None, alarms: Alarms | None = None
) -> AsyncIterator[Door]:
    async with locksmith(metrics=metrics, alarms=alarms) as smith:
        yield await smith.door("Ipê", row)


def order(authorisation: UUID | None = None) -> DoorOrder:
    return DoorOrder(uuid4(), authorisation or uuid4(), "gate")


def is_signed(headers: Mapping[str, str], body: bytes, secret: str) -> bool:
    """What docs/webhooks.md tells receivers to do."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    content = f"{headers['Webhook-Id']}.{headers['Webhook-Timestamp']}.".encode() + body
    expected = base64.b64encode(hmac.digest(key, content, hashlib.sha256)).decode()
    return f"v1,{expected}" in headers["Webhook-Signature"].split()


async def test_the_request_is_signed_and_says_what_is_to_be_opened(receiver: Receiver) -> None:
    wanted = order()
    async with door(webhook(receiver.url)) as gate:
        await gate.open(wanted)
    [(headers, body)] = receiver.requests
    assert is_signed(headers, body, SECRET)
    assert not is_signed(headers, body, new_secret())
    assert json.loads(body) == {
        "type": "door.open",
        "authorisation": str(wanted.authorisation),
        "call_id": str(wanted.call_id),
        "door": "gate",
    }


async def test_every_try_has_the_authorisations_id(receiver: Receiver) -> None:
    receiver.answers = [503, 500, 204]
    wanted = order()
    async with door(webhook(receiver.url)) as gate:
        await gate.open(wanted)
    ids = {(headers["Webhook-Id"], headers["Idempotency-Key"]) for headers, _ in receiver.requests}
    assert ids == {(str(wanted.authorisation), str(wanted.authorisation))}
    assert len(receiver.requests) == 3


async def test_tries_are_bounded(receiver: Receiver) -> None:
    receiver.answers = [503] * 9
    async with door(webhook(receiver.url, attempts=2)) as gate:
        with pytest.raises(DoorError, match="status 503"):
            await gate.open(order())
    assert len(receiver.requests) == 2


@pytest.mark.parametrize("status", [302, 400, 401, 404])
async def test_an_answer_that_means_no_is_not_asked_again(receiver: Receiver, status: int) -> None:
    receiver.answers = [status]
    async with door(webhook(receiver.url)) as gate:
        with pytest.raises(DoorError, match=str(status)):
            await gate.open(order())
    assert len(receiver.requests) == 1


async def test_a_host_that_takes_no_connection_has_opened_nothing() -> None:
    async with door(webhook("http://127.0.0.1:9/", attempts=2)) as gate:
        with pytest.raises(DoorError, match="no connection"):
            await gate.open(order())


async def test_no_request_leaves_for_a_private_address_unless_that_is_allowed() -> None:
    async with locksmith(OutgoingSettings()) as smith:
        for url in ("https://127.0.0.1/", "https://10.0.0.7/", "http://example.com/"):
            with pytest.raises(DoorProblem, match="refused"):
                await smith.door("Ipê", webhook(url))


async def test_a_name_that_leads_to_a_private_address_is_refused_when_it_is_used(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with locksmith(OutgoingSettings(allow_http=True)) as smith:
        gate = await smith.door("Ipê", webhook("http://localhost.localdomain.test/", attempts=1))

        async def resolved(*_: Any, **__: Any) -> list[dict[str, Any]]:
            return [
                {
                    "hostname": "x",
                    "host": "127.0.0.1",
                    "port": 80,
                    "family": 2,
                    "proto": 6,
                    "flags": 0,
                }
            ]

        monkeypatch.setattr("aiohttp.resolver.ThreadedResolver.resolve", resolved)
        with pytest.raises(DoorError, match="not a public one"):
            await gate.open(order())


async def test_orders_are_counted_by_how_they_went(receiver: Receiver) -> None:
    metrics = Metrics()
    receiver.answers = [200, 404]
    async with door(webhook(receiver.url), metrics) as gate:
        await gate.open(order())
        with pytest.raises(DoorError):
            await gate.open(order())
    for outcome in ("opened", "failed"):
        labels = {"driver": "webhook", "outcome": outcome}
        assert metrics.registry.get_sample_value("ramal_doors_total", labels) == 1
    timed = metrics.registry.get_sample_value("ramal_door_seconds_count", {"driver": "webhook"})
    assert timed == 2


async def test_a_door_that_does_not_open_is_an_alarm_until_it_does(receiver: Receiver) -> None:
    alarms, told = Alarms(Metrics()), list[Alarm]()
    receiver.answers = [404, 200]
    with alarms.heard_by(told.append):
        async with door(webhook(receiver.url), alarms=alarms) as gate:
            with pytest.raises(DoorError):
                await gate.open(order())
            await gate.open(order())
    assert [(each.kind, each.subject, each.over) for each in told] == [
        ("door.failed", "Ipê/gate", False),
        ("door.failed", "Ipê/gate", True),
    ]
    assert "did not open: the door's address answered with status 404." in told[0].text


# ------------------------------------------------------------------ rows


KEYS = DoorRow("gate", "dtmf", {"digits": "9"})
GARAGE = DoorRow("garage", "dialplan", {})
NOBODY = DoorRow("side", "none", {})


@pytest.mark.parametrize(
    ("rows", "wanted", "default"),
    [
        ([], None, None),
        ([KEYS], None, "gate"),
        ([KEYS, GARAGE], None, None),
        ([KEYS, DoorRow("garage", "dialplan", {}, is_default=True)], None, "garage"),
        ([KEYS, GARAGE], "garage", "garage"),
        ([NOBODY], None, None),
        ([KEYS, NOBODY], "side", None),
    ],
)
async def test_an_extension_opens_its_own_door_or_the_default_or_the_only_one(
    rows: list[DoorRow], wanted: str | None, default: str | None
) -> None:
    async with locksmith() as smith:
        assert (await smith.doors("Ipê", rows, wanted)).default == default


async def test_an_extension_that_names_a_door_that_is_not_there_is_told() -> None:
    async with locksmith() as smith:
        with pytest.raises(DoorProblem, match='no door "barn"; there are: garage, gate'):
            await smith.doors("Ipê", [KEYS, GARAGE], "barn")


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        (DoorRow("gate", "dtmf", {"digits": "9,1"}), '"digits" is wrong'),
        (DoorRow("gate", "dtmf", {"digit": "9"}), 'no setting "digit"'),
        (DoorRow("gate", "dtmf", []), "not a JSON object"),
        (DoorRow("gate", "dialplan", {"extension": "s)\r\nAction: x"}), '"extension" is wrong'),
        (DoorRow("gate", "webhook", {}, SECRET), 'needs the setting "url"'),
        (DoorRow("gate", "webhook", {"url": "https://example.com"}), "no secret"),
        (DoorRow("gate", "crowbar", {}), 'no way "crowbar"'),
    ],
)
async def test_a_row_that_is_wrong_is_told_with_the_doors_name(
    row: DoorRow, complaint: str
) -> None:
    async with locksmith() as smith:
        with pytest.raises(DoorProblem) as problem:
            await smith.doors("Ipê", [row], None)
    assert complaint in str(problem.value)
    assert 'the door "gate"' in str(problem.value)


async def test_without_a_telephone_no_key_is_sent() -> None:
    async with door(KEYS) as gate:
        with pytest.raises(DoorError, match="no telephone system"):
            await gate.open(order())
