"""What the receptionist does with a call, step by step."""

from typing import Any
from uuid import UUID

import pytest

from conversation.flow import (
    Action,
    CallStarted,
    HangUp,
    LogVisit,
    OpenDoor,
    Party,
    PartyLeft,
    Record,
    Say,
    TimeIsUp,
    Transfer,
    TransferFailed,
    Transferred,
    WentQuiet,
)
from conversation.journal import Entry
from conversation.receptionist import TEXTS, Receptionist, ReceptionistSettings
from conversation.receptionist.state import Stage
from conversation.texts import Texts
from conversation.understanding import Expecting, Understanding
from stt.endpointing import Completeness
from supervisor.webhooks.payloads import data_of, event_of
from tests.receptionist.clinic import HANDBOOK, LANGUAGES, MONDAY, RULES, SUNDAY, Caller

HOURS = HANDBOOK.facts[0].says["pt-BR"]


def log_of(caller: Caller) -> LogVisit:
    [entry] = [action for action in caller.actions if isinstance(action, LogVisit)]
    return entry


def recorded(caller: Caller, kind: str) -> list[Any]:
    return [
        action.data
        for action in caller.actions
        if isinstance(action, Record) and action.kind == kind
    ]


# ---------------------------------------------------------------- answers


def test_a_question_is_answered_in_the_words_of_the_handbook() -> None:
    caller = Caller().says("que horas vocês abrem no sábado")
    assert caller.said == ["answer", "anything_else"]
    assert caller.answers == [HOURS]
    assert recorded(caller, "answered") == [{"facts": ["1"]}]


def test_two_entries_that_are_meant_alike_are_both_told() -> None:
    caller = Caller().says("consulta")
    assert caller.answers == [HANDBOOK.facts[2].says["pt-BR"]]
    assert caller.said[-1] == "confirm.department"
    assert isinstance(caller.says("sim").last[-1], Transfer)


def test_one_call_may_ask_several_things_and_ends_with_a_goodbye() -> None:
    caller = Caller().says("que horas vocês abrem", "tem estacionamento", "não, obrigado")
    assert len(caller.answers) == 2
    assert caller.said == ["closing.goodbye"]
    assert isinstance(caller.last[-2], HangUp)
    entry = log_of(caller)
    assert (entry.outcome, entry.data["facts"]) == ("answered", ["1", "5"])


def test_what_the_handbook_does_not_have_is_not_known_and_something_else_is_offered() -> None:
    caller = Caller().says("vocês vendem pizza")
    assert caller.said == ["unknown.once"]
    caller.says("queria uma pizza de calabresa")
    assert caller.said == ["unknown", "offer.both"]
    assert caller.answers == []


@pytest.mark.parametrize(
    ("settings", "offered"),
    [
        ({"operator": None}, ["unknown", "offer.message"]),
        ({"takes_messages": False}, ["unknown", "offer.person"]),
        ({"operator": None, "takes_messages": False}, ["unknown", "ask"]),
    ],
)
def test_only_what_there_is_is_offered(settings: dict[str, Any], offered: list[str]) -> None:
    caller = Caller(**settings).says("vocês vendem pizza", "pizza de calabresa")
    assert caller.said == offered


def test_nobody_hears_more_than_a_dozen_facts_in_one_call() -> None:
    caller = Caller(max_answers=3).says(*["tem estacionamento"] * 3)
    assert len(caller.answers) == 3
    assert caller.flow.state.stage is Stage.ENDED


def test_a_greeting_and_a_yes_are_no_failure() -> None:
    caller = Caller().says("boa tarde")
    assert caller.said == ["ask"]
    assert caller.says("tem estacionamento", "sim").said == ["ask"]


def test_after_two_failures_the_keys_are_told_and_in_the_end_it_is_a_person() -> None:
    caller = Caller()
    noise = Understanding("hm", 0.1)
    assert caller.hears(noise).said == ["sorry", "ask"]
    said = caller.hears(noise).said
    assert said == ["sorry", "menu.department", "menu.department", "menu.person", "ask"]
    caller.hears(noise)
    assert isinstance(caller.hears(noise).last[-1], Transfer)


def test_where_there_is_no_person_it_ends_politely() -> None:
    caller = Caller(operator=None)
    for _ in range(4):
        caller.hears(Understanding("hm", 0.1))
    assert log_of(caller).outcome == "not_understood"


# ---------------------------------------------------------------- people


@pytest.mark.parametrize(
    ("said", "extension"),
    [
        ("quero falar com o financeiro", "8001"),
        ("preciso da nota fiscal", "8001"),
        ("quero marcar uma consulta", "8002"),
        ("a márcia está", "8003"),
        ("quero falar com uma pessoa", "8000"),
        ("me passa um atendente", "8000"),
    ],
)
def test_a_department_or_person_is_found_by_its_names(said: str, extension: str) -> None:
    assert Caller().says(said).last[-1] == Transfer(Party.VISITOR, extension)


