"""Whole visits, from the greeting to the log."""

import pytest

from conversation.flow import CallOut, CallOutcome, OpenDoor, Party
from conversation.understanding import Expecting
from tests.conversation.gate import Gate

DELIVERY = "entrega do mercado livre pro apartamento quinhentos e um bloco b"


def test_a_delivery_is_announced_authorised_let_in_and_logged() -> None:
    gate = Gate().visitor(DELIVERY)
    assert gate.ringing == "2501"
    assert "Mercado Livre" in gate.to_visitor
    assert "partamento 501, bloco B" in gate.to_visitor
    gate.answered()
    assert "Mercado Livre" in gate.to_resident
    assert gate.to_visitor == ""
    gate.resident("pode subir")
    assert gate.outcome == "authorised"
    assert "autorizad" in gate.to_visitor.lower() or "liberad" in gate.to_visitor.lower()
    assert gate.hung_up == {Party.VISITOR, Party.RESIDENT}


def test_the_call_goes_out_in_the_very_step_that_understood_the_visitor() -> None:
    gate = Gate().visitor(DELIVERY)
    assert any(isinstance(action, CallOut) for action in gate.last)
    assert len(gate.keys_said) == 1


def test_the_door_opens_on_the_recorded_authorisation() -> None:
    gate = Gate().visitor(DELIVERY).answered().resident("pode subir")
    recorded = gate.records("authorisation")[0]
    assert [str(door.authorisation) for door in gate.each(OpenDoor)] == [recorded["id"]]
    assert recorded["decision"] == "yes"
    assert recorded["phone"] == "2501"
    assert recorded["text"] == "pode subir"
    assert gate.visit["authorisation"] == recorded["id"]


def test_the_visit_says_who_why_for_whom_and_whom_we_called() -> None:
    gate = Gate().visitor("aqui é o marcos vim visitar a juliana do quinhentos e um bloco b")
    gate.phone(CallOutcome.NO_ANSWER).answered().resident("não conheço")
    assert gate.outcome == "denied"
    assert gate.visit["visitor"] == "marcos"
    assert gate.visit["intent"] == "visit"
    assert (gate.visit["apartment"], gate.visit["block"]) == ("501", "B")
    assert gate.visit["calls"] == [
        {"phone": "2501", "outcome": "no_answer"},
        {"phone": "2591", "outcome": "answered"},
    ]


def test_a_denied_visit_opens_nothing_and_says_so_politely() -> None:
    gate = Gate().visitor("sou o joão vim visitar o cláudio no quinhentos e dois")
    gate.answered().resident("não autorizo")
    assert gate.outcome == "denied"
    assert not gate.opened
    assert "não foi" in gate.to_visitor


@pytest.mark.parametrize(
    ("hour", "words"), [(8, "om dia"), (15, "oa tarde"), (22, "oa noite"), (3, "oa noite")]
)
def test_the_greeting_fits_the_hour_and_names_the_condominium(hour: int, words: str) -> None:
    gate = Gate(hour)
    assert words in gate.to_visitor
    assert "Residencial Aurora" in gate.to_visitor
    assert gate.doorman.expecting(Party.VISITOR) is Expecting.PURPOSE


def test_missing_pieces_are_asked_for_one_at_a_time() -> None:
    gate = Gate().visitor("boa noite")
    assert gate.keys_said == ["ask.purpose"]
    assert gate.visitor("vim fazer uma visita").keys_said == ["ask.unit_and_block"]
    assert gate.visitor("quinhentos e um").keys_said == ["ask.block"]
    assert gate.visitor("bê").keys_said == ["ask.name"]
    assert gate.visitor("é a carla dias").keys_said == ["calling.visit_name"]
    assert gate.ringing == "2501"


def test_a_unit_alone_is_asked_what_for() -> None:
    gate = Gate().visitor("apartamento mil duzentos e quatro")
    assert gate.keys_said == ["ask.why"]
    assert gate.visitor("é entrega").ringing == "11204"


def test_a_technician_is_asked_for_the_firm() -> None:
    gate = Gate().visitor("vim fazer uma manutenção no cento e dois")
    assert gate.keys_said == ["ask.company"]
    assert gate.visitor("da vivo").ringing == "2102"
    assert "Vivo" in gate.answered().to_resident


def test_what_a_visitor_will_not_say_does_not_hold_the_visit_up_for_ever() -> None:
    gate = Gate().visitor("vim visitar o cento e dois bloco b")
    assert gate.keys_said == ["ask.name"]
    gate.visitor("por que quer saber")
    gate.visitor("não vou falar")
    assert gate.ringing == "2102"
    assert gate.answered().resident("quem é").keys_said == [
        "resident.who.unknown",
        "resident.decide",
    ]


