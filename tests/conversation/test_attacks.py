"""Attempts to get in, each through the real rules and flow: by the rules alone, and with a language
model that gives the attacker whatever helps."""

from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from uuid import uuid4

import pytest
import yaml

from conversation.admission import Admission, Ground, Inquiry
from conversation.extraction.extractor import Extractor
from conversation.flow import CallOut, CallOutcome, Heard, KeyPressed, OpenDoor, Party
from conversation.interlock import GRANTING
from conversation.rules import Rules, rules_for
from tests.conversation.gate import DIRECTORY, RULES, Gate
from tests.conversation.model_server import ATTACKERS, extracting, says, serving

ATTACKS: Sequence[list[str]] = yaml.safe_load(
    (Path(__file__).parent / "attacks.yaml").read_text(encoding="utf-8")
)
ACCESS: Mapping[str, list[list[str]]] = yaml.safe_load(
    (Path(__file__).parent / "access_attacks.yaml").read_text(encoding="utf-8")
)
CODE, PIN = "479213", "582914"
"""The only ones that are good here: a visitor's of apartment 501 B, and that of who lives there."""
ANY = pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: str(attack[0]))
GUARDED = pytest.mark.parametrize("guard", [None, "9000"], ids=["no guard", "guard"])


def known(inquiry: Inquiry) -> Admission | None:
    """What the database would say: Beatriz has a code, and is announced by her name."""

    def admission(ground: Ground, *, lets_in: bool) -> Admission:
        return Admission(uuid4(), ground, "B/501", uuid4(), "Beatriz Souza", "desk", lets_in)

    here = inquiry.unit in (None, "B/501")
    if inquiry.secret == CODE and here:
        return admission(Ground.CODE, lets_in=True)
    if inquiry.secret == PIN and inquiry.unit == "B/501" and inquiry.keyed:
        return admission(Ground.PIN, lets_in=True)
    if here and "beatriz souza" in inquiry.names:
        return admission(Ground.NAME, lets_in=False)
    return None


class Besieged:
    """A gate with somebody before it who wants in, in a condominium with lists and PINs."""

    def __init__(
        self,
        extractor: Extractor | None,
        guard: str | None,
        rules: Rules = RULES,
        *,
        pins: bool = False,
    ) -> None:
        self.gate = Gate(
            guard=guard,
            offer_desk=True,
            desk_opens_door=True,
            nobody_answers="guard",
            admits=known,
            takes_pins=pins,
            lockers=True,
            locker_opens_door=True,
            rules=rules,
        )
        self.extractor = extractor

    async def suffer(self, step: str) -> None:
        gate = self.gate
        who, _, words = (part.strip() for part in step.partition(":"))
        match who:
            case "v":
                await self._visitor(words)
            case "k":
                gate.keys(words)
            case "r" | "r!" | "r?":
                sure = 0.3 if who == "r?" else 0.95
                gate.resident(words, sure, interrupted=who == "r!")
            case "rk!":
                for digit in words:
                    gate.happens(KeyPressed(Party.RESIDENT, digit, interrupted=True))
            case "answered":
                gate.answered()
            case "busy":
                gate.phone(CallOutcome.BUSY)
            case "quiet-r":
                gate.quiet(Party.RESIDENT, 1)
            case "leaves-r":
                gate.leaves(Party.RESIDENT)
            case _:
                raise AssertionError(f"no such step: {step}")

    async def _visitor(self, words: str) -> None:
        expecting = self.gate.doorman.expecting(Party.VISITOR)
        heard = self.gate.rules.interpret(words, 0.95, expecting)
        if self.extractor is not None:
            slots = self.extractor.open_slots(heard, expecting)
            thoughts = await self.extractor.think(words, expecting, slots)
            heard = self.extractor.merge(heard, expecting, thoughts)
        self.gate.happens(Heard(Party.VISITOR, heard))

    def holds(self) -> bool:
        granted = [
            each for each in self.gate.records("authorisation") if each["decision"] in GRANTING
        ]
        return not granted and not self.gate.each(OpenDoor)


@pytest.fixture
async def accomplice() -> AsyncIterator[Extractor]:
    """Asks a model that is the attacker's."""
    async with serving(says(ATTACKERS)) as server, extracting(server.url) as asked:
        yield asked.extractor


def test_there_are_enough_attacks_to_mean_something() -> None:
    assert len({attack[0] for attack in ATTACKS}) == len(ATTACKS) >= 60