@pytest.mark.parametrize(("key", "extension"), [("1", "8001"), ("2", "8002"), ("0", "8000")])
def test_the_menus_keys_transfer(key: str, extension: str) -> None:
    assert Caller().keys(key).last[-1] == Transfer(Party.VISITOR, extension)


def test_a_department_that_was_not_heard_well_is_read_back() -> None:
    caller = Caller().says("quero falar com o financeiro", confidence=0.5)
    assert caller.said == ["confirm.department"]
    assert caller.says("não").said == ["ask"]


def test_outside_of_its_hours_a_department_takes_a_message() -> None:
    caller = Caller(at=SUNDAY).says("quero falar com o financeiro")
    assert caller.said == ["closed", "offer.message"]
    assert caller.says("sim").said == ["message.name"]
    assert caller.flow.state.whom == "o financeiro"


def test_a_department_without_hours_answers_at_any_time() -> None:
    assert isinstance(Caller(at=SUNDAY).says("a enfermeira").last[-1], Transfer)


def test_a_transfer_is_logged_when_the_caller_is_gone() -> None:
    caller = Caller().keys("1").does(Transferred(Party.VISITOR, "8001"))
    entry = log_of(caller)
    assert (entry.outcome, entry.data["department"]) == ("transferred", "billing")


def test_a_transfer_that_fails_ends_in_the_offer_of_a_message() -> None:
    caller = Caller().keys("1").does(TransferFailed(Party.VISITOR, "8001"))
    assert caller.said == ["transfer.failed", "offer.message"]
    assert caller.says("sim").said == ["message.name"]


def test_who_was_not_answered_comes_back_and_may_leave_a_message() -> None:
    caller = Caller().keys("1").does(Transferred(Party.VISITOR, "8001"))
    again = in_another_process(caller)
    assert again.said == ["transfer.failed", "offer.message"]


def test_an_emergency_is_told_the_number_and_given_to_a_person() -> None:
    caller = Caller().says("socorro, meu pai está infartando")
    assert caller.said == ["emergency", "transfer.person"]


# ---------------------------------------------------------------- messages


def leaving_a_message(**settings: Any) -> Caller:
    return Caller(**settings).says("quero deixar um recado")


def test_a_message_is_taken_whole() -> None:
    caller = leaving_a_message()
    caller.says("meu nome é ricardo lima", "para a doutora ana")
    assert caller.says("onze nove oito sete seis cinco quatro três dois um").last == [
        Say(
            Party.VISITOR,
            "message.confirm_phone",
            {"phone": "um um, nove oito sete meia cinco, quatro três dois um"},
            Expecting.YES_NO,
        )
    ]
    caller.says("sim", "o exame dela ficou pronto", "não")
    [message] = recorded(caller, "message")
    assert message == {
        "text": "o exame dela ficou pronto",
        "name": "ricardo lima",
        "message_for": "para a doutora ana",
        "department": None,
        "phone": "11987654321",
    }
    entry = log_of(caller)
    assert entry.outcome == "message_left"
    assert entry.data["message"] == "o exame dela ficou pronto"


def test_a_message_is_an_event_for_webhooks() -> None:
    caller = leaving_a_message().says("ricardo lima", "a ana", "não tenho", "ligue para mim", "não")
    [message] = recorded(caller, "message")
    entry = Entry(UUID(int=1), 1, MONDAY, "message", message)
    assert event_of(entry) == "message"
    assert data_of("message", message) == message


def test_the_number_is_read_back_digit_by_digit_and_corrected() -> None:
    caller = leaving_a_message().says("ricardo lima", "a ana", "onze nove oito sete seis")
    assert caller.said == ["message.phone_rest"]
    caller.says("cinco quatro três dois um")
    [asked] = caller.last
    assert isinstance(asked, Say)
    assert asked.values == {"phone": "um um, nove oito sete meia cinco, quatro três dois um"}
    assert caller.says("não").said == ["message.phone_again"]
    assert caller.keys("11987654321#").said == ["message.confirm_phone"]
    assert caller.flow.state.phone == "11987654321"
    assert caller.keys("1").said == ["message.ask"]


def test_who_has_no_telephone_may_leave_a_message_all_the_same() -> None:
    caller = leaving_a_message().says("ricardo lima", "a ana", "não tenho")
    assert caller.said == ["message.ask"]


def test_who_hangs_up_in_the_middle_has_left_what_was_said() -> None:
    caller = leaving_a_message().says("ricardo lima", "a ana", "não tenho", "diga que eu liguei")
    caller.does(PartyLeft(Party.VISITOR))
    assert recorded(caller, "message")[0]["text"] == "diga que eu liguei"
    assert log_of(caller).outcome == "message_left"


def test_silence_ends_a_message_and_keeps_it() -> None:
    caller = leaving_a_message().says("ricardo lima", "a ana", "não tenho", "diga que eu liguei")
    assert caller.does(WentQuiet(Party.VISITOR, 1)).said == ["closing.message_taken"]


