"""The rules of a connection, each driven by hand: no socket, no time that passes by itself."""

import asyncio
import logging
import uuid

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audiosocket.connection import CallRefused, Connection
from audiosocket.frames import Kind, encode_frame, encode_uuid
from audiosocket.limits import Limits
from audiosocket.listener import EndReason
from tests.audiosocket.fakes import AUDIO, CALL_ID, Driven, Notes, tone


async def settle() -> None:
    """Let the loop deliver ``connection_lost``."""
    await asyncio.sleep(0)
    await asyncio.sleep(0)


# Rule 1: one write per frame, whole frames


async def test_each_frame_is_one_write_of_323_bytes() -> None:
    driven = Driven().open()
    driven.connection.playback.enqueue(tone(50))
    driven.clock.advance(200)
    assert {len(write) for write in driven.wire.writes} == {323}
    assert {write[:3] for write in driven.wire.writes} == {b"\x10\x01\x40"}


# Rule 2: a frame every 20 ms, silence included


async def test_silence_flows_before_the_uuid_and_without_any_speech() -> None:
    driven = Driven()
    driven.clock.advance(100)
    assert driven.wire.audio() == bytes(5 * 320)


async def test_the_first_frame_does_not_wait_for_the_tick_after_the_uuid() -> None:
    driven = Driven().open()
    assert len(driven.wire.writes) == 1


async def test_a_greeting_queued_when_the_call_starts_is_in_the_first_frame() -> None:
    class Greeter(Notes):
        def call_started(self, connection: Connection) -> None:
            connection.playback.enqueue(tone(100))

    driven = Driven(lambda _: Greeter()).open()
    assert driven.wire.audio() == tone(100)[:320]


async def test_a_frame_goes_out_for_each_tick_whatever_comes_in() -> None:
    driven = Driven().open()
    driven.talk(1000)
    assert len(driven.wire.writes) == 1 + 50


# Rule 3: any input length, the kind decides the rate, audio and 0x00 are all that we answer


async def test_audio_of_odd_lengths_reaches_the_listener_whole() -> None:
    driven = Driven().open()
    for size in (160, 321, 480, 960, 1):
        driven.receive(encode_frame(Kind.SLIN, bytes(size)))
    assert [samples.size for samples in driven.notes.audio] == [80, 160, 240, 480]


async def test_a_split_frame_is_heard_when_its_rest_comes() -> None:
    driven = Driven().open()
    driven.receive(AUDIO[:100])
    assert driven.notes.audio == []
    driven.receive(AUDIO[100:])
    assert [samples.size for samples in driven.notes.audio] == [160]


@pytest.mark.parametrize(
    ("kind", "rate_hz"), [(Kind.SLIN16, 16000), (Kind.SLIN48, 48000), (Kind.SLIN44, 44100)]
)
async def test_other_rates_are_resampled_for_the_listener(kind: Kind, rate_hz: int) -> None:
    driven = Driven().open()
    audio = tone(200, rate_hz=rate_hz)
    size = len(audio) // 10
    for begin in range(0, len(audio), size):
        driven.clock.advance(20)
        driven.receive(encode_frame(kind, audio[begin : begin + size]))
    assert driven.notes.rates == {8000}
    assert [samples.size for samples in driven.notes.audio] == [160] * 10
    loudest = max(int(samples.max()) for samples in driven.notes.audio)
    assert loudest == pytest.approx(8000, rel=0.02)


