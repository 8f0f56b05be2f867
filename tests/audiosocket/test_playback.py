import asyncio

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audiosocket.clip import STREAM_AHEAD_MS
from audiosocket.frames import Kind, encode_frame
from audiosocket.playback import Heard, Playback, PlaybackFull
from audiosocket.slin import from_bytes, silence
from tests.audiosocket.fakes import tone

SILENCE = encode_frame(Kind.SLIN, bytes(320))


def frames(playback: Playback, count: int, begin: float = 0.0) -> list[bytes]:
    """The payloads of the next frames."""
    return [playback.next_frame(begin + 0.02 * index)[3:] for index in range(count)]


def test_with_nothing_to_say_it_sends_silence() -> None:
    playback = Playback()
    assert [playback.next_frame(0.0) for _ in range(3)] == [SILENCE] * 3
    assert not playback.is_playing
    assert playback.played_ms == 0


def test_a_clip_goes_out_in_frames_of_20_ms_and_then_silence() -> None:
    playback, audio = Playback(), tone(50)
    clip = playback.enqueue(audio)
    sent = frames(playback, 4)
    assert b"".join(sent) == audio + silence(30)
    assert clip.heard == Heard(50.0, complete=True)
    assert playback.played_ms == 50


def test_every_frame_is_whole_and_carries_its_header() -> None:
    playback = Playback()
    playback.enqueue(tone(50))
    for frame in (playback.next_frame(0.0) for _ in range(4)):
        assert frame[:3] == b"\x10\x01\x40"
        assert len(frame) == 323


def test_wideband_frames_are_640_bytes_of_kind_0x12() -> None:
    playback = Playback(16000)
    playback.enqueue(tone(20, rate_hz=16000))
    frame = playback.next_frame(0.0)
    assert frame[:3] == b"\x12\x02\x80"
    assert len(frame) == 643