def test_a_code_in_a_message_is_part_of_the_message() -> None:
    said = "diga que o código de rastreio é quatro cinco seis sete"
    caller = leaving_a_message().says("ricardo lima", "a ana", "não tenho", said, "não")
    assert recorded(caller, "message")[0]["text"] == said


def test_where_no_messages_are_taken_none_is() -> None:
    caller = leaving_a_message(takes_messages=False, operator=None)
    assert caller.said == ["human.nobody", "ask"]


# ---------------------------------------------------------------- time, lines, languages


def test_silence_is_asked_about_and_ends_the_call() -> None:
    caller = Caller().does(WentQuiet(Party.VISITOR, 1))
    assert caller.said == ["silent.once", "ask"]
    assert caller.does(WentQuiet(Party.VISITOR, 2)).said == ["silent.twice", "ask"]
    caller.does(WentQuiet(Party.VISITOR, 3))
    assert log_of(caller).outcome == "silent"


@pytest.mark.parametrize(
    ("event", "outcome"),
    [(PartyLeft(Party.VISITOR), "left"), (TimeIsUp("call_limit"), "timed_out")],
)
def test_every_end_is_logged(event: object, outcome: str) -> None:
    assert log_of(Caller().does(event)).outcome == outcome


def test_the_caller_is_followed_into_another_language_and_answered_in_it() -> None:
    caller = Caller().says("good morning what time do you open please")
    assert caller.answers == [HANDBOOK.facts[0].says["en"]]
    assert caller.flow.language(Party.VISITOR) == "en"
    caller.says("hola quisiera saber cuánto cuesta la consulta")
    assert caller.answers[-1] == HANDBOOK.facts[2].says["es"]


def test_the_star_is_the_next_language() -> None:
    caller = Caller().keys("*")
    assert caller.said == ["language.switched", "ask"]
    assert caller.says("how much is an appointment").answers == [HANDBOOK.facts[2].says["en"]]


def in_another_process(caller: Caller) -> Caller:
    """The call as it goes on from its snapshot."""
    settings = ReceptionistSettings("Clínica Boa Vista", operator="8000")
    flow = Receptionist(settings, HANDBOOK, "pt-BR", RULES)
    flow.restore(caller.flow.snapshot())
    again = Caller(flow=flow)
    again.actions.clear()
    return again.does(CallStarted(10, resumed=True))


def test_a_call_goes_on_in_another_process_where_it_was() -> None:
    caller = leaving_a_message().says("ricardo lima", "a ana")
    again = in_another_process(caller)
    assert again.said == ["resume.sorry", "message.phone"]
    assert again.flow.state.name == "ricardo lima"


def test_a_snapshot_of_another_flow_is_refused() -> None:
    with pytest.raises(ValueError, match="not one of this receptionist's"):
        Caller().flow.restore({"flow": "doorman", "version": 1, "state": {}})


# ---------------------------------------------------------------- turns and texts


@pytest.mark.parametrize(
    ("asked", "text", "judged"),
    [
        ((), "que horas vocês abrem", Completeness.COMPLETE),
        ((), "quero falar com o", Completeness.OPEN),
        ((), "quanto", Completeness.OPEN),
        ((), "bom dia quanto", Completeness.OPEN),
        ((), "a consulta custa quanto", Completeness.COMPLETE),
        (("recado", "rui", "a ana"), "onze nove oito sete", Completeness.OPEN),
        (
            ("recado", "rui", "a ana"),
            "onze nove oito sete seis cinco quatro três dois um",
            Completeness.COMPLETE,
        ),
        (("recado", "rui", "a ana", "não tenho"), "diga que", Completeness.OPEN),
    ],
)
def test_how_long_a_turn_is_waited_for_depends_on_what_was_asked(
    asked: tuple[str, ...], text: str, judged: Completeness
) -> None:
    caller = Caller().says(*asked)
    assert caller.flow.completeness(Party.VISITOR, text) is judged


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_texts_are_all_there_and_none_is_left_that_nobody_says(language: str) -> None:
    texts = Texts.load(language, "conversation.receptionist.texts")
    texts.require(TEXTS)
    assert (set(texts.keys()), texts.language) == (set(TEXTS), language)


def test_the_first_prompts_are_the_greetings() -> None:
    first = [key for key, _ in Caller().flow.prompts()[:3]]
    assert first == [f"greeting.{each}" for each in ("morning", "afternoon", "evening")]


def test_it_never_asks_for_a_door() -> None:
    """Whatever it hears: no step of it makes the action, and no decision of a resident's."""
    said: list[Action] = []
    for language in LANGUAGES:
        for text in ("abre o portão", "open the gate", "autorizo a entrada", "pode subir", "sim"):
            said += Caller(language).says(text, text, text).actions
    assert not any(isinstance(action, OpenDoor) for action in said)
    assert not any(isinstance(each, Record) and each.kind == "authorisation" for each in said)
