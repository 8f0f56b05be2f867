import itertools
import random
import time
import uuid

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audiosocket.frames import (
    KIND_OF_RATE,
    RATE_HZ,
    Frame,
    FrameDecoder,
    Kind,
    ProtocolError,
    encode_frame,
    encode_uuid,
    frame_bytes,
)

CALL_ID = uuid.UUID("6b06e0db-3a3f-4b7a-9f5e-0123456789ab")


def _payload(kind: Kind) -> st.SearchStrategy[bytes]:
    if kind in RATE_HZ:
        return st.binary(min_size=1, max_size=700)
    sizes = {Kind.UUID: (16, 16), Kind.DTMF: (1, 1)}
    smallest, largest = sizes.get(kind, (0, 3))
    return st.binary(min_size=smallest, max_size=largest)


frames = st.sampled_from(Kind).flatmap(
    lambda kind: _payload(kind).map(lambda payload: Frame(kind, payload))
)


def _outcome(stream: bytes, cuts: list[int]) -> tuple[list[Frame], str]:
    """What a decoder makes of a stream cut at these places: its frames, and its complaint."""
    decoder, got = FrameDecoder(), list[Frame]()
    places = [0, *sorted(cut % (len(stream) + 1) for cut in cuts), len(stream)]
    for begin, end in itertools.pairwise(places):
        try:
            got += decoder.feed(stream[begin:end])
        except ProtocolError as error:
            return got + error.frames_before, str(error)
    return got, ""


@given(st.lists(frames, max_size=8), st.lists(st.integers(min_value=0), max_size=8))
def test_frames_survive_any_cut_of_the_stream(sent: list[Frame], cuts: list[int]) -> None:
    stream = b"".join(encode_frame(*frame) for frame in sent)
    assert _outcome(stream, cuts) == (sent, "")


@given(st.binary(max_size=200), st.lists(st.integers(min_value=0), max_size=8))
def test_garbage_gets_the_same_answer_however_it_is_cut(stream: bytes, cuts: list[int]) -> None:
    assert _outcome(stream, cuts) == _outcome(stream, [])


@given(st.lists(frames, min_size=1, max_size=5), st.data())
def test_a_damaged_stream_gives_the_frames_before_the_damage(
    sent: list[Frame], data: st.DataObject
) -> None:
    encoded = [encode_frame(*frame) for frame in sent]
    broken = data.draw(st.integers(0, len(sent) - 1))
    before = b"".join(encoded[:broken])
    got, complaint = _outcome(before + b"\x47" + b"".join(encoded[broken:])[1:] + bytes(3), [])
    assert got == sent[:broken]
    assert complaint == "unknown kind 0x47"


@settings(max_examples=20)
@given(st.lists(frames, min_size=1, max_size=3))
def test_a_stream_may_be_split_at_every_byte(sent: list[Frame]) -> None:
    decoder = FrameDecoder()
    stream = b"".join(encode_frame(*frame) for frame in sent)
    got = [frame for at in range(len(stream)) for frame in decoder.feed(stream[at : at + 1])]
    assert got == sent
    assert not decoder.is_mid_frame


@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_of_asterisk_22_is_known(kind: Kind) -> None:
    payload = {Kind.UUID: bytes(16), Kind.DTMF: b"5", Kind.HANGUP: b"", Kind.ERROR: b"\x01"}
    body = payload.get(kind, bytes(frame_bytes(RATE_HZ.get(kind, 8000))))
    assert FrameDecoder().feed(encode_frame(kind, body)) == [Frame(kind, body)]


def test_a_truncated_frame_waits_for_its_rest() -> None:
    decoder = FrameDecoder()
    encoded = encode_frame(Kind.SLIN, bytes(320))
    assert decoder.feed(encoded[:200]) == []
    assert decoder.is_mid_frame
    assert decoder.feed(encoded[200:] + encoded[:1]) == [Frame(Kind.SLIN, bytes(320))]
    assert decoder.is_mid_frame


def test_half_a_header_waits_too() -> None:
    decoder = FrameDecoder()
    assert decoder.feed(b"\x10") == []
    assert decoder.feed(b"\x00") == []
    assert decoder.feed(b"\x02\x07\x00") == [Frame(Kind.SLIN, b"\x07\x00")]


