"""Which sentence fits what is known, and the values that each sentence may use."""

from collections.abc import Mapping

from conversation.doorman.state import State
from conversation.understanding import Intent

_NONE: frozenset[str] = frozenset()
_CONDOMINIUM = frozenset({"condominium"})
_UNIT = frozenset({"unit"})
_VISITOR = frozenset({"visitor"})
_FIRM = frozenset({"company", "of_company"})
_RESIDENT = frozenset({"resident"})

TEXTS: Mapping[str, frozenset[str]] = {
    "greeting.morning": _CONDOMINIUM,
    "greeting.afternoon": _CONDOMINIUM,
    "greeting.evening": _CONDOMINIUM,
    "ask.purpose": _NONE,
    "ask.why": _NONE,
    "ask.unit": _NONE,
    "ask.unit_and_block": _NONE,
    "ask.block": _NONE,
    "ask.surname": _NONE,
    "ask.unit_instead": _NONE,
    "ask.whom": _NONE,
    "ask.name": _NONE,
    "ask.company": _NONE,
    "confirm.unit": _UNIT,
    "confirm.name": _RESIDENT,
    "keys.unit": _NONE,
    "keys.yes_no": _NONE,
    "keys.why": _NONE,
    "keys.block": frozenset({"block", "key"}),
    "keys.block_number": _NONE,
    "keys.skip": _NONE,
    "keys.message": _NONE,
    "keys.code": _NONE,
    "code.ask": _NONE,
    "code.refused": _NONE,
    "pin.ask": _NONE,
    "pin.keys_only": _NONE,
    "language.switched": _NONE,
    "language.offer": frozenset({"key"}),
    "sorry": _NONE,
    "take_your_time": _NONE,
    "silent.once": _NONE,
    "silent.twice": _NONE,
    "unknown_unit.again": _UNIT,
    "calm": _NONE,
    "security": _NONE,
    "human.nobody": _NONE,
    "transfer.guard": _NONE,
    "transfer.wait": _NONE,
    "emergency.guard": _NONE,
    "emergency.nobody": _NONE,
    "english.guard": _NONE,
    "english.keys": _NONE,
    "resume.sorry": _NONE,
    "technical_problem": _NONE,
    "recording_notice": _NONE,
    "filler": _NONE,
    "calling.delivery": _UNIT,
    "calling.delivery_company": _UNIT | _FIRM,
    "calling.visit": _UNIT,
    "calling.visit_name": _UNIT | _VISITOR,
    "calling.service": _UNIT,
    "calling.service_company": _UNIT | _FIRM,
    "calling.other": _UNIT,
    "calling.by_name": _NONE,
    "waiting": _NONE,
    "waiting.another": _NONE,
    "desk.offer": _NONE,
    "door.opening": _NONE,
    "door.failed_guard": _NONE,
    "door.opened_by_operator": _NONE,
    "guard.offer": _NONE,
    "message.offer": _NONE,
    "message.ask": _NONE,
    "message.more": _NONE,
    "talk.visitor": _NONE,
    "talk.resident": _NONE,
    "talk.authorised": _NONE,
    "talk.opened": _NONE,
    "talk.door_failed": _NONE,
    "talk.back": _NONE,
    "talk.time": _NONE,
    "closing.talk_over": _NONE,
    "closing.message_taken": _NONE,
    "closing.message_declined": _NONE,
    "transfer.failed": _NONE,
    "closing.authorised": _NONE,
    "closing.authorised_no_door": _NONE,
    "closing.door_failed": _NONE,
    "closing.denied": _NONE,
    "closing.no_answer": _NONE,
    "closing.undecided": _NONE,
    "closing.left_at_desk": _NONE,
    "closing.left_in_locker": _NONE,
    "closing.desk_declined": _NONE,
    "closing.coming_down": _NONE,
    "closing.failed": _NONE,
    "closing.no_phone": _NONE,
    "closing.unknown_unit": _NONE,
    "closing.cancelled": _NONE,
    "closing.goodbye": _NONE,
    "closing.silent": _NONE,
    "closing.not_understood": _NONE,
    "closing.time": _NONE,
    "resident.ask.delivery": _UNIT,
    "resident.ask.delivery_company": _UNIT | _FIRM,
    "resident.ask.delivery_signature": _UNIT,
    "resident.ask.delivery_company_signature": _UNIT | _FIRM,
    "resident.ask.expected": _UNIT | frozenset({"expected"}),
    "resident.ask.visit": _UNIT,
    "resident.ask.visit_name": _UNIT | _VISITOR,
    "resident.ask.service": _UNIT,
    "resident.ask.service_name": _UNIT | _VISITOR,
    "resident.ask.service_company": _UNIT | _FIRM,
    "resident.ask.resident": _UNIT,
    "resident.ask.resident_name": _UNIT | _VISITOR,
    "resident.ask.other": _UNIT,
    "resident.ask.other_name": _UNIT | _VISITOR,
    "resident.ask.english": _UNIT,
    "resident.decide": _NONE,
    "resident.confirm": _NONE,
    "resident.sorry": _NONE,
    "resident.still_there": _NONE,
    "resident.keys": _NONE,
    "resident.line_fails": _NONE,
    "resident.keys_only": _NONE,
    "resident.who.name": _VISITOR,
    "resident.who.name_company": _VISITOR | _FIRM,
    "resident.who.courier": _FIRM,
    "resident.who.technician": _FIRM,
    "resident.who.delivery": _NONE,
    "resident.who.service": _NONE,
    "resident.who.unknown": _NONE,
    "resident.from.company": _FIRM,
    "resident.from.unknown": _NONE,
    "resident.what.delivery": _NONE,
    "resident.what.delivery_company": _FIRM,
    "resident.what.visit": _NONE,
    "resident.what.service": _NONE,
    "resident.what.service_company": _FIRM,
    "resident.what.resident": _NONE,
    "resident.what.other": _NONE,
    "resident.for.name": _RESIDENT,
    "resident.for.unit": _UNIT,
    "resident.take_your_time": _NONE,
    "resident.cannot_talk": _NONE,
    "resident.no_desk": _NONE,
    "resident.needs_signature": _NONE,
    "resident.no_human": _NONE,
    "resident.thanks.authorised": _NONE,
    "resident.thanks.denied": _NONE,
    "resident.thanks.left_at_desk": _NONE,
    "resident.thanks.left_in_locker": _NONE,
    "resident.thanks.coming_down": _NONE,
    "resident.thanks.sent_away": _NONE,
    "resident.undecided": _NONE,
    "resident.wrong_number": _NONE,
    "resident.visitor_left": _NONE,
    "resident.called_off": _NONE,
    "resident.emergency": _NONE,
}
"""Every text that a doorman says, with the values that it may use."""

