"""Somebody else's voice in a playback: late by a frame or two, never by more."""

from audiosocket.live import BEGIN_MS, MOST_MS, LiveAudio
from audiosocket.playback import Playback
from tests.audiosocket.fakes import tone

FRAME = 320


def test_it_begins_with_two_frames_in_hand_and_then_gives_one_each_tick() -> None:
    live, audio = LiveAudio(), tone(80)
    live.push(audio[:FRAME])
    assert live.take() == b""
    live.push(audio[FRAME : 2 * FRAME])
    assert live.take() == audio[:FRAME]
    live.push(audio[2 * FRAME : 3 * FRAME])
    assert live.take() == audio[FRAME : 2 * FRAME]


def test_a_voice_that_pauses_gathers_its_frames_anew() -> None:
    live, audio = LiveAudio(), tone(80)
    live.push(audio[: 2 * FRAME])
    assert [len(live.take()) for _ in range(3)] == [FRAME, FRAME, 0]
    live.push(audio[2 * FRAME : 3 * FRAME])
    assert live.take() == b""
    live.push(audio[3 * FRAME :])
    assert live.take() == audio[2 * FRAME : 3 * FRAME]


def test_what_piles_up_is_the_past() -> None:
    live, audio = LiveAudio(), tone(MOST_MS + 20)
    live.push(audio)
    kept = BEGIN_MS * 16
    assert live.take() == audio[-kept:][:FRAME]
    assert live.dropped_bytes == len(audio) - kept


def test_any_length_of_frames_comes_out_in_whole_ones() -> None:
    live, audio = LiveAudio(), tone(80)
    for at in range(0, len(audio), 100):
        live.push(audio[at : at + 100])
    assert b"".join(live.take() for _ in range(4)) == audio


def test_a_playback_says_its_clips_first_and_silence_where_there_is_nothing() -> None:
    playback, audio, clip = Playback(), tone(100), tone(20)[::-1]
    playback.live = LiveAudio()
    assert playback.next_frame(0.0)[3:] == bytes(FRAME)
    playback.live.push(audio[: 2 * FRAME])
    playback.enqueue(clip)
    assert playback.next_frame(0.02)[3:] == clip
    playback.live.push(audio[2 * FRAME : 3 * FRAME])
    assert playback.next_frame(0.04)[3:] == audio[FRAME : 2 * FRAME]
    assert playback.played_ms == 20
