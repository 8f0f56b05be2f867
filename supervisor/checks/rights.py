"""What the manager's user may do: enough, and not more."""

from collections.abc import Collection
from typing import Final

from supervisor.checks.finding import Finding, fail, ok, warn

NEEDED: Final = {
    "Originate": "originate",
    "Hangup": "call",
    "Setvar": "call",
    "Getvar": "call",
    "PlayDTMF": "call",
}
"""Actions that we use, and the class of rights that each takes."""
TOO_MUCH: Final = {
    "Command": "command",
    "UpdateConfig": "config",
    "GetConfig": "config",
    "ModuleLoad": "system",
    "DBGet": "reporting",
    "UserEvent": "user",
    "AGI": "agi",
    "QueueAdd": "agent",
}
"""Actions that we never use, each of which gives a class of rights away."""
ENOUGH: Final = "In manager.conf: read = call,user,dtmf and write = originate,call; manager reload"
READ: Final = frozenset({"call", "user", "dtmf"})


def judge_actions(allowed: Collection[str]) -> Finding:
    """... from the names of the actions that Asterisk lets the user do."""
    missing = [name for name in NEEDED if name not in allowed]
    if missing:
        classes = ",".join(dict.fromkeys(NEEDED[name] for name in missing))
        text = f"The user may not {', '.join(missing)} (write = {classes})."
        return fail("ami rights", text, ENOUGH)
    classes_too_many = dict.fromkeys(TOO_MUCH[name] for name in TOO_MUCH if name in allowed)
    if classes_too_many:
        text = f"The user may do more than it should: write = {','.join(classes_too_many)}."
        return warn("ami rights", text, ENOUGH)
    return ok("ami rights", "The user may do what calling people takes, and no more.")


def judge_events(classes: Collection[str], *, told_of_call: bool, told_of_user: bool) -> Finding:
    """... from the classes of the events that came during a call of ours."""
    missing = [n for n, told in (("call", told_of_call), ("user", told_of_user)) if not told]
    if missing:
        text = f"The user is not told of its calls (read = {','.join(missing)})."
        return fail("events", text, ENOUGH)
    beyond = sorted(set(classes) - READ - {"all"})
    if beyond:
        text = f"The user is told more than it should: read = {','.join(beyond)}."
        return warn("events", text, ENOUGH)
    return ok("events", "The user is told of its calls, and of nothing else.")
