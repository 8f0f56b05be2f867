"""The ladders that settings name, and what operators are told of them."""

from contextlib import AsyncExitStack, aclosing
from pathlib import Path

import numpy as np
import pytest
from pydantic import SecretStr

from engines.steps import Shift
from stt.engines import RecogniserChoice
from stt.recogniser import Hints
from supervisor.alarms import Alarm, Alarms
from supervisor.checks.engines import examine_engines
from supervisor.checks.finding import Status
from supervisor.engine_process import choice
from supervisor.metrics import Metrics
from supervisor.settings import Settings, SettingsError, load_settings
from supervisor.speech import Speech, SpeechError
from supervisor.speech_ladders import (
    ShiftWatch,
    ladder_voice,
    open_listening,
    open_speaking,
    voice_in,
)
from supervisor.speech_settings import (
    EnginesSettings,
    OpenAiSettings,
    SttSettings,
    TtsSettings,
)
from tests.engines.processes import TOKEN, engines_process
from tests.engines.servers import until
from tests.ports import free_ports
from tests.speech import say, silence
from tests.tts.hearing import collect
from tests.tts.neural.files import kokoro_folder, piper_voice
from tts.engine import Makeshift


@pytest.fixture(autouse=True)
def _elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)


def settings_for(*addresses: str) -> Settings:
    return load_settings(
        stt=SttSettings(ladder=("remote", "builtin"), addresses=addresses),
        tts=TtsSettings(ladder=("remote", "espeak"), addresses=addresses),
        engines=EnginesSettings(token=SecretStr(TOKEN)),
    )


async def test_a_worker_hears_and_speaks_by_remote_engines_and_then_by_its_own() -> None:
    metrics, told = Metrics(), list[Alarm]()
    alarms = Alarms(metrics)
    async with engines_process() as engines, AsyncExitStack() as resources:
        speech = Speech(settings_for(str(engines.address)), resources, metrics, alarms)
        with alarms.heard_by(told.append):
            opened = await speech.engines()
            voice = speech.voice(None)
            assert (voice.engine, voice.name, voice.language) == ("remote", "pt-br", "pt-BR")

            async def understands() -> str:
                stream = opened.recogniser.stream("pt-BR", Hints())
                stream.feed(np.concatenate((say("bom dia"), silence(300))))
                text = (await stream.result()).text
                await stream.close()
                return text

            assert await understands() == "bom dia"
            assert await collect(opened.speaker.speak("Bom dia.", voice))
            assert not told
            await engines.kill()
            for number in range(2):
                assert await understands() == "bom dia"
                assert await collect(opened.speaker.speak(f"Bom dia {number}.", voice))
    assert sorted((alarm.kind, alarm.subject) for alarm in told) == [
        ("engine.degraded", "stt"),
        ("engine.degraded", "tts"),
    ]
    level = metrics.registry.get_sample_value("ramal_engine_level", {"stage": "tts"})
    assert level == 1
    down = {"stage": "stt", "way": "down"}
    assert metrics.registry.get_sample_value("ramal_engine_shifts_total", down) == 1


def test_a_step_up_ends_the_alarm() -> None:
    metrics, told = Metrics(), list[Alarm]()
    alarms = Alarms(metrics)
    watch = ShiftWatch(metrics, alarms)
    with alarms.heard_by(told.append):
        watch.shifted(Shift("tts", 1, "espeak", 0, "remote is away"))
        watch.shifted(Shift("tts", 0, "remote", 1))
    assert [(alarm.over, alarm.text) for alarm in told] == [
        (False, "tts works with espeak only, because: remote is away; see docs/engines.md."),
        (True, "tts works with remote again."),
    ]


async def test_remote_without_an_address_is_one_sentence_with_the_next_step() -> None:
    async with AsyncExitStack() as resources:
        with pytest.raises(SpeechError, match=r"set stt\.addresses"):
            await Speech(settings_for(), resources).engines()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[stt]\nladder = ["remote", "vosk"]\n', "stt.ladder"),
        ('[tts]\naddresses = ["10.0.0.5:8090"]\n', "neither unix:PATH nor http://HOST:PORT"),
        ("[tts.openai]\nvoize = 1\n", "use one of base_urls, key, model, voice"),
        ("[engines.stt]\nmodl = 1\n", "use one of batch, beam"),
    ],
)
def test_settings_that_cannot_be_are_named(text: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "ramal.toml").write_text(text)
    with pytest.raises(SettingsError) as told:
        load_settings()
    assert said in str(told.value)


