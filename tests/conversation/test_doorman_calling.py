"""The phones of a unit, and everything that may happen on them."""

import pytest

from conversation.flow import CallOut, CallOutcome, CallOutEnded, Party
from stt.endpointing import Completeness
from tests.conversation.gate import Gate

DELIVERY = "entrega da loggi pro apartamento quinhentos e um bloco b"
NOT_REACHED = [
    CallOutcome.BUSY,
    CallOutcome.REJECTED,
    CallOutcome.NO_ANSWER,
    CallOutcome.UNREACHABLE,
    CallOutcome.INVALID,
]


@pytest.mark.parametrize("outcome", NOT_REACHED)
def test_the_next_phone_is_tried_whatever_became_of_the_first(outcome: CallOutcome) -> None:
    gate = Gate().visitor(DELIVERY).phone(outcome)
    assert gate.ringing == "2591"
    rang = outcome not in (CallOutcome.UNREACHABLE, CallOutcome.INVALID)
    assert gate.keys_said == (["waiting.another"] if rang else [])


@pytest.mark.parametrize("outcome", NOT_REACHED)
def test_when_nobody_can_be_reached_the_visitor_is_told_and_no_more(outcome: CallOutcome) -> None:
    gate = Gate().visitor(DELIVERY).phone(outcome).phone(outcome)
    assert gate.outcome == "no_answer"
    assert "não atenderam" in gate.to_visitor
    assert "Juliana" not in gate.to_visitor
    assert not gate.cancelled


def test_no_more_phones_are_tried_than_a_visitor_would_wait_for() -> None:
    gate = Gate(max_phones=1).visitor(DELIVERY).phone(CallOutcome.BUSY)
    assert gate.outcome == "no_answer"
    assert [call.phone for call in gate.each(CallOut)] == ["2501"]


def test_phones_that_cannot_be_reached_do_not_count_as_tried() -> None:
    gate = Gate(max_phones=1).visitor(DELIVERY).phone(CallOutcome.INVALID)
    assert [call.phone for call in gate.each(CallOut)] == ["2501", "2591"]


def test_each_step_of_the_hunt_list_rings_as_long_as_it_is_given() -> None:
    gate = Gate(ring_steps_s=(12.0,), ring_s=25.0).visitor(DELIVERY).phone(CallOutcome.BUSY)
    assert [call.ring_s for call in gate.each(CallOut)] == [12.0, 25.0]


def test_all_phones_together_ring_no_longer_than_the_ceiling() -> None:
    gate = Gate(hunt_limit_s=40.0, ring_s=30.0).visitor(DELIVERY)
    gate.happens(CallOutEnded("2501", CallOutcome.NO_ANSWER, 30.0))
    assert gate.each(CallOut)[-1].ring_s == pytest.approx(10.0)
    late = Gate(hunt_limit_s=32.0, ring_s=30.0).visitor(DELIVERY)
    late.happens(CallOutEnded("2501", CallOutcome.NO_ANSWER, 30.0))
    assert late.outcome == "no_answer"
    assert len(late.each(CallOut)) == 1


def test_a_hunt_list_may_end_with_the_guard() -> None:
    gate = Gate(nobody_answers="guard", guard="900", max_phones=1).visitor(DELIVERY)
    assert gate.phone(CallOutcome.BUSY).transferred == [(Party.VISITOR, "900")]
    assert gate.outcome == "transferred"
    alone = Gate(nobody_answers="guard", max_phones=1).visitor(DELIVERY)
    assert alone.phone(CallOutcome.BUSY).outcome == "no_answer"


def offered_a_message() -> Gate:
    gate = Gate(nobody_answers="message", max_phones=1).visitor(DELIVERY)
    gate.phone(CallOutcome.NO_ANSWER)
    assert gate.keys_said == ["message.offer"]
    return gate


def test_a_message_may_be_left_where_nobody_answers() -> None:
    gate = offered_a_message().visitor("quero sim")
    assert gate.keys_said == ["message.ask"]
    gate.visitor("fala pro porteiro que a encomenda da juliana chegou")
    assert gate.outcome is None, "a message may speak of the guard"
    gate.visitor("volto amanhã de manhã")
    gate.visitor("não obrigado")
    assert gate.outcome == "message_left"
    said = "fala pro porteiro que a encomenda da juliana chegou volto amanhã de manhã"
    assert gate.visit["message"] == said
    assert gate.records("message") == [{"text": said, "unit": "B/501"}]


def test_a_message_is_given_time_and_a_no_after_it_is_not_waited_for_as_long() -> None:
    gate = offered_a_message().visitor("sim")
    assert gate.doorman.completeness(Party.VISITOR, "não vou voltar") is Completeness.OPEN
    gate.visitor("volto amanhã de manhã às dez")
    assert gate.doorman.completeness(Party.VISITOR, "não obrigado") is Completeness.UNKNOWN
    assert gate.doorman.completeness(Party.VISITOR, "e traga a chave") is Completeness.OPEN