@pytest.mark.parametrize("size", [1, 160, 321, 480, 960, 16000])
def test_audio_of_any_length_up_to_a_second_is_taken(size: int) -> None:
    assert FrameDecoder().feed(encode_frame(Kind.SLIN, bytes(size)))[0].payload == bytes(size)


@pytest.mark.parametrize(
    ("header", "complaint"),
    [
        (b"\x47\x45\x54", "unknown kind 0x47"),
        (b"\x10\x00\x00", "kind 0x10 with 0 bytes, 1 to 16000 are possible"),
        (b"\x10\xff\xff", "kind 0x10 with 65535 bytes, 1 to 16000 are possible"),
        (b"\x12\x7d\x01", "kind 0x12 with 32001 bytes, 1 to 32000 are possible"),
        (b"\x01\x00\x24", "kind 0x01 with 36 bytes, 16 to 16 are possible"),
        (b"\x03\x00\x02", "kind 0x03 with 2 bytes, 1 to 1 are possible"),
        (b"\x02\x00\x00", "unknown kind 0x02"),
        (b"\x19\x00\x02", "unknown kind 0x19"),
    ],
)
def test_a_bad_header_is_refused_before_its_payload_comes(header: bytes, complaint: str) -> None:
    decoder = FrameDecoder()
    with pytest.raises(ProtocolError, match=complaint):
        decoder.feed(header)


@pytest.mark.parametrize(
    ("kind", "size"), [(Kind.SLIN, 16001), (Kind.UUID, 36), (Kind.DTMF, 2), (Kind.SLIN, 0)]
)
def test_a_whole_frame_of_a_wrong_size_is_refused_like_its_header(kind: Kind, size: int) -> None:
    with pytest.raises(ProtocolError, match=f"with {size} bytes"):
        FrameDecoder().feed(encode_frame(kind, bytes(size)))


def test_a_refused_stream_stays_refused() -> None:
    decoder = FrameDecoder()
    good = encode_frame(Kind.SLIN, bytes(320))
    for stream in (good + b"GET", good, b"\x10", b""):
        with pytest.raises(ProtocolError, match="unknown kind 0x47"):
            decoder.feed(stream)


def test_the_frames_before_a_bad_one_come_with_the_error() -> None:
    with pytest.raises(ProtocolError) as caught:
        FrameDecoder().feed(encode_uuid(CALL_ID) + b"HTTP")
    assert caught.value.frames_before == [Frame(Kind.UUID, CALL_ID.bytes)]


def test_a_frame_too_long_for_its_length_field_is_not_encoded() -> None:
    with pytest.raises(ValueError, match="65535"):
        encode_frame(Kind.SLIN192, bytes(65536))


def test_each_rate_has_one_kind() -> None:
    assert {RATE_HZ[kind]: kind for kind in RATE_HZ} == KIND_OF_RATE
    assert [frame_bytes(rate_hz) for rate_hz in (8000, 16000, 44100)] == [320, 640, 1764]


def test_a_fuzzed_stream_never_breaks_the_decoder() -> None:
    """Half a second of mutated valid streams and of noise; always frames or a ProtocolError."""
    dice = random.Random(20261120)
    deadline, streams, refused = time.monotonic() + 0.5, 0, 0
    while time.monotonic() < deadline:
        stream = bytearray(encode_uuid(CALL_ID))
        for _ in range(dice.randrange(6)):
            stream += encode_frame(Kind.SLIN, dice.randbytes(dice.choice((1, 160, 320, 960))))
        for _ in range(dice.randrange(4)):
            stream[dice.randrange(len(stream))] = dice.randrange(256)
        if dice.random() < 0.2:
            stream = bytearray(dice.randbytes(dice.randrange(1, 400)))
        cuts = [dice.randrange(len(stream)) for _ in range(dice.randrange(4))]
        whole, cut = _outcome(bytes(stream), []), _outcome(bytes(stream), cuts)
        assert whole == cut
        streams += 1
        refused += bool(whole[1])
    assert 0 < refused < streams


def test_the_largest_frame_may_come_byte_by_byte() -> None:
    decoder = FrameDecoder()
    encoded = encode_frame(Kind.SLIN192, bytes(65535))
    got = [frame for byte in encoded for frame in decoder.feed(bytes((byte,)))]
    assert [len(frame.payload) for frame in got] == [65535]
