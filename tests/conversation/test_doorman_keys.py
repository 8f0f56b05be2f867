"""Every question of the doorman's can be answered by keys, and is told how after two failures."""

from collections.abc import Callable

import pytest

from conversation.directory import Directory, Resident, Unit
from conversation.doorman import Doorman, DoormanSettings
from conversation.doorman.state import ASKING, Stage
from conversation.flow import CallOutcome, CallStarted, KeyPressed, Party, Say
from tests.conversation.gate import CALL, RULES, Gate

DELIVERY = "entrega pro quinhentos e um bloco b"


def unreached(**settings: object) -> Gate:
    gate = Gate(max_phones=1, **settings)  # type: ignore[arg-type]
    return gate.visitor(DELIVERY).phone(CallOutcome.NO_ANSWER)


def after(said: str, confidence: float = 0.9) -> Callable[[], Gate]:
    """A gate whose visitor has said so much."""
    return lambda: Gate().visitor(said, confidence)


def rings(phone: str) -> Callable[[Gate], bool]:
    """Whether a phone rings."""
    return lambda gate: gate.ringing == phone


QUESTIONS: dict[Stage, tuple[Callable[[], Gate], str, Callable[[Gate], bool]]] = {
    Stage.ASKING_PURPOSE: (
        lambda: Gate().keys("502#"),
        "1",
        rings("2502"),
    ),
    Stage.ASKING_UNIT: (after("entrega"), "502#", rings("2502")),
    Stage.ASKING_BLOCK: (after("entrega pro quinhentos e um"), "2", rings("2501")),
    Stage.CONFIRMING_UNIT: (after(DELIVERY, 0.4), "1", rings("2501")),
    Stage.ASKING_NAME: (after("visita no quinhentos e dois"), "#", rings("2502")),
    Stage.ASKING_COMPANY: (after("serviço no quinhentos e dois"), "#", rings("2502")),
    Stage.ASKING_CODE: (
        after("tenho um código"),
        "#",
        lambda gate: gate.doorman.stage is Stage.ASKING_PURPOSE,
    ),
    Stage.OFFERING_DESK: (
        lambda: unreached(offer_desk=True),
        "1",
        lambda gate: gate.outcome == "left_at_desk",
    ),
    Stage.OFFERING_GUARD: (
        lambda: (
            Gate(guard="900")
            .visitor(DELIVERY)
            .answered()
            .resident("quero falar com ele")
            .leaves(Party.RESIDENT)
        ),
        "1",
        lambda gate: gate.transferred == [(Party.VISITOR, "900")],
    ),
    Stage.OFFERING_MESSAGE: (
        lambda: unreached(nobody_answers="message"),
        "2",
        lambda gate: gate.outcome == "no_answer",
    ),
    Stage.TAKING_MESSAGE: (
        lambda: unreached(nobody_answers="message").keys("1"),
        "#",
        lambda gate: gate.outcome == "no_answer",
    ),
}
"""For each: how the visitor gets there, keys that answer it, and what comes of them."""


def test_no_question_is_left_out() -> None:
    assert set(QUESTIONS) == ASKING


@pytest.mark.parametrize("stage", QUESTIONS)
def test_each_question_is_answered_by_keys(stage: Stage) -> None:
    there, keys, answered = QUESTIONS[stage]
    gate = there()
    assert gate.doorman.stage is stage
    assert answered(gate.keys(keys))


@pytest.mark.parametrize("stage", QUESTIONS)
def test_each_question_lets_somebody_fetch_a_person_with_0(stage: Stage) -> None:
    gate = QUESTIONS[stage][0]()
    assert "human.nobody" in gate.keys("0").keys_said or gate.transferred


@pytest.mark.parametrize("stage", QUESTIONS)
def test_who_says_nothing_twice_is_told_the_keys(stage: Stage) -> None:
    gate = QUESTIONS[stage][0]()
    said = gate.quiet(Party.VISITOR, 2).keys_said
    assert any(key.startswith(("keys.", "code.")) for key in said), said


@pytest.mark.parametrize(
    ("key", "intent"), [("1", "delivery"), ("2", "visit"), ("3", "service"), ("4", "resident")]
)
def test_each_errand_has_a_key(key: str, intent: str) -> None:
    gate = Gate().keys("502#").keys(key).keys("#")
    assert gate.ringing == "2502"
    gate.answered().keys("1", Party.RESIDENT)
    assert (gate.visit["intent"], gate.outcome) == (intent, "authorised")


def test_the_hash_of_a_number_that_was_taken_before_it_answers_nothing_else() -> None:
    assert Gate().keys("502").keys_said == ["ask.why"]
    assert Gate().keys("502#").last == []
    assert Gate().keys("502#").doorman.stage is Stage.ASKING_PURPOSE


def at(*blocks: str) -> Doorman:
    units = [Unit("11", block, (Resident("Rui", (f"7{at}",)),)) for at, block in enumerate(blocks)]
    doorman = Doorman(CALL, DoormanSettings("Cedro"), Directory(units), RULES)
    doorman.handle(CallStarted(9))
    for digit in "11#":
        doorman.handle(KeyPressed(Party.VISITOR, digit))
    return doorman


def pressed(doorman: Doorman, keys: str) -> list[str]:
    actions = [did for key in keys for did in doorman.handle(KeyPressed(Party.VISITOR, key))]
    return [did.text for did in actions if isinstance(did, Say)]


@pytest.mark.parametrize(
    ("blocks", "keys", "block"),
    [
        (("A", "B", "C"), "3", "C"),
        (("1", "2", "3"), "3", "3"),
        (("2", "3", "1"), "1", "1"),
        (("IPE", "CEDRO"), "2", "CEDRO"),
        (tuple(str(number) for number in range(1, 13)), "12#", "12"),
        (tuple(str(number) for number in range(1, 13)), "1#", "1"),
    ],
)
def test_blocks_have_keys_whatever_they_are_called(
    blocks: tuple[str, ...], keys: str, block: str
) -> None:
    doorman = at(*blocks)
    assert pressed(doorman, keys) == ["ask.why"]
    assert doorman.snapshot()["state"]["block"] == block