def test_a_silence_ends_a_message_and_a_key_does_too() -> None:
    gate = offered_a_message().visitor("sim").visitor("volto amanhã")
    assert gate.quiet(Party.VISITOR, 1).visit["message"] == "volto amanhã"
    gate = offered_a_message().keys("1").visitor("volto amanhã").keys("#")
    assert gate.outcome == "message_left"


def test_a_message_is_not_forced_on_anybody() -> None:
    gate = offered_a_message().visitor("não obrigado")
    assert gate.outcome == "no_answer"
    assert gate.visit["message"] is None


def test_an_emergency_is_no_message() -> None:
    gate = offered_a_message().visitor("sim").visitor("socorro chama uma ambulância")
    assert gate.outcome == "emergency"


def test_a_telephone_system_that_fails_is_not_tried_again() -> None:
    gate = Gate().visitor(DELIVERY).phone(CallOutcome.FAILED)
    assert gate.outcome == "failed"
    assert len(gate.each(CallOut)) == 1


def test_a_failing_telephone_system_leaves_the_visitor_to_the_guard() -> None:
    gate = Gate(guard="900").visitor(DELIVERY).phone(CallOutcome.FAILED)
    assert gate.transferred == [(Party.VISITOR, "900")]


def test_the_phone_rings_as_long_as_the_settings_say() -> None:
    assert Gate(ring_s=12.5).visitor(DELIVERY).each(CallOut)[0].ring_s == 12.5


def test_a_resident_who_hangs_up_undecided_is_called_once_more() -> None:
    gate = Gate().visitor(DELIVERY).answered().leaves(Party.RESIDENT)
    assert [call.phone for call in gate.each(CallOut)] == ["2501", "2501"]
    gate.answered().leaves(Party.RESIDENT)
    assert gate.outcome == "undecided"
    assert not gate.opened


def test_a_visitor_who_leaves_while_it_rings_stops_the_ringing() -> None:
    gate = Gate().visitor(DELIVERY).leaves(Party.VISITOR)
    assert gate.cancelled
    assert gate.outcome == "left"
    assert gate.to_visitor == ""


def test_a_visitor_who_leaves_while_the_resident_decides_ends_that_call_too() -> None:
    gate = Gate().visitor(DELIVERY).answered().leaves(Party.VISITOR)
    assert "foi embora" in gate.to_resident
    assert gate.hung_up == {Party.RESIDENT}
    assert gate.outcome == "left"


def test_a_visitor_who_leaves_at_once_is_logged_too() -> None:
    assert Gate().leaves(Party.VISITOR).outcome == "left"


def test_an_answer_that_comes_too_late_is_hung_up_on() -> None:
    gate = Gate().visitor(DELIVERY).visitor("não é o quinhentos e dois")
    gate.happens(CallOutEnded("2501", CallOutcome.ANSWERED))
    assert Party.RESIDENT in gate.hung_up
    assert not gate.resident("sim").opened


def test_a_voice_mail_is_hung_up_on_and_the_next_phone_tried() -> None:
    gate = Gate().visitor(DELIVERY).answered().resident("após o sinal deixe seu recado")
    assert gate.hung_up == {Party.RESIDENT}
    assert gate.to_resident == ""
    assert gate.ringing == "2591"


def test_a_wrong_number_is_apologised_to_and_the_next_phone_tried() -> None:
    gate = Gate().visitor(DELIVERY).answered().resident("é engano não é aqui")
    assert "ngano" in gate.to_resident
    assert gate.ringing == "2591"
    assert gate.outcome is None


def test_a_parcel_can_be_left_when_nobody_answers_where_that_is_offered() -> None:
    gate = Gate(offer_desk=True).visitor(DELIVERY)
    gate.phone(CallOutcome.NO_ANSWER).phone(CallOutcome.NO_ANSWER)
    assert gate.keys_said == ["desk.offer"]
    assert gate.visitor("pode ser").outcome == "left_at_desk"
    assert not gate.opened


def test_a_courier_may_rather_come_back() -> None:
    gate = Gate(offer_desk=True, max_phones=1).visitor(DELIVERY).phone(CallOutcome.BUSY)
    assert gate.visitor("não obrigado").outcome == "no_answer"


def test_visits_are_not_offered_the_desk() -> None:
    gate = Gate(offer_desk=True).visitor("aqui é o rui vim visitar o quinhentos e dois")
    assert gate.phone(CallOutcome.NO_ANSWER).outcome == "no_answer"


def test_the_ceiling_of_a_call_ends_every_leg() -> None:
    gate = Gate().visitor(DELIVERY).answered().time_is_up()
    assert gate.outcome == "timed_out"
    assert gate.hung_up == {Party.VISITOR, Party.RESIDENT}
    assert Gate().visitor(DELIVERY).time_is_up().cancelled