_AFTERNOON, _EVENING, _MORNING = 12, 18, 5


def greeting(hour: int) -> str:
    """The greeting's key for an hour of the day, 0..23: the small hours are still the night."""
    if _MORNING <= hour < _AFTERNOON:
        return "greeting.morning"
    return "greeting.afternoon" if _AFTERNOON <= hour < _EVENING else "greeting.evening"


def _purpose(state: State) -> str:
    known = {Intent.DELIVERY, Intent.VISIT, Intent.SERVICE, Intent.RESIDENT}
    return str(state.intent) if state.intent in known else "other"


def calling(state: State) -> str:
    """What the visitor is told when the phone is about to ring."""
    purpose = _purpose(state)
    if state.by_name:
        return "calling.by_name"
    if purpose in ("delivery", "service") and state.company:
        return f"calling.{purpose}_company"
    if purpose in ("visit", "resident") and state.visitor_name:
        return "calling.visit_name"
    return f"calling.{'other' if purpose == 'resident' else purpose}"


def resident_question(state: State) -> str:
    """How the resident is told who is there, and asked."""
    purpose = _purpose(state)
    if state.english:
        return "resident.ask.english"
    if state.expected:
        return "resident.ask.expected"
    if purpose in ("delivery", "service") and state.company:
        return f"resident.ask.{purpose}_company{_signature(state)}"
    if purpose != "delivery" and state.visitor_name:
        return f"resident.ask.{purpose}_name"
    return f"resident.ask.{purpose}{_signature(state)}"


def _signature(state: State) -> str:
    return "_signature" if state.signature and state.intent is Intent.DELIVERY else ""


def who(state: State) -> str:
    """The answer to "quem é?"."""
    if state.visitor_name:
        return "resident.who.name_company" if state.company else "resident.who.name"
    if state.company and state.intent in (Intent.DELIVERY, Intent.SERVICE):
        courier = state.intent is Intent.DELIVERY
        return "resident.who.courier" if courier else "resident.who.technician"
    if state.intent in (Intent.DELIVERY, Intent.SERVICE):
        return f"resident.who.{state.intent}"
    return "resident.who.unknown"


def where_from(state: State) -> str:
    """The answer to "de onde é?"."""
    return "resident.from.company" if state.company else "resident.from.unknown"


def what(state: State) -> str:
    """The answer to "o que é?"."""
    purpose = _purpose(state)
    if purpose in ("delivery", "service") and state.company:
        return f"resident.what.{purpose}_company"
    return f"resident.what.{purpose}"


def for_whom(state: State) -> str:
    """The answer to "para quem?"."""
    return "resident.for.name" if state.resident_name else "resident.for.unit"


_LOWER = frozenset("da de do das dos e".split())  # noqa: SIM905 - reads as what it is


def as_name(said: str) -> str:
    """A name as heard, written as a name: "joão da silva" is "João da Silva"."""
    return " ".join(word if word in _LOWER else word.capitalize() for word in said.split())
