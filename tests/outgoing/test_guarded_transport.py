"""The language models' client: it gets a connection to nothing that the guard does not let pass."""

import ipaddress

import pytest

from conversation.extraction.chat import LIMITS, Chat
from supervisor.outgoing.addresses import AddressGuard
from supervisor.outgoing.guarded_transport import guarded_transport
from tests.conversation.model_server import KEY, says, serving

MESSAGES = (("system", '"name": '), ("user", "{}"))
LOOPBACK = AddressGuard([ipaddress.ip_network("127.0.0.0/8")], allow_http=True)


@pytest.mark.parametrize(
    ("guard", "outcome"), [(LOOPBACK, "answered"), (AddressGuard(), "unreachable")]
)
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_a_model_is_asked_where_the_guard_lets_it_be(
    guard: AddressGuard, outcome: str, host: str
) -> None:
    async with serving(says({})) as server:
        url = server.url.replace("127.0.0.1", host)
        chat = Chat(url, KEY, read_s=2, transport=guarded_transport(guard, LIMITS))
        try:
            reply = await chat.ask("small", "caller", MESSAGES)
        finally:
            await chat.close()
        assert (str(reply.outcome), len(server.requests)) == (outcome, outcome == "answered")


async def test_a_name_that_nobody_knows_is_unreachable() -> None:
    transport = guarded_transport(AddressGuard(), LIMITS)
    chat = Chat("http://models.invalid/v1", KEY, read_s=2, transport=transport)
    reply = await chat.ask("small", "caller", MESSAGES)
    await chat.close()
    assert str(reply.outcome) == "unreachable"
