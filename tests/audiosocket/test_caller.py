"""The caller against the server: real TCP on loopback, real time kept short."""

import asyncio
import uuid
from collections.abc import AsyncIterator

import numpy as np
import pytest

from audiosocket.caller import Caller
from audiosocket.clock import MediaClock
from audiosocket.connection import Connection
from audiosocket.frames import Kind, encode_frame
from audiosocket.limits import Limits
from audiosocket.listener import EndReason
from audiosocket.server import AudioSocketServer
from audiosocket.slin import from_bytes
from tests.audiosocket.fakes import Notes, tone


class Echo(Notes):
    """Says back what it hears, and notes it."""

    def __init__(self) -> None:
        super().__init__()
        self.pressed = asyncio.Event()

    def audio_received(self, samples: np.ndarray, rate_hz: int) -> None:
        super().audio_received(samples, rate_hz)
        assert self.connection is not None
        self.connection.playback.enqueue(samples.tobytes())

    def dtmf_received(self, digit: str) -> None:
        super().dtmf_received(digit)
        self.pressed.set()


class Desk:
    """A server whose calls are all echoed."""

    def __init__(self) -> None:
        self.clock = MediaClock()
        self.echoes: list[Echo] = []
        patient = Limits(stale_s=60)  # a busy machine may stall the test
        self.server = AudioSocketServer(self._accept, clock=self.clock, limits=patient)

    def _accept(self, _: Connection) -> Echo:
        self.echoes.append(Echo())
        return self.echoes[-1]

    async def ring(self, **how: object) -> Caller:
        """A caller on the same media clock."""
        return await Caller.connect(
            "127.0.0.1",
            self.server.port,
            clock=self.clock,
            **how,  # type: ignore[arg-type]
        )


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    desk = Desk()
    await desk.server.start()
    yield desk
    await desk.server.close()


async def _heard(caller: Caller, frames: int) -> None:
    """Wait until the caller heard so many frames."""
    while len(caller.heard.frames) < frames and not caller.is_over:
        await caller.playback.enqueue(bytes(320)).done


async def test_what_a_caller_says_comes_back_from_an_echo_unharmed(desk: Desk) -> None:
    caller = await desk.ring()
    speech = tone(200, hz=523)
    await caller.playback.enqueue(speech).done
    spoken = [speech[at : at + 320] for at in range(0, len(speech), 320)]
    while [f.audio for f in caller.heard.frames if any(f.audio)] != spoken:
        await _heard(caller, len(caller.heard.frames) + 1)
    assert await caller.hang_up() is EndReason.HUNG_UP


async def test_the_first_frame_comes_within_20_ms_of_the_uuid_by_the_clock(desk: Desk) -> None:
    """The server answers the UUID itself, not the tick: no time passes between the two."""
    caller = await desk.ring()
    await _heard(caller, 1)
    (connection,) = desk.server.connections
    assert connection.frames_out >= 1
    assert caller.heard.frames[0].at >= caller.started_at
    await caller.hang_up()


async def test_the_caller_paces_what_it_says(desk: Desk) -> None:
    caller = await desk.ring()
    await caller.playback.enqueue(tone(300)).done
    times = [frame.at for frame in caller.said.frames]
    assert times[-1] - times[0] >= 0.02 * (len(times) - 5)  # a few ahead at most
    await caller.hang_up()


async def test_hanging_up_is_a_plain_fin_as_from_asterisk(desk: Desk) -> None:
    caller = await desk.ring()
    await _heard(caller, 1)
    connection = desk.echoes[0].connection
    assert connection is not None
    assert await caller.hang_up() is EndReason.HUNG_UP
    assert await connection.ended is EndReason.PEER_CLOSED


async def test_a_caller_may_finish_its_sentence_before_it_hangs_up(desk: Desk) -> None:
    caller = await desk.ring()
    clip = caller.playback.enqueue(tone(100))
    await caller.hang_up(drain_s=5)
    assert (await clip.done).complete


