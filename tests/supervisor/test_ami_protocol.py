import pytest
from hypothesis import given
from hypothesis import strategies as st

from supervisor.ami.protocol import (
    AmiProtocolError,
    Message,
    MessageDecoder,
    UnsafeValueError,
    encode_action,
)

BANNER = b"Asterisk Call Manager/11.0.0\r\n"
NAMES = st.text("ABCabc-", min_size=1, max_size=12)
VALUES = st.text(st.characters(exclude_characters="\r\n\0", codec="utf-8"), max_size=60).map(
    str.strip
)
MESSAGES = st.lists(st.lists(st.tuples(NAMES, VALUES), min_size=1, max_size=6), max_size=5)


def _encoded(messages: list[list[tuple[str, str]]]) -> bytes:
    return b"".join(
        b"".join(f"{name}: {value}\r\n".encode() for name, value in lines) + b"\r\n"
        for lines in messages
    )


@given(MESSAGES, st.lists(st.integers(0, 400), max_size=8))
def test_messages_are_the_same_however_the_stream_is_cut(
    messages: list[list[tuple[str, str]]], cuts: list[int]
) -> None:
    stream = BANNER + _encoded(messages)
    decoder, received, at = MessageDecoder(), list[Message](), 0
    for cut in [*sorted(cuts), len(stream)]:
        received += decoder.feed(stream[at:cut])
        at = max(at, cut)
    assert [list(message.lines) for message in received] == messages


@given(st.text(max_size=40), st.text(max_size=40))
def test_a_value_never_becomes_another_line(name: str, value: str) -> None:
    try:
        data = encode_action("Setvar", "1", [(name, value)])
    except UnsafeValueError:
        return
    assert data.count(b"\r\n") == 4
    assert data.count(b"\n") == 4
    assert b"\0" not in data


@pytest.mark.parametrize("value", ["a\r\nAction: Command", "a\nb", "a\rb", "a\0b", "x" * 1020])
def test_a_dangerous_value_is_refused(value: str) -> None:
    with pytest.raises(UnsafeValueError):
        encode_action("Originate", "1", [("Variable", value)])


def test_an_action_is_written_as_asterisk_reads_it() -> None:
    assert encode_action("Ping", "7") == b"Action: Ping\r\nActionID: 7\r\n\r\n"


@pytest.mark.parametrize("data", [b"HTTP/1.1 400 Bad Request\r\n", b"SSH-2.0\r\n", b"\0\0"])
def test_another_service_is_recognised_by_its_first_bytes(data: bytes) -> None:
    with pytest.raises(AmiProtocolError, match="not Asterisk"):
        MessageDecoder().feed(data)


def test_a_banner_without_end_is_given_up() -> None:
    with pytest.raises(AmiProtocolError):
        MessageDecoder().feed(b"Asterisk Call Manager" + b"x" * 2000)


def test_a_message_without_end_is_given_up() -> None:
    decoder = MessageDecoder()
    decoder.feed(BANNER)
    with pytest.raises(AmiProtocolError, match="longer than"):
        for _ in range(300):
            decoder.feed(b"Name: " + b"x" * 1000 + b"\r\n")


def test_names_are_found_whatever_their_case() -> None:
    [message] = MessageDecoder().feed(BANNER + b"EVENT: Hangup\r\nuniqueid: 1.2\r\n\r\n")
    assert (message.event, message.get("UniqueID")) == ("Hangup", "1.2")


def test_the_report_of_an_originate_is_an_event_not_a_response() -> None:
    stream = BANNER + b"Event: OriginateResponse\r\nResponse: Failure\r\n\r\n"
    [message] = MessageDecoder().feed(stream)
    assert not message.is_response
