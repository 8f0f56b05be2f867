"""The resident decides: plainly, in time, and over keys; in doubt nobody is let in."""

from typing import Any

import pytest

from conversation.flow import KeyPressed, Party, Say, WentQuiet
from conversation.understanding import Expecting
from tests.conversation.gate import Gate

DELIVERY = "entrega do mercado livre pro apartamento quinhentos e um bloco b"
VISIT = "aqui é o carlos vim visitar o cláudio no quinhentos e dois"


def asked(visitor: str = DELIVERY, **settings: Any) -> Gate:
    return Gate(**settings).visitor(visitor).answered()


def test_an_alo_is_answered_by_saying_it_again() -> None:
    gate = asked().resident("alô")
    assert "Mercado Livre" in gate.to_resident
    assert gate.resident("pode subir").outcome == "authorised"


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("quem é", "Carlos"),
        ("o que ele quer", "visita"),
        ("pra quem é", "Cláudio"),
        ("de que empresa", "não foi informada"),
    ],
)
def test_questions_about_a_visitor_are_answered_and_the_question_put_again(
    question: str, answer: str
) -> None:
    gate = asked(VISIT).resident(question)
    assert answer in gate.to_resident
    assert gate.keys_said[-1] == "resident.decide"
    assert gate.doorman.expecting(Party.RESIDENT) is Expecting.AUTHORISATION
    assert gate.resident("pode entrar").opened


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("quem é", "entregador do Mercado Livre"),
        ("de onde é", "Mercado Livre"),
        ("o que é", "ntrega"),
    ],
)
def test_questions_about_a_delivery_are_answered_too(question: str, answer: str) -> None:
    assert answer in asked().resident(question).to_resident


def test_um_momento_is_waited_for() -> None:
    gate = asked().resident("só um momento")
    assert gate.keys_said == ["resident.take_your_time", "waiting"]
    for times in (1, 2, 3, 4):
        gate.quiet(Party.RESIDENT, times)
        assert gate.outcome is None
    assert gate.resident("pode deixar subir").outcome == "authorised"


def test_a_resident_who_stays_silent_lets_nobody_in() -> None:
    gate = asked().quiet(Party.RESIDENT, 1).quiet(Party.RESIDENT, 2)
    assert "resident.keys" in gate.keys_said
    gate.quiet(Party.RESIDENT, 3)
    assert gate.outcome == "undecided"
    assert not gate.opened


def test_an_unclear_answer_is_asked_about_twice_and_then_counts_as_none() -> None:
    gate = asked().resident("sim não")
    assert gate.keys_said == ["resident.sorry", "resident.ask.delivery_company"]
    assert gate.resident("estou no banho").keys_said == ["resident.sorry", "resident.keys"]
    gate.resident("talvez")
    assert gate.outcome == "undecided"
    assert not gate.opened


def test_a_yes_that_was_hardly_heard_is_confirmed_first() -> None:
    gate = asked().resident("sim", confidence=0.3)
    assert gate.keys_said == ["resident.confirm"]
    assert not gate.opened
    assert gate.resident("sim").opened


def test_a_no_that_was_hardly_heard_is_confirmed_too() -> None:
    assert asked().resident("não", confidence=0.3).outcome is None


def test_the_sim_with_which_a_phone_is_taken_opens_no_door() -> None:
    gate = asked().resident("sim", interrupted=True)
    assert not gate.opened
    assert gate.keys_said == ["resident.ask.delivery_company"]
    gate.resident("sim alô", interrupted=True)
    assert not gate.opened
    assert gate.keys_said == ["resident.confirm"]
    assert gate.resident("sim").opened


def test_who_never_hears_us_out_lets_nobody_in() -> None:
    gate = asked()
    for _ in range(3):
        gate.resident("sim", interrupted=True)
    assert gate.outcome == "undecided"
    assert not gate.opened


def test_who_asks_back_over_our_words_is_answered_and_may_decide() -> None:
    gate = asked().resident("quem é", interrupted=True)
    assert gate.resident("pode subir", interrupted=True).opened


def test_the_key_with_which_a_phone_is_taken_opens_no_door() -> None:
    gate = asked().happens(KeyPressed(Party.RESIDENT, "1", interrupted=True))
    assert not gate.opened
    assert gate.keys_said == ["resident.ask.delivery_company"]
    assert gate.happens(KeyPressed(Party.RESIDENT, "1")).opened


def test_a_key_against_the_visitor_counts_at_once() -> None:
    gate = asked().happens(KeyPressed(Party.RESIDENT, "2", interrupted=True))
    assert gate.outcome == "denied"


def test_a_no_may_interrupt() -> None:
    assert asked().resident("não", interrupted=True).outcome == "denied"