async def test_the_caller_learns_when_the_server_hangs_up(desk: Desk) -> None:
    caller = await desk.ring()
    await _heard(caller, 1)
    connection = desk.echoes[0].connection
    assert connection is not None
    assert await connection.hang_up() is EndReason.HUNG_UP
    assert await caller.ended is EndReason.PEER_HANGUP
    assert await caller.hang_up() is EndReason.PEER_HANGUP


async def test_keys_reach_the_server(desk: Desk) -> None:
    caller = await desk.ring()
    caller.press("5")
    await _heard(caller, 1)
    await desk.echoes[0].pressed.wait()
    assert desk.echoes[0].digits == "5"
    with pytest.raises(ValueError, match="no key"):
        caller.press("x")
    await caller.hang_up()


async def test_a_phone_with_silence_suppression_sends_frames_only_while_it_speaks(
    desk: Desk,
) -> None:
    caller = await desk.ring(dtx=True)
    speech = tone(100)
    await caller.playback.enqueue(speech).done
    while desk.clock.lateness.count < 40:
        await desk.echoes[0].connection.playback.enqueue(bytes(320)).done  # type: ignore[union-attr]
    assert b"".join(frame.audio for frame in caller.said.frames) == speech
    assert sum(desk.echoes[0].gaps_ms) > 0
    await caller.hang_up()


async def test_a_wideband_caller_is_heard_at_8_khz(desk: Desk) -> None:
    caller = await desk.ring(rate_hz=16000)
    await caller.playback.enqueue(tone(200, rate_hz=16000)).done
    await _heard(caller, len(caller.heard.frames) + 5)
    assert desk.echoes[0].rates == {8000}
    assert max(from_bytes(f.audio).max() for f in caller.heard.frames) > 7000
    await caller.hang_up()


async def test_the_calls_id_is_the_uuid_that_was_asked_for(desk: Desk) -> None:
    call_id = uuid.uuid4()
    caller = await desk.ring(call_id=call_id)
    await _heard(caller, 1)
    assert caller.call_id == call_id
    connection = desk.echoes[0].connection
    assert connection is not None
    assert connection.call_id == call_id
    await caller.hang_up()


async def test_both_directions_are_recorded_side_by_side(desk: Desk) -> None:
    caller = await desk.ring()
    await caller.playback.enqueue(tone(200)).done
    await _heard(caller, len(caller.heard.frames) + 15)
    said = caller.said.samples(caller.started_at)
    heard = caller.heard.samples(caller.started_at)
    assert np.abs(said).max() == np.abs(heard).max()
    assert np.argmax(np.abs(said) > 100) <= np.argmax(np.abs(heard) > 100)
    await caller.hang_up()


async def test_nobody_there_is_an_os_error() -> None:
    server = AudioSocketServer(lambda _: Notes())
    await server.start()
    port = server.port
    await server.close()
    with pytest.raises(OSError):
        await Caller.connect("127.0.0.1", port, clock=MediaClock())


@pytest.mark.parametrize(
    "answer",
    [
        encode_frame(Kind.DTMF, b"1"),
        encode_frame(Kind.SLIN, bytes(320)) + encode_frame(Kind.SLIN16, bytes(640)),
        b"HTTP",
    ],
)
async def test_a_server_that_answers_what_we_never_would_ends_the_call(
    answer: bytes,
) -> None:
    async def reply(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(answer)
        await writer.drain()

    server = await asyncio.start_server(reply, "127.0.0.1", 0)
    notes = Notes()
    caller = await Caller.connect(
        "127.0.0.1", server.sockets[0].getsockname()[1], clock=MediaClock(), listener=notes
    )
    assert await caller.ended is EndReason.PROTOCOL_ERROR
    assert notes.reasons == [EndReason.PROTOCOL_ERROR]
    server.close()
