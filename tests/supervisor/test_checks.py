"""What ``ramal doctor`` says of Asterisk, asked of the built-in exchange."""

import asyncio
import socket
from collections.abc import AsyncIterator

import pytest
from pydantic import SecretStr

from supervisor.checks import Finding, examine_asterisk
from supervisor.demo.exchange import Exchange, Leg
from supervisor.settings import AmiSettings


async def _nobody(_: Leg) -> None:
    """No phone is ever answered."""


@pytest.fixture
async def exchange() -> AsyncIterator[int]:
    exchange = Exchange({}, _nobody, user="ramal", secret="s")
    yield await exchange.start()
    await exchange.close()


async def _find(port: int, secret: str = "s") -> Finding:
    settings = AmiSettings(port=port, user="ramal", secret=SecretStr(secret))
    [finding] = [each async for each in examine_asterisk(settings)]
    return finding


async def test_a_manager_that_lets_us_call_is_good(exchange: int) -> None:
    finding = await _find(exchange)
    assert finding.good
    assert "call and hang up" in finding.text


async def test_an_asterisk_that_is_not_there_is_told_with_the_cure() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    finding = await _find(port)
    assert not finding.good
    assert f"nothing listens on 127.0.0.1:{port}; compare [ami]" in finding.text


async def test_a_wrong_secret_is_told_with_the_cure(exchange: int) -> None:
    finding = await _find(exchange, "wrong")
    assert not finding.good
    assert "manager.conf" in finding.text


async def test_a_user_without_the_rights_is_told_which_to_give() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"Asterisk Call Manager/11.0.0\r\n")
        while action := await reader.readuntil(b"\r\n\r\n"):
            lines = dict(line.split(b": ", 1) for line in action.split(b"\r\n") if line)
            good = lines[b"Action"] == b"Login"
            answer = b"Success" if good else b"Error\r\nMessage: Permission denied"
            writer.write(
                b"Response: " + answer + b"\r\nActionID: " + lines[b"ActionID"] + b"\r\n\r\n"
            )

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        finding = await _find(server.sockets[0].getsockname()[1])
    assert not finding.good
    assert "Originate and Hangup" in finding.text
    assert "write=originate,call" in finding.text


async def test_no_asterisk_at_all_is_no_fault() -> None:
    [finding] = [each async for each in examine_asterisk(None)]
    assert finding.good
    assert "nobody can be called" in finding.text