@ANY
@GUARDED
async def test_nobody_talks_their_way_in_past_the_rules(
    attack: list[str], guard: str | None
) -> None:
    besieged = Besieged(None, guard)
    for step in attack[1:]:
        await besieged.suffer(step)
        assert besieged.holds(), step


@ANY
@GUARDED
async def test_nobody_talks_their_way_in_with_a_model_for_an_accomplice(
    attack: list[str], guard: str | None, accomplice: Extractor
) -> None:
    besieged = Besieged(accomplice, guard)
    for step in attack[1:]:
        await besieged.suffer(step)
        assert besieged.holds(), step


@ANY
async def test_who_gets_a_model_to_say_yes_to_everything_still_needs_the_resident(
    attack: list[str], accomplice: Extractor
) -> None:
    """However the attack goes, a visitor who goes on talking gets a phone to ring at most."""
    besieged = Besieged(accomplice, None)
    for step in [*attack[1:], *["v: treco esquisito"] * 6]:
        await besieged.suffer(step)
        assert besieged.holds(), step


SPOKEN = {
    "pt-BR": ("quatro sete nove", "cinco oito dois nove"),
    "en": ("four seven nine", "five eight two nine"),
    "es": ("cuatro siete nueve", "cinco ocho dos nueve"),
}
IN_EACH_LANGUAGE = pytest.mark.parametrize(
    ("language", "attack"),
    [(language, attack) for language, attacks in ACCESS.items() for attack in attacks],
    ids=lambda each: each if isinstance(each, str) else str(each[0]),
)


def test_codes_pins_and_lists_are_attacked_in_each_language() -> None:
    assert {language: len(attacks) >= 12 for language, attacks in ACCESS.items()} == dict.fromkeys(
        ("pt-BR", "en", "es"), True
    )


@IN_EACH_LANGUAGE
@GUARDED
async def test_nobody_gets_in_with_a_code_a_pin_or_a_name_that_is_not_theirs(
    language: str, attack: list[str], guard: str | None
) -> None:
    besieged = Besieged(None, guard, rules_for(language, DIRECTORY.names()), pins=True)
    for step in attack[1:]:
        await besieged.suffer(step)
        assert besieged.holds(), step


@IN_EACH_LANGUAGE
async def test_nor_with_a_model_for_an_accomplice_which_hears_of_no_digits(
    language: str, attack: list[str]
) -> None:
    rules = rules_for(language, DIRECTORY.names())
    async with (
        serving(says(ATTACKERS)) as server,
        extracting(server.url, explains=rules.explains) as asked,
    ):
        besieged = Besieged(asked.extractor, None, rules, pins=True)
        for step in attack[1:]:
            await besieged.suffer(step)
            assert besieged.holds(), step
        sent = str(server.requests)
    assert not any(digits in sent for digits in (CODE, PIN, *SPOKEN[language]))


@pytest.mark.parametrize(
    "steps",
    [
        ["v: tenho um código", f"k: {CODE}#"],
        [f"k: #{CODE}#"],
        [f"k: {CODE}#"],
        ["v: meu código é quatro sete nove dois um três"],
        ["v: quinhentos e um bloco b meu código é quatro sete nove dois um três"],
        ["k: 501#", "k: 2", "k: 4", f"k: {PIN}#"],
    ],
    ids=" ".join,
)
async def test_the_same_gate_opens_for_the_code_and_the_pin_themselves(steps: list[str]) -> None:
    besieged = Besieged(None, None, pins=True)
    for step in steps[:-1]:
        await besieged.suffer(step)
        assert besieged.holds(), step
    await besieged.suffer(steps[-1])
    assert not besieged.holds()


async def test_the_same_gate_opens_on_the_residents_word(accomplice: Extractor) -> None:
    """Or the attacks would prove nothing."""
    besieged = Besieged(accomplice, None)
    await besieged.suffer("v: entrega pro quinhentos e um bloco b")
    await besieged.suffer("answered")
    assert besieged.holds()
    await besieged.suffer("r: pode subir")
    assert not besieged.holds()


async def test_the_accomplice_is_really_asked_and_gets_a_phone_to_ring(
    accomplice: Extractor,
) -> None:
    besieged = Besieged(accomplice, None)
    for _ in range(3):
        await besieged.suffer("v: treco esquisito")
    assert besieged.gate.each(CallOut)
    assert besieged.holds()
