"""``ramal alert``, as an operator types it."""

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from supervisor.alarms import Alarm
from supervisor.alerts.table import note
from supervisor.database.pool import connected
from tests.supervisor.conftest import Ramal


@contextmanager
def _address(came: list[bytes]) -> Iterator[str]:
    """Somebody who can be told, as apprise writes it."""

    class Take(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            came.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing."""

    server = HTTPServer(("127.0.0.1", 0), Take)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"json://127.0.0.1:{server.server_port}/t0k3n"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_what_is_open_is_listed_and_what_is_over_on_request(
    ramal: Ramal, database_url: str
) -> None:
    async def write() -> None:
        async with connected(database_url) as connection:
            for kind in ("worker.hung", "door.failed"):
                await note(connection, Alarm(kind, f"It is {kind}.", datetime.now(UTC)))
            over = Alarm("door.failed", "It is right.", datetime.now(UTC), over=True)
            await note(connection, over)

    asyncio.run(write())
    listed = json.loads(ramal("alert", "list", "--json")[1])
    assert [row["kind"] for row in listed] == ["worker.hung"]
    shown = ramal("alert", "list", "--all")[1]
    assert "over" in shown
    assert "open" in shown


def test_every_address_gets_the_test_message(ramal: Ramal, monkeypatch: pytest.MonkeyPatch) -> None:
    came: list[bytes] = []
    with _address(came) as first, _address(came) as second:
        monkeypatch.setenv("RAMAL_ALERTS__URLS", json.dumps([first, second]))
        status, out, err = ramal("alert", "test")
    assert (status, out, err) == (0, "Sent to 2 addresses.\n", "")
    assert [json.loads(body)["title"] for body in came] == ["Ramal: test"] * 2


def test_an_address_that_takes_nothing_fails_and_is_not_shown(
    ramal: Ramal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAMAL_LOG__LEVEL", "debug")
    monkeypatch.setenv("RAMAL_ALERTS__URLS", '["json://ana:s3cr3t@127.0.0.1:1/"]')
    status, out, err = ramal("alert", "test")
    assert status == 1
    assert "Not every address took it" in err
    assert "number 1" in out + err
    assert "s3cr3t" not in out + err


def test_without_addresses_the_test_says_where_to_put_one(ramal: Ramal) -> None:
    status, _, err = ramal("alert", "test")
    assert status == 1
    assert "put one into alerts.urls" in err