async def test_a_rate_that_changes_in_the_middle_of_a_call_is_followed() -> None:
    driven = Driven().open()
    for kind, rate_hz in ((Kind.SLIN16, 16000), (Kind.SLIN48, 48000), (Kind.SLIN, 8000)):
        driven.clock.advance(20)
        driven.receive(encode_frame(kind, bytes(rate_hz // 25)))
    assert [samples.size for samples in driven.notes.audio] == [160] * 3


async def test_a_line_at_16_khz_is_heard_and_spoken_to_at_16_khz() -> None:
    driven = Driven(rate_hz=16000).open()
    driven.clock.advance(20)
    driven.receive(encode_frame(Kind.SLIN16, bytes(640)))
    assert driven.notes.rates == {16000}
    assert [samples.size for samples in driven.notes.audio] == [320]
    assert driven.wire.writes[-1] == encode_frame(Kind.SLIN16, bytes(640))


async def test_a_line_at_16_khz_takes_what_comes_at_8_khz() -> None:
    driven = Driven(rate_hz=16000).open()
    driven.clock.advance(20)
    driven.receive(AUDIO)
    assert driven.notes.rates == {16000}
    assert sum(samples.size for samples in driven.notes.audio) == 320


async def test_keys_are_told_in_order_with_the_audio_around_them() -> None:
    driven = Driven().open()
    driven.receive(AUDIO, encode_frame(Kind.DTMF, b"1"), AUDIO, encode_frame(Kind.DTMF, b"#"))
    assert driven.notes.digits == "1#"
    assert len(driven.notes.audio) == 2


async def test_nothing_but_audio_and_hangup_is_ever_sent() -> None:
    driven = Driven().open()
    driven.receive(encode_frame(Kind.DTMF, b"7"))
    driven.talk(100)
    leaving = asyncio.ensure_future(driven.connection.hang_up())
    await settle()
    driven.clock.advance(200)
    driven.connection.eof_received()
    await leaving
    assert set(driven.wire.kinds()) == {Kind.SLIN, Kind.HANGUP}


# Rule 4: EOF before the UUID is normal, FIN is the normal end


async def test_eof_before_the_uuid_is_no_call_and_no_warning(
    caplog: pytest.LogCaptureFixture,
) -> None:
    driven = Driven()
    driven.connection.eof_received()
    assert await driven.connection.ended is EndReason.PEER_CLOSED
    assert driven.counters.calls == 0
    assert driven.notes.reasons == []
    assert [r for r in caplog.records if r.levelno >= logging.WARNING] == []


async def test_fin_ends_the_call_and_is_told_once() -> None:
    driven = Driven().open()
    driven.connection.eof_received()
    driven.connection.abort()
    assert await driven.connection.ended is EndReason.PEER_CLOSED
    assert driven.notes.reasons == [EndReason.PEER_CLOSED]
    assert driven.clock.driven == []


async def test_a_peer_that_sends_0x00_has_hung_up() -> None:
    driven = Driven().open()
    driven.receive(encode_frame(Kind.HANGUP), AUDIO)
    assert await driven.connection.ended is EndReason.PEER_HANGUP
    assert driven.notes.audio == []


# Rule 5: to hang up, let the last audio play, 0x00, read to EOF, close


async def test_hanging_up_plays_what_is_queued_then_says_goodbye_once() -> None:
    driven = Driven().open()
    driven.connection.playback.enqueue(tone(100))
    leaving = asyncio.ensure_future(driven.connection.hang_up())
    await settle()
    driven.clock.advance(400)
    assert driven.wire.audio()[320:2240].startswith(tone(100))
    assert driven.wire.kinds()[-1] is Kind.HANGUP
    assert driven.wire.kinds().count(Kind.HANGUP) == 1
    assert not driven.wire.lost
    driven.receive(AUDIO)
    assert driven.notes.audio == []
    driven.connection.eof_received()
    assert await leaving is EndReason.HUNG_UP
    assert driven.notes.reasons == [EndReason.HUNG_UP]


async def test_the_goodbye_waits_until_what_was_sent_ahead_is_heard() -> None:
    driven = Driven().open()
    driven.connection.playback.enqueue(tone(20))
    leaving = asyncio.ensure_future(driven.connection.hang_up())
    await settle()
    driven.clock.advance(60)
    assert driven.wire.kinds() == [Kind.SLIN] * 4
    driven.clock.advance(20)
    assert driven.wire.kinds()[-1] is Kind.HANGUP
    driven.connection.eof_received()
    await leaving


async def test_a_peer_that_does_not_close_after_the_goodbye_is_closed_after_a_second() -> None:
    driven = Driven().open()
    leaving = asyncio.ensure_future(driven.connection.hang_up())
    await settle()
    driven.clock.advance(900)
    assert not driven.wire.lost
    driven.clock.advance(400)
    assert await leaving is EndReason.HUNG_UP


async def test_a_reset_after_the_goodbye_is_no_loss() -> None:
    driven = Driven().open()
    leaving = asyncio.ensure_future(driven.connection.hang_up())
    await settle()
    driven.clock.advance(100)
    driven.connection.connection_lost(ConnectionResetError("reset"))
    assert await leaving is EndReason.HUNG_UP


async def test_a_queue_that_never_ends_does_not_hold_the_hang_up_for_ever() -> None:
    driven = Driven().open()
    clip = driven.connection.playback.open_clip()
    leaving = asyncio.ensure_future(driven.connection.hang_up(drain_s=0.5))
    await settle()
    driven.clock.advance(480)
    assert not clip.is_over
    driven.clock.advance(200)
    assert clip.is_over
    assert driven.wire.kinds()[-1] is Kind.HANGUP
    driven.connection.eof_received()
    await leaving


async def test_a_peer_that_leaves_first_ends_the_hang_up() -> None:
    driven = Driven().open()
    driven.connection.playback.enqueue(tone(1000))
    leaving = asyncio.ensure_future(driven.connection.hang_up())
    await settle()
    driven.connection.eof_received()
    assert await leaving is EndReason.PEER_CLOSED
    assert await driven.connection.hang_up() is EndReason.PEER_CLOSED


async def test_the_clips_of_an_ended_call_are_over() -> None:
    driven = Driven().open()
    clip = driven.connection.playback.enqueue(tone(1000))
    driven.clock.advance(100)
    driven.connection.abort()
    heard = await clip.done
    assert (heard.played_ms, heard.complete) == (100, False)


async def test_nobody_waits_for_a_clip_after_the_end_of_its_call() -> None:
    driven = Driven().open()
    driven.connection.abort()
    await driven.connection.ended
    assert not (await driven.connection.playback.enqueue(tone(100)).done).complete


# Rule 6: old audio is dropped after a stall, time goes on where no frames come


async def test_after_a_stall_old_audio_is_dropped_and_told_as_a_gap() -> None:
    driven = Driven(limits=Limits(stale_s=0.4)).open()
    driven.clock.stall(101_000)
    driven.receive(AUDIO * 5050)
    assert driven.notes.audio_ms <= 420
    assert driven.notes.told_ms == pytest.approx(101_000, abs=25)
    assert driven.connection.stale_in >= 5000


async def test_a_late_tick_does_not_call_unread_audio_a_gap() -> None:
    driven = Driven().open()
    driven.clock.stall(300)
    driven.clock.tick_now()
    driven.receive(AUDIO * 15)
    assert driven.notes.gaps_ms == []
    assert driven.notes.audio_ms == 300


async def test_silence_suppression_is_told_as_gaps_so_that_time_goes_on() -> None:
    driven = Driven().open()
    driven.talk(200)
    driven.clock.advance(1000)
    assert driven.notes.told_ms == pytest.approx(1200, abs=40)
    driven.talk(200)
    assert driven.notes.told_ms == pytest.approx(1400, abs=40)


async def test_a_steady_stream_has_no_gaps() -> None:
    driven = Driven().open()
    driven.talk(5000)
    assert driven.notes.gaps_ms == []
    assert driven.notes.audio_ms == 5000


# A peer that does not read


async def test_frames_for_a_peer_that_does_not_read_are_dropped_and_not_queued() -> None:
    driven = Driven().open()
    driven.connection.pause_writing()
    driven.clock.advance(1000)
    assert len(driven.wire.writes) == 1
    driven.connection.resume_writing()
    driven.clock.advance(40)
    assert len(driven.wire.writes) == 3
    assert driven.connection.dropped_out == 50


async def test_a_peer_that_never_reads_loses_the_call() -> None:
    driven = Driven().open()
    driven.connection.pause_writing()
    driven.clock.advance(5200)
    assert await driven.connection.ended is EndReason.NOT_READING


# Bad input


@pytest.mark.parametrize(
    ("stream", "detail"),
    [
        (b"GET / HTTP/1.1\r\nHost: gate\r\n\r\n", "unknown kind 0x47"),
        (AUDIO, "kind 0x10 before the UUID"),
        (encode_frame(Kind.DTMF, b"1"), "kind 0x03 before the UUID"),
        (encode_uuid(CALL_ID) * 2, "a second UUID"),
        (encode_uuid(CALL_ID) + b"\x10\x00\x00", "kind 0x10 with 0 bytes"),
        (encode_uuid(CALL_ID) + b"\x10\xff\xff", "kind 0x10 with 65535 bytes"),
        (encode_uuid(CALL_ID) + b"\x02\x00\x00", "unknown kind 0x02"),
        (encode_uuid(CALL_ID) + b"\x03\x00\x01\x80", "a key '\\x80'"),
        (encode_uuid(CALL_ID) + b"\xff\x00\x01\x04", "the peer reports error 04"),
    ],
)
async def test_what_is_no_audiosocket_ends_with_one_log_line_and_a_count(
    stream: bytes, detail: str, caplog: pytest.LogCaptureFixture
) -> None:
    driven = Driven()
    driven.receive(stream)
    assert await driven.connection.ended is EndReason.PROTOCOL_ERROR
    (line,) = [r for r in caplog.records if r.levelno >= logging.WARNING]
    assert line.__dict__["detail"].startswith(detail)
    assert line.__dict__["peer"] == "192.0.2.7:4000"
    assert driven.counters.ended == {EndReason.PROTOCOL_ERROR: 1}
    assert driven.notes.reasons == [EndReason.PROTOCOL_ERROR] * driven.counters.calls


@settings(max_examples=60)
@given(st.booleans(), st.lists(st.binary(max_size=60), max_size=12))
def test_whatever_comes_the_call_begins_and_ends_once_at_most(
    opened: bool, pieces: list[bytes]
) -> None:
    async def play() -> Driven:
        driven = Driven()
        if opened:
            driven.open()
        for piece in pieces:
            driven.receive(piece)
            driven.clock.advance(20)
        driven.connection.eof_received()
        await driven.connection.ended
        return driven

    driven = asyncio.run(play())
    assert driven.counters.calls >= opened
    assert len(driven.notes.reasons) == driven.counters.calls
    assert driven.counters.ended.total() == 1
    assert EndReason.FAILED not in driven.counters.ended


async def test_audio_before_a_bad_frame_is_still_heard() -> None:
    driven = Driven().open()
    driven.receive(AUDIO, b"GET")
    assert len(driven.notes.audio) == 1
    assert await driven.connection.ended is EndReason.PROTOCOL_ERROR


@pytest.mark.parametrize("beginning", [b"", b"\x01", b"\x01\x00\x10half"])
async def test_a_uuid_that_does_not_come_in_time_ends_the_connection(beginning: bytes) -> None:
    driven = Driven()
    driven.receive(beginning)
    driven.clock.advance(6000)
    assert await driven.connection.ended is EndReason.TIMED_OUT
    assert driven.counters.calls == 0


@pytest.mark.parametrize("half", [b"\x10", b"\x10\x01", AUDIO[:322]])
async def test_half_a_frame_for_ever_ends_the_call(half: bytes) -> None:
    driven = Driven().open()
    driven.talk(1000)
    driven.receive(half)
    driven.clock.advance(2300)
    assert await driven.connection.ended is EndReason.TIMED_OUT
    assert driven.notes.reasons == [EndReason.TIMED_OUT]


async def test_dribbling_bytes_do_not_keep_half_a_frame_alive() -> None:
    driven = Driven().open()
    for byte in AUDIO[:30]:
        driven.receive(bytes((byte,)))
        driven.clock.advance(100)
    assert await driven.connection.ended is EndReason.TIMED_OUT


async def test_a_stream_that_is_always_in_the_middle_of_a_frame_lives() -> None:
    driven = Driven().open()
    driven.receive(AUDIO[:100])
    for _ in range(500):
        driven.clock.advance(20)
        driven.receive(AUDIO[100:], AUDIO[:100])
    assert not driven.connection.is_over


async def test_eof_in_the_middle_of_a_frame_is_a_fault_of_the_peer() -> None:
    driven = Driven().open()
    driven.receive(AUDIO[:50])
    driven.connection.eof_received()
    assert await driven.connection.ended is EndReason.PROTOCOL_ERROR


async def test_a_broken_connection_is_told_as_lost() -> None:
    driven = Driven().open()
    driven.connection.connection_lost(ConnectionResetError("reset"))
    assert await driven.connection.ended is EndReason.LOST
    assert driven.notes.reasons == [EndReason.LOST]


# Faults of ours


@pytest.mark.parametrize("method", ["call_started", "audio_received", "audio_gap", "dtmf_received"])
async def test_a_listener_that_raises_ends_its_own_call(
    method: str, caplog: pytest.LogCaptureFixture
) -> None:
    class Faulty(Notes):
        def __getattribute__(self, name: str) -> object:
            if name == method:
                raise RuntimeError("a fault of ours")
            return super().__getattribute__(name)

    faulty = Faulty()
    driven = Driven(lambda _: faulty).open()
    driven.receive(AUDIO, encode_frame(Kind.DTMF, b"1"))
    driven.clock.advance(500)
    assert await driven.connection.ended is EndReason.FAILED
    assert faulty.reasons == [EndReason.FAILED]
    (line,) = [r for r in caplog.records if r.levelno >= logging.ERROR]
    assert line.exc_info is not None


async def test_a_listener_that_raises_at_the_end_still_lets_the_connection_end(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Faulty(Notes):
        def call_ended(self, reason: EndReason) -> None:
            raise RuntimeError("a fault of ours")

    driven = Driven(lambda _: Faulty()).open()
    driven.connection.eof_received()
    assert await driven.connection.ended is EndReason.PEER_CLOSED
    assert "call_ended raised" in caplog.text


# Rule 7: the dialplan tells ends apart by what we do


async def test_a_call_that_is_not_wanted_again_is_answered_with_0x00_at_once() -> None:
    def refuse(connection: Connection) -> Notes:
        raise CallRefused(f"{connection.call_id} has ended")

    driven = Driven(refuse).open()
    assert driven.wire.writes == [encode_frame(Kind.HANGUP)]
    driven.clock.advance(200)
    assert driven.wire.writes == [encode_frame(Kind.HANGUP)]
    driven.connection.eof_received()
    assert await driven.connection.ended is EndReason.REFUSED
    assert driven.counters.calls == 0


async def test_the_call_knows_its_uuid_and_its_start() -> None:
    driven = Driven()
    assert driven.connection.call_id == uuid.UUID(int=0)
    driven.clock.advance(100)
    driven.open()
    assert driven.connection.call_id == CALL_ID
    assert driven.connection.started_at == driven.clock.time
    assert driven.notes.connection is driven.connection
