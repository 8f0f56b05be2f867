"""Every text that a receptionist may say, with the values that it may use."""

from collections.abc import Mapping

_NONE: frozenset[str] = frozenset()
_BUSINESS = frozenset({"business"})
_DEPARTMENT = frozenset({"department"})

TEXTS: Mapping[str, frozenset[str]] = {
    "greeting.morning": _BUSINESS,
    "greeting.afternoon": _BUSINESS,
    "greeting.evening": _BUSINESS,
    "ask": _NONE,
    "answer": frozenset({"answer"}),
    "anything_else": _NONE,
    "sorry": _NONE,
    "unknown.once": _NONE,
    "unknown": _NONE,
    "offer.both": _NONE,
    "offer.person": _NONE,
    "offer.message": _NONE,
    "confirm.department": _DEPARTMENT,
    "closed": _DEPARTMENT,
    "human.nobody": _NONE,
    "transfer.department": _DEPARTMENT,
    "transfer.person": _NONE,
    "transfer.failed": _NONE,
    "emergency": _NONE,
    "menu.department": frozenset({"department", "key"}),
    "menu.person": _NONE,
    "keys.yes_no": _NONE,
    "message.name": _NONE,
    "message.whom": _NONE,
    "message.phone": _NONE,
    "message.phone_rest": _NONE,
    "message.phone_again": _NONE,
    "message.confirm_phone": frozenset({"phone"}),
    "message.ask": _NONE,
    "message.more": _NONE,
    "language.switched": _NONE,
    "language.offer": frozenset({"key"}),
    "silent.once": _NONE,
    "silent.twice": _NONE,
    "resume.sorry": _NONE,
    "technical_problem": _NONE,
    "recording_notice": _NONE,
    "filler": _NONE,
    "closing.message_taken": _NONE,
    "closing.goodbye": _NONE,
    "closing.unanswered": _NONE,
    "closing.silent": _NONE,
    "closing.not_understood": _NONE,
    "closing.time": _NONE,
}

_MORNING, _AFTERNOON, _EVENING = 5, 12, 18


def greeting(hour: int) -> str:
    """The greeting's key for an hour of the day, 0..23: the small hours are still the night."""
    if _MORNING <= hour < _AFTERNOON:
        return "greeting.morning"
    return "greeting.afternoon" if _AFTERNOON <= hour < _EVENING else "greeting.evening"