def test_workers_are_told_the_secrets_of_engines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAMAL_TTS__OPENAI__KEY", "sk-tts")
    monkeypatch.setenv("RAMAL_STT__OPENAI__KEY", "sk-stt")
    monkeypatch.setenv("RAMAL_ENGINES__TOKEN", TOKEN)
    settings = Settings.from_supervisor(load_settings().for_worker())
    secrets = (settings.tts.openai.key, settings.stt.openai.key, settings.engines.token)
    assert [each and each.get_secret_value() for each in secrets] == ["sk-tts", "sk-stt", TOKEN]


def test_a_voice_of_a_server_is_no_voice_of_espeak() -> None:
    openai = OpenAiSettings(voice="nova")
    ladder = TtsSettings(ladder=("openai", "espeak"), voice="ana", language="pt-BR", openai=openai)
    voice = ladder_voice(ladder)
    assert (voice.engine, voice.name, voice.language) == ("openai", "ana", "pt-BR")
    assert "nova" in voice.version
    assert ladder_voice(TtsSettings(), None).version == "1"


async def test_the_doctor_asks_every_address() -> None:
    dead = f"http://127.0.0.1:{free_ports(1)[0]}"
    async with engines_process() as engines:
        settings = settings_for(str(engines.address), dead)
        found = [finding async for finding in examine_engines(settings, [])]
    by_status = {status: [each for each in found if each.status is status] for status in Status}
    assert any(str(engines.address) in each.text for each in by_status[Status.OK])
    warned = by_status[Status.WARN]
    assert all(dead in each.text for each in warned)
    assert "ramal engines" in warned[0].next_step


@pytest.mark.parametrize("engine", ["piper", "kokoro"])
async def test_a_neural_voice_stands_above_espeak(tmp_path: Path, engine: str) -> None:
    folder = tmp_path / engine
    piper_voice(folder) if engine == "piper" else kokoro_folder(folder)
    tts = TtsSettings.model_validate(
        {"ladder": [engine, "espeak"], "folder": folder, "patience_s": 60}
    )
    settings = Settings(tts=tts)
    voice, english = voice_in(tts, None, "pt-BR"), voice_in(tts, None, "en")
    assert (voice.engine, voice.language) == (engine, "pt-BR")
    assert (english.engine, english.language) == (engine, "en")
    speech = open_speaking(settings, ShiftWatch(None, None))
    try:
        async with aclosing(speech.synthesise("Pode entrar.", voice)) as chunks:
            neural = [chunk async for chunk in chunks]
    finally:
        await speech.close()
    assert neural
    assert not any(isinstance(chunk, Makeshift) for chunk in neural)


async def test_espeak_speaks_where_the_neural_voices_are_not(tmp_path: Path) -> None:
    tts = TtsSettings(ladder=("piper", "espeak"), folder=tmp_path / "away")
    speech = open_speaking(Settings(tts=tts), ShiftWatch(None, None))
    try:
        async with aclosing(speech.synthesise("Pode entrar.", voice_in(tts, None, None))) as chunks:
            made = [chunk async for chunk in chunks]
    finally:
        await speech.close()
    assert made
    assert all(isinstance(chunk, Makeshift) for chunk in made)


def test_where_whisper_is_a_step_the_model_of_the_settings_is_whispers() -> None:
    stt = SttSettings(ladder=("remote", "whisper", "builtin"), model="/srv/small", threads=3)
    assert choice(stt, "whisper") == RecogniserChoice("whisper", model="/srv/small", threads=3)
    assert choice(stt, "builtin") == RecogniserChoice("builtin", threads=3)
    own = SttSettings(ladder=("remote", "builtin"), model="/srv/own.onnx")
    assert choice(own, "builtin") == RecogniserChoice("builtin", model="/srv/own.onnx")


async def test_a_recogniser_that_cannot_be_opened_is_passed_over_until_it_can(
    tmp_path: Path,
) -> None:
    pytest.importorskip("faster_whisper", reason="the whisper extra is not installed")
    from tests.stt.scripted_whisper import write_model  # noqa: PLC0415

    folder = tmp_path / "model"
    folder.mkdir()
    settings = load_settings(
        stt=SttSettings(ladder=("whisper", "builtin"), model=str(folder), device="cpu", threads=1),
        engines=EnginesSettings(retry_s=0.2),
    )
    metrics, told = Metrics(), list[Alarm]()
    alarms = Alarms(metrics)

    async def understood() -> str:
        stream = recogniser.stream("pt-BR", Hints(), recogniser.best_hz)
        stream.feed(np.repeat(np.concatenate((say("bom dia"), silence(300))), 2))
        text = (await stream.result()).text
        await stream.close()
        return text

    with alarms.heard_by(told.append):
        recogniser = await open_listening(settings, ShiftWatch(metrics, alarms))
        assert "the folder must hold a model converted for CTranslate2" in told[0].text
        assert await understood() == "bom dia"
        write_model(folder, ("Boa", "noite."))
        await until(lambda: len(told) == 2)
    assert await understood() == "boa noite"
    await recogniser.close()
