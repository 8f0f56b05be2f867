"""Calls over real TCP, recorded: what is in the file is what each side sent, in its place."""

import asyncio
import resource
import shutil
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from audiosocket.caller import Caller
from audiosocket.clock import MediaClock
from audiosocket.connection import Connection
from audiosocket.listener import IgnoringListener
from audiosocket.recording import Track
from audiosocket.server import AudioSocketServer
from audiosocket.slin import Samples
from audiosocket.wav import read_wav
from supervisor.recordings.names import LIVE, PartName
from supervisor.recordings.part_file import HEADER_BYTES, PartFile, is_being_written
from supervisor.recordings.recorder import Recorder
from supervisor.recordings.writer import Loss, RecordingWriter
from tests.speech import say

FRAME = 160
HELLO = "bom dia entrega para o apartamento quinhentos e um"
ANSWER = "só um momento vou chamar o morador do apartamento"


class Recorded(IgnoringListener):
    """An agent that speaks from the start, while it is being recorded."""

    def __init__(self, recorder: Recorder, words: Samples) -> None:
        self.recorder = recorder
        self.words = words

    def call_started(self, connection: Connection) -> None:
        self.recorder.record(connection.call_id, "visitor", connection)
        connection.playback.enqueue(self.words.tobytes())


@asynccontextmanager
async def writing(keep_free_bytes: int = 0) -> AsyncIterator[tuple[RecordingWriter, list[Loss]]]:
    losses: list[Loss] = []
    writer = RecordingWriter(keep_free_bytes, losses.append)
    writer.start()
    try:
        yield writer, losses
    finally:
        await asyncio.to_thread(writer.close)


