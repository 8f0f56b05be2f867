"""Who is recorded is told so, until it was heard; the call's log says what was recorded."""

import uuid
from collections.abc import Mapping
from typing import Any

from audiosocket.connection import Connection
from tests.session.call import (
    Action,
    CallOut,
    Event,
    Expecting,
    Heard,
    Party,
    Say,
    calling,
)

GREETING = "portaria boa noite em que posso ajudar"
NOTICE = "recording_notice"
VISITOR, RESIDENT = Party.VISITOR, Party.RESIDENT


class Recorder:
    """Records whom a test says."""

    def __init__(self, *parties: str) -> None:
        self.parties = parties
        self.legs: list[tuple[uuid.UUID, str]] = []

    def __call__(
        self, call_id: uuid.UUID, party: str, connection: Connection
    ) -> Mapping[str, Any] | None:
        self.legs.append((call_id, party))
        return {"party": party, "name": "a file"} if party in self.parties else None


def greets(event: Event) -> list[Action]:
    match type(event).__name__:
        case "CallStarted":
            return [Say(VISITOR, GREETING, expecting=Expecting.PURPOSE)]
        case "Heard":
            assert isinstance(event, Heard)
            return [Say(VISITOR, "pois não"), CallOut("201", 20.0)]
        case "CallOutEnded":
            return [Say(RESIDENT, "boa noite")]
    return []


async def test_a_visitor_who_is_recorded_is_told_with_the_first_words_and_not_again() -> None:
    recorder = Recorder("visitor")
    async with calling(greets, ["entrega"], monitor=recorder) as call:
        first = await call.journal.wait_for("turn", speaker="agent")
        assert first.data["text"] == f"{NOTICE} {GREETING}"
        await call.visitor_says("entrega para o quinhentos e um")
        await call.journal.wait_for("turn", speaker="agent", text="pois não")
        await call.journal.wait_for("speaking", text="boa noite")  # residents are not recorded
        assert {party for _, party in recorder.legs} == {"visitor", "resident"}
        assert {call_id for call_id, _ in recorder.legs} == {call.session.call_id}
    kinds = [entry.kind for entry in call.journal.entries]
    assert kinds[:2] == ["call.started", "recording.started"]
    assert kinds.count("recording.started") == 1


async def test_a_notice_that_was_talked_over_is_said_again() -> None:
    async with calling(greets, ["espera moço"], monitor=Recorder("visitor")) as call:
        await call.journal.wait_for("speaking", text=f"{NOTICE} {GREETING}")
        await call.visitor_says("espera um pouco moço por favor")
        await call.journal.wait_for("speaking", text=f"{NOTICE} pois não")


async def test_a_resident_who_is_recorded_is_told_too() -> None:
    both = Recorder("visitor", "resident")
    async with calling(greets, ["entrega"], monitor=both) as call:
        await call.journal.wait_for("turn", speaker="agent")
        await call.visitor_says("entrega para o quinhentos e um")
        await call.journal.wait_for("speaking", text=f"{NOTICE} boa noite")


async def test_nobody_is_told_of_a_recording_that_there_is_not() -> None:
    async with calling(greets, monitor=Recorder()) as call:
        first = await call.journal.wait_for("turn", speaker="agent")
        assert first.data["text"] == GREETING
