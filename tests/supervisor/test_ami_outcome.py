"""Outcomes from the event sequences that Asterisk 22 was seen to send (docs/asterisk.md)."""

import pytest

from conversation.flow import CallOutcome
from supervisor.ami.outcome import AmiAttempt
from supervisor.ami.protocol import Message

NEW = Message((("Event", "Newchannel"),))
RINGING = Message((("Event", "Newstate"), ("ChannelStateDesc", "Ringing")))
FAILED = Message((("Event", "OriginateResponse"), ("Response", "Failure"), ("Reason", "0")))


def _hangup(cause: int) -> Message:
    return Message((("Event", "Hangup"), ("Cause", str(cause))))


@pytest.mark.parametrize(
    ("events", "outcome"),
    [
        ([NEW, _hangup(17)], CallOutcome.BUSY),
        ([NEW, RINGING, _hangup(17)], CallOutcome.BUSY),
        ([NEW, RINGING, _hangup(21)], CallOutcome.REJECTED),
        ([NEW, RINGING, _hangup(19)], CallOutcome.NO_ANSWER),
        ([NEW, _hangup(19)], CallOutcome.UNREACHABLE),
        ([NEW, _hangup(1)], CallOutcome.INVALID),
        ([NEW, _hangup(34)], CallOutcome.FAILED),
        ([NEW, RINGING, _hangup(0)], CallOutcome.NO_ANSWER),
        ([NEW, FAILED, _hangup(17)], CallOutcome.BUSY),
        ([FAILED], CallOutcome.UNREACHABLE),
        ([NEW, FAILED], None),
        ([NEW, RINGING], None),
        ([Message((("Event", "DialEnd"), ("DialStatus", "ANSWER")))], CallOutcome.ANSWERED),
        ([Message((("Event", "Newstate"), ("ChannelStateDesc", "Up")))], CallOutcome.ANSWERED),
    ],
)
def test_the_cause_tells_the_outcome(events: list[Message], outcome: CallOutcome | None) -> None:
    attempt = AmiAttempt()
    for event in events:
        attempt.take(event)
    assert attempt.outcome() is outcome


def test_a_report_whose_channel_end_never_comes_is_not_waited_for_for_ever() -> None:
    attempt = AmiAttempt()
    for event in (NEW, RINGING, FAILED):
        attempt.take(event)
    assert attempt.outcome(waited_for_end=True) is CallOutcome.NO_ANSWER