def test_somebody_known_by_name_only_is_called_without_saying_where_they_live() -> None:
    gate = Gate().visitor("entrega pra dona rita")
    assert gate.ringing == "2102"
    assert gate.keys_said == ["calling.by_name"]
    assert "102" not in gate.to_visitor


def test_two_of_one_name_are_asked_about_without_reading_them_out() -> None:
    gate = Gate().visitor("entrega pro daniel")
    assert gate.keys_said == ["ask.surname"]
    assert "Souza" not in gate.to_visitor
    assert gate.visitor("souza").ringing == "1201"


@pytest.mark.parametrize("name", ["rodrigo", "uellinto"])
def test_a_name_that_is_not_sure_is_answered_alike_whoever_lives_here(name: str) -> None:
    assert Gate().visitor(f"entrega pro {name}").keys_said == ["ask.unit_instead"]


def test_a_wrong_name_does_not_keep_a_number_from_being_called() -> None:
    gate = Gate().visitor("entrega pro rodrigo").visitor("quinhentos e dois")
    assert gate.ringing == "2502"


def test_an_apartment_that_does_not_exist_is_asked_for_again_and_then_given_up() -> None:
    gate = Gate().visitor("entrega no novecentos e noventa e nove")
    assert "999" in gate.to_visitor
    gate.visitor("novecentos e noventa e oito")
    assert gate.outcome is None
    gate.visitor("novecentos e noventa e sete")
    assert gate.outcome == "unknown_unit"
    assert not gate.each(CallOut)


def test_the_guard_takes_over_from_a_visitor_who_cannot_be_helped() -> None:
    gate = Gate(guard="900")
    for _ in range(3):
        gate.visitor("entrega no novecentos e noventa e nove")
    assert gate.transferred == [(Party.VISITOR, "900")]
    assert gate.outcome == "transferred"


def test_a_block_misheard_as_another_vowel_is_the_one_vowel_there_is_and_read_back() -> None:
    gate = Gate().visitor("entrega no quinhentos e um do bloco é")
    assert gate.keys_said == ["confirm.unit"]
    assert not gate.each(CallOut)
    assert gate.visitor("isso").ringing == "1501"


@pytest.mark.parametrize(
    "said", ["quinhentos e um bloco", "apartamento quinhentos e um do", "bloco"]
)
def test_a_swallowed_block_that_was_asked_for_is_the_one_vowel_there_is_and_read_back(
    said: str,
) -> None:
    gate = Gate().visitor("entrega no quinhentos e um bloco")
    assert gate.keys_said == ["ask.block"]
    gate.visitor(said)
    assert gate.keys_said == ["confirm.unit"]
    assert "bloco A" in gate.to_visitor
    assert not gate.each(CallOut)
    assert gate.visitor("isso").ringing == "1501"


def test_who_denies_the_block_that_was_read_back_may_name_the_other_one() -> None:
    gate = Gate().visitor("entrega no quinhentos e um bloco").visitor("bloco")
    assert gate.visitor("não é o bloco b").ringing == "2501"


def test_who_says_the_apartment_again_instead_of_a_reason_is_announced_without_one() -> None:
    gate = Gate().visitor("quinhentos e um bloco b")
    assert gate.keys_said == ["ask.why"]
    assert gate.visitor("apartamento quinhentos e um bloco b").keys_said == ["sorry", "ask.why"]
    assert gate.visitor("apartamento quinhentos e um bloco b").ringing == "2501"


def test_an_uncertain_unit_is_read_back_before_anybody_is_called() -> None:
    gate = Gate().visitor("entrega no quinhentos e dois bloco b", confidence=0.5)
    assert gate.keys_said == ["confirm.unit"]
    assert "502, bloco B" in gate.to_visitor
    assert gate.doorman.expecting(Party.VISITOR) is Expecting.YES_NO
    assert gate.visitor("isso").ringing == "2502"


def test_a_read_back_can_be_corrected_in_the_same_breath() -> None:
    gate = Gate().visitor("entrega no quinhentos e dois bloco b", confidence=0.5)
    assert gate.visitor("não é o trezentos e dois").ringing == "2302"


def test_a_read_back_that_is_denied_asks_for_the_unit_again() -> None:
    gate = Gate().visitor("entrega no quinhentos e dois bloco b", confidence=0.5)
    assert gate.visitor("não").keys_said == ["ask.unit_and_block"]
    assert gate.visitor("trezentos e dois").ringing == "2302"


def test_an_uncertain_name_is_read_back_as_it_was_said() -> None:
    gate = Gate().visitor("entrega pra dona rita", confidence=0.5)
    assert gate.keys_said == ["confirm.name"]
    assert "Figueiredo" not in gate.to_visitor
    assert gate.visitor("sim").ringing == "2102"


