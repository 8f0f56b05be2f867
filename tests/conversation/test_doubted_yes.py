"""A yes of which a "não" may have been lost opens nothing: words once more, then keys."""

import pytest

from conversation.flow import Party
from conversation.losses import Lost
from tests.conversation.gate import Gate

DELIVERY = "entrega do mercado livre pro apartamento quinhentos e um bloco b"
YESES = ("autorizo", "pode", "pode subir", "libera", "deixa entrar", "manda subir", "claro")


def asked(**settings: bool) -> Gate:
    return Gate(**settings).visitor(DELIVERY).answered()


@pytest.mark.parametrize("yes", [*YESES, "sim", "sim pode subir"])
def test_a_yes_with_audio_missing_is_asked_for_again(yes: str) -> None:
    gate = asked().resident(yes, lost=Lost.PART)
    assert gate.keys_said == ["resident.line_fails"]
    assert not gate.opened
    assert gate.resident("sim").opened


@pytest.mark.parametrize("yes", YESES)
def test_a_yes_whose_beginning_nobody_vouches_for_is_asked_for_again(yes: str) -> None:
    gate = asked().resident(yes, lost=Lost.START)
    assert gate.keys_said == ["resident.line_fails"]
    assert not gate.opened


@pytest.mark.parametrize("yes", ["sim", "sim pode subir", "pode sim"])
def test_a_sim_is_no_refusal_without_its_beginning(yes: str) -> None:
    assert asked().resident(yes, lost=Lost.START).opened


def test_the_second_time_only_a_key_opens() -> None:
    gate = asked().resident("autorizo", lost=Lost.PART).resident("autorizo", lost=Lost.PART)
    assert gate.keys_said == ["resident.keys_only"]
    assert not gate.resident("sim pode subir").opened
    assert gate.keys_said == ["resident.keys_only"]
    gate.quiet(Party.RESIDENT, 1)
    assert gate.keys_said[-1] == "resident.keys"
    assert gate.keys("1", Party.RESIDENT).opened


def test_who_never_presses_one_lets_nobody_in() -> None:
    gate = asked()
    for _ in range(9):
        gate.resident("autorizo", lost=Lost.PART)
    assert gate.outcome == "undecided"
    assert not gate.opened
    assert [record["reason"] for record in gate.records("undecided")] == ["not heard whole"]
    assert {record["lost"] for record in gate.records("yes_doubted")} == {"part"}


@pytest.mark.parametrize("lost", Lost)
def test_a_no_is_a_no_however_it_was_heard(lost: Lost) -> None:
    gate = asked().resident("autorizo", lost=Lost.PART).resident("não", lost=lost)
    assert gate.outcome == "denied"


@pytest.mark.parametrize("lost", Lost)
def test_a_parcel_is_left_where_no_door_opens_for_it(lost: Lost) -> None:
    gate = asked().resident("deixa na portaria", lost=lost)
    assert gate.outcome == "left_at_desk"
    assert not gate.opened


def test_where_the_door_opens_for_a_parcel_the_same_is_doubted() -> None:
    gate = asked(desk_opens_door=True).resident("deixa na portaria", lost=Lost.START)
    assert gate.keys_said == ["resident.line_fails"]
    assert not gate.opened


@pytest.mark.parametrize("heard", ["torizo", "torizo a entrada", "alô pode subir", "alô autorizo"])
def test_words_that_lack_their_beginning_open_nothing(heard: str) -> None:
    assert not asked().resident(heard).opened
