"""A yes of which a "não" may have been lost opens nothing: words once more, then keys."""

import pytest

from conversation.flow import Party
from conversation.losses import Lost
from conversation.rules import rules_for
from tests.conversation.gate import DIRECTORY, Gate

SPANISH = rules_for("es", DIRECTORY.names())
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


def test_where_we_open_nothing_a_parcel_is_left_whatever_was_lost() -> None:
    gate = asked(opens_door=False, desk_opens_door=True)
    assert gate.resident("deixa na portaria", lost=Lost.PART).outcome == "left_at_desk"


def asked_in_spanish() -> Gate:
    gate = Gate(rules=SPANISH)
    return gate.visitor("entrega para el apartamento quinientos uno bloque b").answered()


@pytest.mark.parametrize("rest", ["si puede pasar", "si autorizo", "si puede", "autorizo"])
def test_a_spanish_if_is_no_yes_without_its_beginning(rest: str) -> None:
    gate = asked_in_spanish().resident(rest, lost=Lost.START)
    assert gate.keys_said == ["resident.line_fails"]
    assert not gate.opened


@pytest.mark.parametrize("yes", ["sí claro", "sí gracias", "sí ok"])
def test_a_spanish_yes_alone_is_one(yes: str) -> None:
    assert asked_in_spanish().resident(yes, lost=Lost.START).opened


@pytest.mark.parametrize("yes", ["sí puede pasar", "sí autorizo"])
def test_a_spanish_permission_heard_whole_is_taken_at_once(yes: str) -> None:
    assert asked_in_spanish().resident(yes).opened


def doubted_twice() -> Gate:
    return asked().resident("autorizo", lost=Lost.PART).resident("autorizo", lost=Lost.PART)


@pytest.mark.parametrize("said", ["hein", "alô", "repete por favor", "quem é"])
def test_where_only_keys_are_believed_no_spoken_yes_is_asked_for(said: str) -> None:
    gate = doubted_twice().resident(said)
    assert gate.keys_said[-1] == "resident.keys"
    assert not any("question" in key or "confirm" in key for key in gate.keys_said)


def test_nor_where_a_yes_was_hardly_understood() -> None:
    gate = doubted_twice().resident("autorizo", 0.3)
    assert gate.keys_said[-1] in ("resident.keys", "resident.keys_only")


def test_another_phone_is_not_doubted_for_the_line_of_the_first() -> None:
    gate = doubted_twice().resident("número errado").answered()
    assert gate.resident("autorizo").opened


def test_the_same_phone_called_again_is() -> None:
    gate = doubted_twice().leaves(Party.RESIDENT).answered()
    assert not gate.resident("autorizo").opened
    assert gate.keys_said == ["resident.keys_only"]