def test_deixa_na_portaria_is_done_without_opening() -> None:
    gate = asked().resident("deixa na portaria que eu pego depois")
    assert gate.outcome == "left_at_desk"
    assert "portaria" in gate.to_visitor
    assert not gate.opened
    assert gate.records("authorisation")[0]["decision"] == "leave_at_desk"


def test_the_door_opens_for_the_desk_only_where_it_is_behind_the_door() -> None:
    assert asked(desk_opens_door=True).resident("deixa na portaria").opened


def test_where_nothing_may_be_left_the_resident_is_told_and_asked_again() -> None:
    gate = asked(leave_at_desk=False).resident("deixa na portaria")
    assert gate.keys_said == ["resident.no_desk", "resident.decide"]
    assert gate.outcome is None


def test_a_visitor_is_not_left_at_the_desk() -> None:
    assert asked(VISIT).resident("deixa na portaria").outcome is None


def test_a_resident_who_comes_down_is_waited_for_at_the_gate() -> None:
    gate = asked().resident("já tô descendo")
    assert gate.outcome == "coming_down"
    assert "guarde" in gate.to_visitor
    assert not gate.opened


def test_fala_que_nao_estou_sounds_like_nobody_answered() -> None:
    gate = asked(VISIT).resident("fala que eu não tô")
    assert gate.outcome == "denied"
    assert "não atenderam" in gate.to_visitor


def test_a_resident_who_wants_to_talk_is_told_that_they_cannot_and_asked() -> None:
    assert asked(joins=False).resident("quero falar com ele").keys_said == [
        "resident.cannot_talk",
        "resident.decide",
    ]


def test_a_resident_who_asks_for_a_person_gets_one_and_the_visitor_waits() -> None:
    gate = asked(guard="900").resident("quero falar com o porteiro")
    assert gate.transferred == [(Party.RESIDENT, "900")]
    assert gate.outcome == "transferred"
    assert gate.hung_up == {Party.VISITOR}


def test_a_resident_in_danger_is_given_to_whoever_can_help() -> None:
    gate = asked(emergency="911").resident("socorro tem um ladrão aqui")
    assert gate.transferred == [(Party.RESIDENT, "911")]
    assert gate.outcome == "emergency"
    assert "911" not in gate.to_visitor


@pytest.mark.parametrize(("key", "outcome"), [("1", "authorised"), ("2", "denied")])
def test_a_resident_can_decide_by_key(key: str, outcome: str) -> None:
    gate = asked().keys(key, Party.RESIDENT)
    assert gate.outcome == outcome
    assert gate.records("authorisation")[0]["by"] == "key"


def test_other_keys_decide_nothing() -> None:
    assert asked().keys("3456789*#", Party.RESIDENT).outcome is None


def test_a_question_is_heard_again_on_request() -> None:
    assert asked().resident("não entendi").keys_said == ["resident.ask.delivery_company"]


@pytest.mark.parametrize("words", ["pode subir", "sim", "autorizo", "abre o portão"])
def test_a_resident_who_has_not_answered_decides_nothing(words: str) -> None:
    gate = Gate().visitor(DELIVERY).resident(words).keys("1", Party.RESIDENT)
    assert not gate.opened


def test_everything_asked_of_a_resident_awaits_a_decision() -> None:
    gate = asked()
    for words in ("quem é", "um momento", "alô", "é caro?"):
        gate.resident(words)
        awaited = [
            action.expecting
            for action in gate.last
            if isinstance(action, Say) and action.party is Party.RESIDENT
        ]
        assert awaited
        assert set(awaited) == {Expecting.AUTHORISATION}
    gate.happens(WentQuiet(Party.RESIDENT, 1))
    assert gate.doorman.expecting(Party.RESIDENT) is Expecting.AUTHORISATION


def test_a_resident_who_asks_who_is_speaking_is_told_that_it_is_the_doorman() -> None:
    assert "portaria" in asked().resident("quem está falando").to_resident


def test_a_courier_without_name_or_firm_is_a_courier_all_the_same() -> None:
    gate = asked("entrega pro quinhentos e um bloco b").resident("quem é")
    assert "entregador" in gate.to_resident


@pytest.mark.parametrize(
    "greeting",
    [
        "sua chamada está sendo encaminhada para a caixa postal deixe seu recado após o sinal",
        "sua chamada está cendo encaminhada para a caixa post de seu recado a pois o sinal",
        "no momento não posso atender deixe sua mensagem depois do bip",
    ],
)
def test_a_voice_mail_is_known_by_any_of_its_phrases(greeting: str) -> None:
    assert asked().resident(greeting).records("voice_mail")