@given(st.lists(st.binary(max_size=1000).filter(lambda b: len(b) % 2 == 0), max_size=8))
def test_clips_follow_each_other_without_a_seam(clips: list[bytes]) -> None:
    playback = Playback()
    for clip in clips:
        playback.enqueue(clip)
    audio = b"".join(clips)
    sent = b"".join(frames(playback, len(audio) // 320 + 2))
    assert sent == audio.ljust(len(sent), b"\0")
    assert playback.is_empty


async def test_waiters_learn_when_a_clip_begins_and_ends() -> None:
    playback = Playback()
    playback.enqueue(tone(40))
    second = playback.enqueue(tone(40))
    started, done = second.started, second.done
    frames(playback, 4, begin=5.0)
    assert await started == pytest.approx(5.04)
    assert await done == Heard(40.0, complete=True)
    assert await second.done == Heard(40.0, complete=True)
    assert await second.started == pytest.approx(5.04)


async def test_a_cancelled_waiter_leaves_the_clip_and_others_alone() -> None:
    playback = Playback()
    clip = playback.enqueue(tone(20))
    impatient, patient = asyncio.ensure_future(clip.done), clip.done
    impatient.cancel()
    frames(playback, 1)
    assert await patient == Heard(20.0, complete=True)


async def test_an_empty_clip_is_over_at_once() -> None:
    clip = Playback().enqueue(b"")
    assert await clip.done == Heard(0.0, complete=True)
    assert await clip.started is None


async def test_a_flush_is_heard_as_silence_after_one_fading_frame() -> None:
    playback = Playback()
    clip, next_clip = playback.enqueue(tone(200)), playback.enqueue(tone(100))
    frames(playback, 3)
    playback.flush()
    fading, *after = frames(playback, 3)
    assert clip.heard == Heard(60.0, complete=False)
    assert await next_clip.done == Heard(0.0, complete=False)
    assert await next_clip.started is None
    assert any(fading[:80])
    assert not any(fading[80:])  # 5 ms of fade, then silence
    assert not any(b"".join(after))


def test_the_fade_goes_down_from_where_the_speech_stood() -> None:
    playback = Playback()
    loud = np.full(1600, 10000, dtype="<i2").tobytes()
    playback.enqueue(loud)
    frames(playback, 1)
    playback.flush()
    faded = from_bytes(frames(playback, 1)[0])[:40]
    assert faded[0] == 10000
    assert np.all(np.diff(faded) < 0)
    assert faded[-1] < 500


def test_what_was_flushed_before_it_began_leaves_no_trace() -> None:
    playback = Playback()
    playback.enqueue(tone(100))
    playback.flush()
    assert frames(playback, 2) == [bytes(320)] * 2


def test_the_rest_of_a_flushed_clip_can_be_said_later() -> None:
    playback, audio = Playback(), tone(100)
    clip = playback.enqueue(audio)
    frames(playback, 2)
    playback.flush()
    frames(playback, 2)
    playback.enqueue(clip.rest)
    assert b"".join(frames(playback, 3)) == audio[640:]


def test_a_pause_keeps_the_position() -> None:
    playback, audio = Playback(), tone(100)
    clip = playback.enqueue(audio)
    frames(playback, 2)
    playback.pause()
    assert not playback.is_playing
    assert not any(b"".join(frames(playback, 4))[80:])
    assert clip.heard.played_ms == 40
    playback.resume()
    assert b"".join(frames(playback, 3)) == audio[640:]


def test_a_flush_ends_a_pause() -> None:
    playback = Playback()
    playback.enqueue(tone(100))
    playback.pause()
    playback.flush()
    playback.enqueue(tone(20))
    assert playback.is_playing


async def test_an_open_clip_plays_what_is_there_and_waits_in_silence() -> None:
    playback, audio = Playback(), tone(60)
    clip = playback.open_clip()
    assert frames(playback, 1) == [bytes(320)]
    assert clip.write(audio[:401])  # samples may be split
    assert b"".join(frames(playback, 2)) == audio[:320] + bytes(320)
    assert clip.write(audio[401:])
    clip.end()
    assert b"".join(frames(playback, 2)) == audio[320:]
    assert await clip.done == Heard(60.0, complete=True)


async def test_an_open_clip_that_gets_nothing_more_is_over_with_its_end() -> None:
    playback = Playback()
    clip = playback.open_clip()
    clip.write(tone(20))
    frames(playback, 1)
    assert not clip.is_over
    clip.end()
    clip.end()
    assert await clip.done == Heard(20.0, complete=True)


def test_a_flushed_open_clip_wants_no_more() -> None:
    playback = Playback()
    clip = playback.open_clip()
    clip.write(tone(100))
    playback.flush()
    assert not clip.write(tone(100))
    assert frames(playback, 2) == [bytes(320)] * 2


def test_an_ended_clip_cannot_be_written_to() -> None:
    playback = Playback()
    clip = playback.open_clip()
    clip.write(tone(100))
    clip.end()
    for ended in (clip, playback.enqueue(tone(20))):
        with pytest.raises(ValueError, match="ended"):
            ended.write(tone(20))


async def test_a_streaming_engine_is_held_back_until_there_is_room() -> None:
    playback = Playback()
    clip = playback.open_clip()
    clip.write(silence(STREAM_AHEAD_MS + 40))
    waiting = asyncio.ensure_future(clip.drain())
    for _ in range(2):
        await asyncio.sleep(0)
        assert not waiting.done()
        frames(playback, 1)
    await waiting
    assert playback.queued_ms == STREAM_AHEAD_MS


async def test_a_flush_releases_a_waiting_engine() -> None:
    playback = Playback()
    clip = playback.open_clip()
    clip.write(silence(STREAM_AHEAD_MS + 40))
    waiting = asyncio.ensure_future(clip.drain())
    await asyncio.sleep(0)
    playback.flush()
    await waiting


def test_the_queue_is_bounded() -> None:
    playback = Playback(max_queued_ms=1000)
    clip = playback.open_clip()
    clip.write(silence(600))
    with pytest.raises(PlaybackFull, match="1100 ms"):
        playback.enqueue(silence(500))
    with pytest.raises(PlaybackFull):
        clip.write(silence(500))
    frames(playback, 10)
    playback.enqueue(silence(500))


async def test_all_spoken_can_be_awaited() -> None:
    playback = Playback()
    await playback.drained()
    playback.enqueue(tone(40))
    waiting = asyncio.ensure_future(playback.drained())
    await asyncio.sleep(0)
    frames(playback, 1)
    await asyncio.sleep(0)
    assert not waiting.done()
    frames(playback, 1)
    await waiting


def test_what_was_sent_last_is_remembered_for_the_echo() -> None:
    playback, audio = Playback(), tone(100)
    playback.enqueue(audio)
    frames(playback, 6)
    assert playback.recent(60).tobytes() == (audio + bytes(320))[-960:]
    assert playback.recent(61).size == 640
    assert playback.recent(0).size == 0
    frames(playback, 200)
    assert playback.recent(60_000).size == 2 * 8000


async def test_a_sealed_playback_finishes_what_it_has_and_takes_no_more() -> None:
    playback = Playback()
    queued, streaming = playback.enqueue(tone(20)), playback.open_clip()
    playback.seal()
    late = playback.enqueue(tone(20))
    assert await late.done == Heard(0.0, complete=False)
    assert playback.open_clip().is_over
    assert streaming.write(tone(20))
    streaming.end()
    frames(playback, 2)
    assert (await queued.done).complete
    assert (await streaming.done).complete