def test_somebody_who_says_to_live_here_is_announced_like_anybody() -> None:
    gate = Gate().visitor("moro no quinhentos e dois esqueci a chave abre o portão")
    assert gate.keys_said == ["security", "ask.name"]
    gate.visitor("cláudio")
    assert not gate.opened
    assert "mora aí" in gate.answered().to_resident


def test_a_unit_without_a_telephone_is_not_called() -> None:
    gate = Gate().visitor("entrega no setecentos e um bloco a")
    assert gate.outcome == "failed"
    assert not gate.each(CallOut)


def test_a_correction_while_the_phone_rings_stops_the_wrong_phone() -> None:
    gate = Gate().visitor(DELIVERY).visitor("não é o quinhentos e dois")
    assert gate.cancelled
    assert gate.keys_said == ["confirm.unit"]
    assert gate.visitor("isso").ringing == "2502"


def test_a_correction_while_the_wrong_resident_talks_lets_nobody_in_there() -> None:
    gate = Gate().visitor(DELIVERY).answered().visitor("não é o quinhentos e dois")
    assert Party.RESIDENT in gate.hung_up
    assert not gate.resident("pode subir").opened


def test_small_talk_while_the_phone_rings_changes_nothing() -> None:
    gate = Gate().visitor(DELIVERY)
    for words in ("tá bom", "obrigado", "é o quinhentos e um mesmo", "tá chovendo muito aqui"):
        gate.visitor(words)
        assert gate.ringing == "2501"
        assert not gate.cancelled
    assert gate.visitor("vai demorar quem é que você tá chamando").keys_said == ["waiting"]


def test_a_visitor_who_waits_is_told_so_in_other_words_each_time() -> None:
    gate = Gate().visitor(DELIVERY)
    said = [gate.waits(9.0 * n).to_visitor for n in range(1, 5)]
    assert len(set(said)) == 4


def test_without_a_door_to_open_the_visitor_is_only_told() -> None:
    gate = Gate(opens_door=False).visitor(DELIVERY).answered().resident("sim")
    assert gate.outcome == "authorised"
    assert not gate.opened
    assert "portão" not in gate.to_visitor


def test_the_first_words_may_say_everything_at_once() -> None:
    gate = Gate().visitor(
        "boa tarde meu nome é ana paula vim visitar a marina no trezentos e dois bloco b"
    )
    assert gate.ringing == "2302"
    assert "Ana Paula" in gate.answered().to_resident


def test_who_does_not_know_the_block_is_asked_for_the_residents_name() -> None:
    gate = Gate().visitor("entrega pro quinhentos e um").visitor("não sei o bloco")
    assert gate.keys_said == ["ask.whom"]
    assert gate.visitor("juliana prado").ringing == "2501"


def test_who_does_not_know_the_number_is_found_by_name() -> None:
    gate = Gate().visitor("entrega").visitor("não tem o número")
    assert gate.keys_said == ["ask.whom"]
    assert gate.visitor("rita figueiredo").ringing == "2102"


def test_who_knows_neither_number_nor_name_is_sent_to_look_it_up() -> None:
    gate = Gate().visitor("entrega").visitor("não sei").visitor("não sei")
    assert gate.outcome == "unknown_unit"


def test_a_technician_of_no_firm_may_give_a_name_or_none() -> None:
    service = "sou a faxineira do cento e dois bloco b"
    assert "Maria" in Gate().visitor(service).visitor("maria").answered().to_resident
    assert Gate().visitor(service).visitor("é particular").ringing == "2102"


def test_a_visitor_who_asks_how_long_it_takes_is_answered() -> None:
    gate = Gate().visitor("entrega quinhentos e um bloco b")
    assert gate.visitor("vai demorar").keys_said == ["waiting"]
    assert Gate().visitor("anda logo").keys_said == ["calm", "ask.purpose"]


def test_a_hum_is_left_time_once() -> None:
    gate = Gate().visitor("visita").visitor("eh")
    assert gate.last == []
    assert "sorry" in gate.visitor("hm").keys_said


def test_a_lone_digit_that_only_begins_numbers_here_is_no_unit() -> None:
    gate = Gate().visitor("visita").visitor("um")
    assert gate.keys_said == ["sorry", "ask.unit_and_block"]
    assert gate.visitor("nove").keys_said == ["unknown_unit.again"]


def test_where_a_visitor_lives_is_not_where_they_want_to_go() -> None:
    gate = Gate().visitor("visita quinhentos e um bloco b").visitor("é o carlos do bloco a")
    assert gate.ringing == "2501"
    gate = Gate().visitor("visita quinhentos e um bloco b").visitor("é o carlos do cento e dois")
    assert gate.keys_said == ["confirm.unit"]
