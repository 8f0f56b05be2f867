"""The dashboard's files: what they are sent with, and that no word of theirs is missing."""

import json
import re

from audiosocket.listener import EndReason
from conversation.doorman.state import Outcome, Stage
from conversation.flow import CallOutcome
from conversation.receptionist import state as receptionist
from conversation.understanding import Intent
from supervisor.dashboard.serving import FIRST, FOLDER, assets
from tests.api.serving import Api

FOREIGN = re.compile(r"(?:https?:)?//[a-z0-9-]+\.[a-z]", re.IGNORECASE)
NAMESPACE = "http://www.w3.org/2000/svg"
MARKUP = re.compile(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function")


def texts() -> dict[str, list[str]]:
    return dict(json.loads(assets()["texts.json"].body))


async def test_every_file_comes_with_the_policy_and_is_not_sent_twice(api: Api) -> None:
    stranger = api.stranger()
    for name, asset in assets().items():
        path = "/" if name == FIRST else FOLDER + name
        reply = await stranger.send("GET", path)
        assert reply.status == 200, path
        policy = reply.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "require-trusted-types-for 'script'" in policy
        again = await stranger.send("GET", path, headers={"If-None-Match": asset.etag})
        assert (again.status, again.body) == (304, "")
    assert (await stranger.send("GET", "/dashboard/nothing.js")).status == 404
    plain = await stranger.send("GET", "/", headers={"Accept-Encoding": "identity"})
    assert "Content-Encoding" not in plain.headers
    assert "<!doctype html>" in plain.body


def test_the_files_name_no_other_machine_and_make_no_markup() -> None:
    for name, asset in assets().items():
        text = asset.body.decode().replace(NAMESPACE, "")
        assert not FOREIGN.search(text), name
        if name.endswith(".js"):
            assert not MARKUP.search(text), name


def test_what_the_page_loads_at_once_is_what_there_is() -> None:
    html = assets()[FIRST].body.decode()
    scripts = {name for name in assets() if name.endswith(".js")}
    assert set(re.findall(r'modulepreload" href="/dashboard/([a-z]+\.js)"', html)) == scripts


def test_every_text_is_there_in_all_languages() -> None:
    known = texts()
    for key, told in known.items():
        assert len(told) == 3, key
        assert all(told), key
        assert len(set(map(tuple, (sorted(re.findall(r"\{\w+\}", each)) for each in told)))) == 1
    for name, asset in assets().items():
        if name.endswith(".js") and name != "texts.js":
            for key in re.findall(r'\bt\("([^"]+)"', asset.body.decode()):
                assert key in known, f"{name}: {key}"


def test_whatever_a_call_can_tell_of_itself_has_words() -> None:
    known = texts()
    groups = {"stage": Stage, "outcome": Outcome, "called": CallOutcome, "intent": Intent}
    for group, kinds in groups.items():
        assert {f"{group}.{each}" for each in kinds} <= set(known)
    assert {f"stage.{each}" for each in receptionist.Stage} <= set(known)
    assert {f"outcome.{each}" for each in receptionist.Outcome} <= set(known)
    ends = set(EndReason) - {EndReason.REFUSED, EndReason.PROTOCOL_ERROR, EndReason.NOT_READING}
    assert {f"reason.{each}" for each in ends} <= set(known)
    noted = re.search(
        r"NOTED = new Set\(\[(.*?)\]", assets()["progress.js"].body.decode(), re.DOTALL
    )
    assert noted is not None
    assert {f"event.{each}" for each in re.findall(r'"([a-z_.]+)"', noted[1])} <= set(known)
