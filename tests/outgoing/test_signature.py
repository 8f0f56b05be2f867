"""Signatures, by the scheme's published example and by the snippets that receivers copy."""

import json
import re
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from supervisor.outgoing.signature import is_secret, new_secret, signed

PAGE = Path(__file__).parents[2] / "docs" / "webhooks.md"
BODY = '{"name": "João"}'.encode()


def test_the_schemes_published_example_comes_out() -> None:
    headers = signed(
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        1614265330,
        b'{"test": 2432232314}',
        ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
    )
    assert headers["Webhook-Signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_secrets_are_long_and_differ() -> None:
    assert is_secret(new_secret())
    assert new_secret() != new_secret()
    assert not is_secret("whsec_c2hvcnQ=")
    assert not is_secret("password")


def _snippet(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", PAGE.read_text(), re.DOTALL)
    assert found
    return found[1]


def _says_python(secret: str, headers: Mapping[str, str], body: bytes) -> bool:
    names: dict[str, object] = {}
    exec(_snippet("python"), names)
    is_ours = names["is_ours"]
    assert callable(is_ours)
    return bool(is_ours(secret, headers, body))


def _says_node(secret: str, headers: Mapping[str, str], body: bytes) -> bool:
    lower = {name.lower(): value for name, value in headers.items()}
    arguments = f"{json.dumps(secret)}, {json.dumps(lower)}, Buffer.from({body.hex()!r}, 'hex')"
    run = subprocess.run(
        ["node", "-e", f"{_snippet('js')}\nconsole.log(isOurs({arguments}))"],
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )
    return {"true": True, "false": False}[run.stdout.strip()]


@pytest.mark.parametrize("says", [_says_python, _says_node])
def test_a_documented_snippet_takes_ours_and_nothing_else(says) -> None:  # type: ignore[no-untyped-def]
    old, new = new_secret(), new_secret()
    now = int(time.time())
    headers = signed("msg", now, BODY, [old, new])
    assert says(old, headers, BODY)
    assert says(new, headers, BODY)
    assert not says(new_secret(), headers, BODY)
    assert not says(new, headers, BODY + b" ")
    assert not says(new, {**headers, "Webhook-Timestamp": str(now + 1)}, BODY)
    assert not says(new, {**headers, "Webhook-Id": "another"}, BODY)
    assert not says(new, signed("msg", now - 400, BODY, [new]), BODY)
