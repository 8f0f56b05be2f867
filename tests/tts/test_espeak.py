import asyncio
import os
import signal
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path

import numpy as np
import psutil
import pytest

from tests.tts.hearing import collect, pitch_hz, samples, share_of_energy
from tts.engine import SynthesisError
from tts.espeak import LONGEST_TEXT, WAITING_AT_MOST, EspeakEngine, espeak_voice
from tts.espeak_process import Patience
from tts.shaping import speech_rms_dbfs

SENTENCE = "Por favor, digite o número do apartamento e aguarde na portaria."
VOICES = ["pt-br", "pt-br+f2", "en-us", "es-419"]


async def test_a_sentence_lasts_as_long_as_a_brisk_person_takes(espeak: EspeakEngine) -> None:
    audio = samples(await collect(espeak.synthesise(SENTENCE, espeak_voice())))
    syllables = 23
    assert 4.5 < syllables / (audio.size / 8000) < 7.5


async def test_twice_the_speed_takes_about_half_the_time(espeak: EspeakEngine) -> None:
    natural = await collect(espeak.synthesise(SENTENCE, espeak_voice()))
    fast = await collect(espeak.synthesise(SENTENCE, espeak_voice(speed=2.0)))
    assert 0.4 < len(fast) / len(natural) < 0.65