async def conversation(folder: Path, writer: RecordingWriter, rate_hz: int = 8000) -> Caller:
    """A call in which both sides speak at once, to its end."""
    recorder, clock = Recorder(folder, writer), MediaClock()
    words, answer = say(HELLO), say(ANSWER)
    server = AudioSocketServer(lambda _: Recorded(recorder, answer))
    await server.start()
    caller = await Caller.connect("127.0.0.1", server.port, clock=clock, rate_hz=rate_hz)
    await caller.playback.enqueue(np.repeat(words, rate_hz // 8000).tobytes()).done
    await caller.hang_up()
    await server.close()
    return caller


def recorded_in(folder: Path) -> tuple[Samples, Samples]:
    """The party's and our channel of the only recording."""
    [file] = (folder / LIVE).iterdir()
    samples, rate_hz = read_wav(file)
    assert (samples.shape[1], rate_hz) == (2, 8000)
    return samples[:, 0], samples[:, 1]


def place_of(words: Samples, track: Samples) -> tuple[int, float]:
    """Where ``words`` are in ``track``, and how well they correlate there."""
    spectrum = np.fft.rfft(track, 2 * track.size) * np.conj(np.fft.rfft(words, 2 * track.size))
    correlation = np.fft.irfft(spectrum)[: track.size]
    place = int(np.argmax(correlation))
    there = track[place : place + words.size].astype(float)
    norm = float(np.linalg.norm(there) * np.linalg.norm(words[: there.size].astype(float)))
    return place, float(correlation[place]) / norm


def sounding(samples: Samples) -> list[bytes]:
    """Frames that are not silence, in order: ticks that were skipped are silence in between."""
    frames = [samples[begin : begin + FRAME].tobytes() for begin in range(0, samples.size, FRAME)]
    return [frame for frame in frames if any(frame)]


async def test_both_directions_are_in_the_file_sample_by_sample(tmp_path: Path) -> None:
    async with writing() as (writer, losses):
        caller = await conversation(tmp_path, writer)
    party, ours = recorded_in(tmp_path)
    said = _samples(caller.said)
    place, score = place_of(say(HELLO), party)
    assert score > 0.999
    start, _ = place_of(say(HELLO), said)
    count = say(HELLO).size
    assert np.array_equal(party[place : place + count], said[start : start + count])
    assert sounding(ours) == sounding(_samples(caller.heard))
    assert b"".join(sounding(ours)).startswith(b"".join(sounding(say(ANSWER))[:-1]))
    assert losses == []


async def test_nobody_else_on_the_machine_may_look_into_the_folder(tmp_path: Path) -> None:
    async with writing() as (writer, _):
        await conversation(tmp_path / "recordings", writer)
    assert (tmp_path / "recordings").stat().st_mode & 0o777 == 0o700


async def test_the_directions_are_aligned_to_a_frame(tmp_path: Path) -> None:
    async with writing() as (writer, _):
        caller = await conversation(tmp_path, writer)
    party, ours = recorded_in(tmp_path)
    apart_s = time_of(say(HELLO), caller.said) - time_of(say(ANSWER), caller.heard)
    apart = place_of(say(HELLO), party)[0] - place_of(say(ANSWER), ours)[0]
    assert abs(apart / 8000 - apart_s) <= 0.02


def _samples(track: Track) -> Samples:
    return np.concatenate([np.frombuffer(frame.audio, "<i2") for frame in track.frames])


def time_of(words: Samples, track: Track, after: int = 0) -> float:
    """When the caller said or heard the beginning of ``words``, as the clock had it."""
    place = after + place_of(words, _samples(track)[after:])[0]
    return track.frames[place // FRAME].at + place % FRAME / 8000


async def test_a_wideband_leg_is_recorded_at_the_calls_rate(tmp_path: Path) -> None:
    async with writing() as (writer, _):
        await conversation(tmp_path, writer, rate_hz=16000)
    party, _ = recorded_in(tmp_path)
    assert place_of(say(HELLO), party)[1] > 0.9


async def test_a_file_is_whole_at_every_moment_of_a_call(tmp_path: Path) -> None:
    """As it would be found after a kill -9: read while it is being written."""
    async with writing() as (writer, _):
        recorder, clock = Recorder(tmp_path, writer), MediaClock()
        words, answer = say(HELLO), say(ANSWER)
        server = AudioSocketServer(lambda _: Recorded(recorder, answer))
        await server.start()
        caller = await Caller.connect("127.0.0.1", server.port, clock=clock)
        await caller.playback.enqueue(words.tobytes()).done
        [file] = (tmp_path / LIVE).iterdir()
        assert is_being_written(file)
        samples, _ = read_wav(file)
        missing_s = caller.said.frames[-1].at - caller.said.frames[0].at - len(samples) / 8000
        assert missing_s < 1.5
        heard = sounding(_samples(caller.heard))
        so_far = sounding(samples[:, 1])
        assert len(so_far) > 50
        assert so_far == heard[: len(so_far)]
        await caller.hang_up()
        await server.close()
    assert not is_being_written(file)


async def test_a_full_disk_ends_no_call_and_is_told_once_it_is_over_too(tmp_path: Path) -> None:
    more_than_there_is = shutil.disk_usage(tmp_path).total * 2
    async with writing(more_than_there_is) as (writer, losses):
        caller = await conversation(tmp_path, writer)
        assert len(caller.heard.frames) > 50
    assert not list((tmp_path / LIVE).iterdir())
    assert sum(loss.seconds for loss in losses) == pytest.approx(
        len(caller.heard.frames) * 0.02, abs=0.2
    )
    assert all("No space left" in loss.reason for loss in losses)


async def test_a_disk_that_takes_no_more_for_a_while_leaves_silence_and_the_rest_in_place(
    tmp_path: Path,
) -> None:
    """The system refuses to let files grow: a write fails in its middle, as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    words, answer = say(HELLO), say(ANSWER)
    async with writing() as (writer, losses):
        recorder, clock = Recorder(tmp_path, writer), MediaClock()
        server = AudioSocketServer(lambda _: Recorded(recorder, answer))
        await server.start()
        resource.setrlimit(resource.RLIMIT_FSIZE, (30_001, hard))
        try:
            caller = await Caller.connect("127.0.0.1", server.port, clock=clock)
            await caller.playback.enqueue(words.tobytes()).done
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        assert any(loss.seconds > 0 for loss in losses)
        await caller.playback.enqueue(words.tobytes()).done
        await caller.hang_up()
        await server.close()
    assert losses[-1].reason == ""  # it is told that the disk takes it again
    party, ours = recorded_in(tmp_path)
    place, score = place_of(words, party)
    assert score > 0.999
    assert sounding(ours)[:10] == sounding(_samples(caller.heard))[:10]
    said_s = time_of(words, caller.said, after=words.size) - caller.heard.frames[0].at
    assert abs(place / 8000 - said_s) <= 0.04


async def test_what_the_disk_did_not_take_is_silence_of_the_same_length(tmp_path: Path) -> None:
    file = PartFile(tmp_path / "part.wav", 8000)
    file.write(0, b"\1\0\2\0" * 10)
    file.write(30, b"\3\0\4\0" * 10)
    file.close()
    samples, _ = read_wav(tmp_path / "part.wav")
    assert samples.tolist() == [[1, 2]] * 10 + [[0, 0]] * 20 + [[3, 4]] * 10
    assert (tmp_path / "part.wav").stat().st_size == HEADER_BYTES + 40 * 4


def test_a_parts_name_tells_its_call_party_and_beginning() -> None:
    name = PartName(uuid.uuid4(), "resident", datetime(2026, 11, 20, 18, 30, 5, 123456, UTC))
    assert PartName.parse(str(name)) == name
    assert name.archived_as == f"2026-11-20/{name}.flac"
    assert PartName.parse("../../etc/passwd") is None
