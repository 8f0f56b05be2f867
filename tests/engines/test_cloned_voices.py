"""Cloned voices over the wire: latents are computed once, and go where they are needed."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from engines.known_voices import KnownVoices
from engines.origins import Origins
from engines.remote_cloning import CloningUnavailableError, RemoteCloner
from engines.remote_speech import RemoteSpeech
from tests.engines.servers import speaking
from tests.ports import free_ports
from tests.tts.cloning_engine import PitchCloner, pitch_of
from tests.tts.hearing import collect
from tests.tts.recordings import spoken, written
from tts.cloning import CloningError, cloned_name, digest_of
from tts.engine import SynthesisError, Voice, VoiceGoneError
from tts.espeak import EspeakEngine
from tts.reference_audio import prepare_reference

TEXT = "O elevador social está em manutenção até as dezoito horas."


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("voices") / "woman.flac"
    return prepare_reference(written(path, spoken("pt-br+f2"))).flac


class Latents:
    """What a worker knows of voices; ``asked`` counts."""

    def __init__(self, *known: bytes) -> None:
        self.known = {digest_of(each): each for each in known}
        self.asked = 0

    async def find(self, voice: Voice) -> bytes | None:
        self.asked += 1
        return self.known.get(voice.version)


def client_of(latents: Latents, *addresses: str) -> RemoteSpeech:
    origins = Origins.of_engines(addresses, None)
    return RemoteSpeech(origins, first_sound_s=10, stall_s=10, latents=latents.find)


def voice_of(latents: bytes) -> Voice:
    return Voice("remote", cloned_name("7c0f"), "pt-BR", digest_of(latents), rate_hz=16_000)


async def test_latents_that_one_engine_computed_speak_at_another(reference: bytes) -> None:
    async with speaking(PitchCloner()) as (one, _), speaking(PitchCloner()) as (other, served):
        cloner = RemoteCloner(Origins.of_engines([one], None))
        latents = await cloner.clone(reference)
        await cloner.close()
        known = Latents(latents)
        client = client_of(known, other)
        deep = voice_of(b'{"pitch": 70.0}')
        known.known[deep.version] = b'{"pitch": 70.0}'
        high = pitch_of(await collect(client.synthesise(TEXT, voice_of(latents))), 16_000)
        low = pitch_of(await collect(client.synthesise(TEXT, deep)), 16_000)
        assert high - low > 5
        await collect(client.synthesise(TEXT, voice_of(latents)))
        assert (known.asked, len(served.voices)) == (2, 2)
        await client.close()


async def test_a_voice_that_may_not_speak_is_silent_and_its_engine_not_blamed() -> None:
    async with speaking(PitchCloner()) as (address, _):
        client = client_of(Latents(), address)
        with pytest.raises(VoiceGoneError, match="may not speak any more"):
            await collect(client.synthesise(TEXT, voice_of(b"gone")))
        await client.close()


async def test_an_engine_forgets_a_voice_when_it_is_told(reference: bytes) -> None:
    engine = PitchCloner()
    async with speaking(engine) as (address, served):
        dead = f"http://127.0.0.1:{free_ports(1)[0]}"
        cloner = RemoteCloner(Origins.of_engines([address, dead], None))
        latents = await cloner.clone(reference)
        assert len(served.voices) == 1
        assert await cloner.forget(digest_of(latents)) == [dead]
        assert (len(served.voices), engine.forgotten) == (0, [digest_of(latents)])
        client = client_of(Latents(), address)
        with pytest.raises(SynthesisError):
            await collect(client.synthesise(TEXT, voice_of(latents)))
        await client.close()
        await cloner.close()


async def test_cloning_goes_to_the_next_engine_and_says_why_none_can(reference: bytes) -> None:
    dead = f"http://127.0.0.1:{free_ports(1)[0]}"
    async with speaking(EspeakEngine()) as (mute, _), speaking(PitchCloner()) as (able, _):
        cloner = RemoteCloner(Origins.of_engines([dead, mute, able], None))
        assert b"pitch" in await cloner.clone(reference)
        await cloner.close()
        alone = RemoteCloner(Origins.of_engines([mute, dead], None))
        with pytest.raises(CloningUnavailableError, match="the engine espeak clones no voices"):
            await alone.clone(reference)
        await alone.close()


async def test_a_recording_that_an_engine_can_do_nothing_with_is_refused(tmp_path: Path) -> None:
    silence = written(tmp_path / "silence.flac", np.zeros(22_050, np.float32), 22_050)
    async with speaking(PitchCloner()) as (address, _):
        cloner = RemoteCloner(Origins.of_engines([address], None))
        with pytest.raises(CloningError, match=r"^nobody's voice has a pitch in there$"):
            await cloner.clone(silence.read_bytes())
        await cloner.close()


async def test_latents_under_a_false_digest_are_not_taken() -> None:
    async with speaking(PitchCloner()) as (address, served):
        client = client_of(Latents(), address)
        false = replace(voice_of(b"true"), latents=b"false")
        with pytest.raises(SynthesisError, match="another digest"):
            await collect(client.synthesise(TEXT, false))
        assert len(served.voices) == 0
        await client.close()


async def test_an_engine_without_cloning_never_says_a_cloned_voice_in_its_own() -> None:
    async with speaking(EspeakEngine()) as (address, _):
        client = client_of(Latents(b"x"), address)
        with pytest.raises(SynthesisError, match="speaks with no cloned voices"):
            await collect(client.synthesise(TEXT, voice_of(b"x")))
        await client.close()


def test_voices_are_forgotten_an_hour_after_their_last_use_and_the_oldest_when_it_is_full() -> None:
    now = [0.0]
    voices = KnownVoices(idle_s=3600, memory_bytes=250, clock=lambda: now[0])
    first, second = voices.learn(b"a" * 100), voices.learn(b"b" * 100)
    now[0] = 3000
    assert voices.latents(first) == b"a" * 100
    now[0] = 4000
    assert voices.latents(second) is None
    third = voices.learn(b"c" * 100)
    voices.latents(first)
    voices.learn(b"d" * 100)
    assert voices.latents(third) is None
    assert voices.latents(first) is not None
