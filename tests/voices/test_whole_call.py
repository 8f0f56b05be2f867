"""A condominium's cloned voice in real calls: heard, rendered ahead, and silenced in mid-call."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

import numpy as np

from audiosocket.caller import Caller
from audiosocket.clock import MediaClock
from supervisor.database.extensions import NewExtension, add_extension
from supervisor.database.pool import Pool
from supervisor.database.voices import revoke_voice
from supervisor.server import running_server
from supervisor.settings import Settings
from supervisor.speech_settings import TtsSettings
from tests.engines.servers import speaking, until
from tests.ports import free_ports
from tests.supervisor.serving import eventually, until_marked
from tests.tts.cloning_engine import PitchCloner, pitch_of
from tests.tts.recordings import spoken, written
from tests.voices.rows import CONDOMINIUM, new_voice
from tts.reference_audio import prepare_reference

SILENCE = 5600
"""Samples: longer than the pause between sentences, shorter than until we are asked again."""
HIGH_SEMITONES = 1.5
"""The woman's clone over the engine's usual voice, at the very least."""


@asynccontextmanager
async def called(port: int) -> AsyncIterator[Caller]:
    caller = await Caller.connect("127.0.0.1", port, uuid4(), clock=MediaClock(), record_s=60)
    try:
        yield caller
    finally:
        await caller.hang_up()


async def next_words(caller: Caller) -> float:
    """The pitch of what is said from now on until there is a silence."""
    begin = len(caller.heard.frames)

    def heard() -> "np.ndarray[tuple[int], np.dtype[np.int16]]":
        frames = [*caller.heard.frames][begin:]
        return np.frombuffer(b"".join(frame.audio for frame in frames), "<i2")

    def is_said() -> bool:
        loud = np.flatnonzero(np.abs(heard().astype(np.int32)) > 500)
        return loud.size > 8000 and len(heard()) - loud[-1] > SILENCE

    await until(is_said, 40)
    return pitch_of(heard().tobytes(), 8000)


async def test_a_cloned_voice_is_heard_until_it_is_revoked_and_then_another(
    settings: Settings, database: Pool, tmp_path: Path
) -> None:
    port, return_port = free_ports(2)
    reference = prepare_reference(written(tmp_path / "woman.flac", spoken("pt-br+f2")))
    async with speaking(PitchCloner()) as (address, served):
        tts = TtsSettings(ladder=("remote", "espeak"), addresses=(address,), patience_s=8)
        settings = settings.model_copy(update={"tts": tts, "workers": 1, "spare_worker": False})
        async with database.acquire() as connection:
            voice_id = await new_voice(connection, reference=reference.flac, duration_s=10.0)
            new = NewExtension(
                "1001", port, return_port, voice="Maria", settings={"reprompt_after_s": 1}
            )
            await add_extension(connection, CONDOMINIUM, new)
        async with running_server(settings):
            await until_marked(database, "1001", "listening")
            prompts = settings.data_dir / "prompts" / "cloned" / str(voice_id)
            await until(lambda: len([*prompts.rglob("*.prompt")]) > 20, 40)
            async with called(port) as caller:
                high = await next_words(caller)
                async with database.acquire() as connection:
                    await revoke_voice(connection, voice_id)
                await until(lambda: not prompts.exists() and not len(served.voices), 20)
                low = await next_words(caller)
            assert high - low > HIGH_SEMITONES
            await eventually(lambda: _latents(settings), lambda left: left == [])
            async with called(port) as caller:
                assert high - await next_words(caller) > HIGH_SEMITONES
            assert not prompts.exists()


async def _latents(settings: Settings) -> list[Path]:
    folder = settings.data_dir / "voices"
    return [*folder.iterdir()] if folder.exists() else []