async def test_a_voice_at_16_khz_has_what_no_telephone_carries(espeak: EspeakEngine) -> None:
    narrow = samples(await collect(espeak.synthesise(SENTENCE, espeak_voice())))
    voice = replace(espeak_voice(), rate_hz=16000)
    wide = samples(await collect(espeak.synthesise(SENTENCE, voice)))
    assert wide.size == pytest.approx(2 * narrow.size, rel=0.02)
    power = np.abs(np.fft.rfft(wide.astype(np.float64))) ** 2
    above_4_khz = power[len(power) // 2 :].sum() / power.sum()
    assert above_4_khz > 0.005
    assert speech_rms_dbfs(wide, 16000) == pytest.approx(speech_rms_dbfs(narrow), abs=1.5)


async def test_a_higher_pitch_is_heard(espeak: EspeakEngine) -> None:
    low = samples(await collect(espeak.synthesise(SENTENCE, espeak_voice(pitch=0.2))))
    high = samples(await collect(espeak.synthesise(SENTENCE, espeak_voice(pitch=0.8))))
    assert pitch_hz(high) > 1.25 * pitch_hz(low)


async def test_the_same_sentence_sounds_the_same_again(espeak: EspeakEngine) -> None:
    first = samples(await collect(espeak.synthesise(SENTENCE, espeak_voice())))
    again = samples(await collect(espeak.synthesise(SENTENCE, espeak_voice())))
    assert abs(first.size - again.size) < 0.02 * first.size
    assert speech_rms_dbfs(first) == pytest.approx(speech_rms_dbfs(again), abs=0.5)


@pytest.mark.parametrize("name", VOICES)
async def test_a_voice_speaks_within_the_telephone_band(espeak: EspeakEngine, name: str) -> None:
    audio = samples(await collect(espeak.synthesise(SENTENCE, espeak_voice(name))))
    assert share_of_energy(audio, 60, 3600) > 0.97
    assert share_of_energy(audio, 300, 3400) > 0.5


@pytest.mark.parametrize("name", VOICES)
async def test_every_prompt_is_about_as_loud_and_never_clips(
    espeak: EspeakEngine, name: str
) -> None:
    for text in ("Sim.", "Pode entrar.", SENTENCE, "Bom dia! Em que posso ajudar?"):
        audio = samples(await collect(espeak.synthesise(text, espeak_voice(name))))
        assert speech_rms_dbfs(audio) == pytest.approx(-20, abs=2)
        assert np.abs(audio.astype(int)).max() < 32700


async def test_speech_starts_and_ends_without_silence(espeak: EspeakEngine) -> None:
    audio = samples(await collect(espeak.synthesise(SENTENCE, espeak_voice())))
    assert np.abs(audio[:80]).max() > 100
    assert np.abs(audio[-80:]).max() > 100


async def test_speech_comes_in_pieces_before_it_is_complete(espeak: EspeakEngine) -> None:
    pieces = [piece async for piece in espeak.synthesise(SENTENCE, espeak_voice())]
    assert len(pieces) > 10
    assert max(map(len, pieces)) < 2 * 16000 * 1.2


async def test_two_voices_differ(espeak: EspeakEngine) -> None:
    man = samples(await collect(espeak.synthesise(SENTENCE, espeak_voice("pt-br"))))
    woman = samples(await collect(espeak.synthesise(SENTENCE, espeak_voice("pt-br+f2"))))
    assert pitch_hz(woman) > 1.2 * pitch_hz(man)


async def test_an_unknown_voice_is_named(espeak: EspeakEngine) -> None:
    with pytest.raises(SynthesisError, match="marciano"):
        await collect(espeak.synthesise("oi", espeak_voice("marciano")))
    assert await collect(espeak.synthesise("oi", espeak_voice()))


@pytest.mark.parametrize("text", ["", "  \n", "a" * (LONGEST_TEXT + 1)])
async def test_what_cannot_be_spoken_is_refused(espeak: EspeakEngine, text: str) -> None:
    with pytest.raises(SynthesisError):
        await collect(espeak.synthesise(text, espeak_voice()))


async def test_many_calls_at_once_all_get_their_own_words(espeak: EspeakEngine) -> None:
    texts = ["Sim.", SENTENCE, "Pode entrar.", f"{SENTENCE} {SENTENCE}"] * 8
    alone = [len(await collect(espeak.synthesise(text, espeak_voice()))) for text in texts[:4]]
    together = await asyncio.gather(
        *(collect(espeak.synthesise(text, espeak_voice())) for text in texts)
    )
    for place, audio in enumerate(together):
        assert len(audio) == pytest.approx(alone[place % 4], rel=0.02)


async def test_a_short_text_behind_a_cancelled_long_one_does_not_wait_for_it(
    espeak: EspeakEngine,
) -> None:
    long = "palavra " * (LONGEST_TEXT // 8)
    async with aclosing(espeak.synthesise(long, espeak_voice())) as chunks:
        await anext(chunks)
    assert await collect(espeak.synthesise("Sim.", espeak_voice()))
    assert espeak.counters.cancelled == 1
    assert espeak.counters.starts == 1


async def test_a_cancelled_synthesis_stops_in_the_helper(espeak: EspeakEngine) -> None:
    helper = psutil.Process(espeak.helper_pids[0])
    long = "palavra " * (LONGEST_TEXT // 8)
    before = helper.cpu_times().user
    await collect(espeak.synthesise(long, espeak_voice(speed=0.5)))
    whole = helper.cpu_times().user - before
    before = helper.cpu_times().user
    for _ in range(3):
        async with aclosing(espeak.synthesise(long, espeak_voice(speed=0.5))) as chunks:
            await anext(chunks)
    await collect(espeak.synthesise("Sim.", espeak_voice()))
    assert helper.cpu_times().user - before < 2 * whole


async def test_a_helper_killed_between_texts_is_replaced(espeak: EspeakEngine) -> None:
    os.kill(espeak.helper_pids[0], signal.SIGKILL)
    assert await collect(espeak.synthesise(SENTENCE, espeak_voice()))
    assert espeak.counters.starts == 2


async def test_a_helper_killed_amid_a_text_costs_the_listener_nothing(
    espeak: EspeakEngine,
) -> None:
    text = "Aguarde um momento na portaria, por favor. " * 40
    whole = len(await collect(espeak.synthesise(text, espeak_voice())))
    audio = b""
    async for chunk in espeak.synthesise(text, espeak_voice()):
        if not audio:
            os.kill(espeak.helper_pids[0], signal.SIGKILL)
        audio += chunk
    assert len(audio) == pytest.approx(whole, rel=0.01)
    assert espeak.counters.retried == 1
    assert espeak.counters.failed == 0


async def test_a_helper_that_hangs_is_replaced_after_the_deadline() -> None:
    engine = EspeakEngine(patience=Patience(mute_s=0.3))
    try:
        await engine.start()
        os.kill(engine.helper_pids[0], signal.SIGSTOP)
        assert await collect(engine.synthesise("Sim.", espeak_voice()))
        assert engine.counters.starts == 2
    finally:
        await engine.close()


async def test_a_text_that_waits_behind_a_long_one_is_no_sign_that_the_helper_hangs() -> None:
    engine = EspeakEngine(patience=Patience(mute_s=0.4))
    long = "palavra " * (LONGEST_TEXT // 8)
    try:
        await engine.start()
        before = asyncio.create_task(collect(engine.synthesise(long, espeak_voice(speed=0.5))))
        await asyncio.sleep(0)
        assert await collect(engine.synthesise("Sim.", espeak_voice()))
        assert await before
        assert engine.counters.starts == 1
    finally:
        await engine.close()


async def test_a_text_that_waits_longer_than_its_deadline_is_given_up() -> None:
    engine = EspeakEngine(patience=Patience(mute_s=30, deadline_s=0.2))
    try:
        await engine.start()
        os.kill(engine.helper_pids[0], signal.SIGSTOP)
        with pytest.raises(SynthesisError, match=r"within 0\.2 s"):
            await collect(engine.synthesise("Sim.", espeak_voice()))
    finally:
        await engine.close()


async def test_two_helpers_share_the_work() -> None:
    engine = EspeakEngine(processes=2)
    try:
        await engine.start()
        assert len(set(engine.helper_pids)) == 2
        os.kill(engine.helper_pids[0], signal.SIGSTOP)
        stuck = asyncio.create_task(collect(engine.synthesise("Sim.", espeak_voice())))
        await asyncio.sleep(0)
        assert await collect(engine.synthesise("Não.", espeak_voice()))
        stuck.cancel()
        await asyncio.wait([stuck])
    finally:
        await engine.close()


async def test_more_texts_than_may_wait_are_refused_at_once() -> None:
    engine = EspeakEngine()
    try:
        await engine.start()
        os.kill(engine.helper_pids[0], signal.SIGSTOP)
        waiting = [
            asyncio.create_task(collect(engine.synthesise("Sim.", espeak_voice())))
            for _ in range(WAITING_AT_MOST)
        ]
        await asyncio.sleep(0)
        with pytest.raises(SynthesisError, match="wait"):
            await collect(engine.synthesise("Não.", espeak_voice()))
        os.kill(engine.helper_pids[0], signal.SIGCONT)
        assert all(await asyncio.gather(*waiting))
    finally:
        await engine.close()


async def test_a_closed_engine_says_so_and_leaves_no_process() -> None:
    engine = EspeakEngine()
    await engine.start()
    (pid,) = engine.helper_pids
    await engine.close()
    with pytest.raises(SynthesisError, match="closed"):
        await collect(engine.synthesise("Sim.", espeak_voice()))
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


async def test_without_espeak_the_engine_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "espeakng_loader.py").write_text("raise ImportError('not here')")
    monkeypatch.setenv("PATH", "/nonexistent")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    engine = EspeakEngine()
    with pytest.raises(SynthesisError, match=r"pip install 'ramal\[espeak\]'.*apt install"):
        await engine.start()
    await engine.close()
