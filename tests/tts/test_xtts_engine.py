"""XTTS behind the seam of all engines, on the tiny checkpoint."""

import asyncio
import io
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tests.tts.hearing import collect, samples
from tests.tts.tiny_xtts import SPEAKERS, narrow_decoder, write_checkpoint
from tts.cloning import REFERENCE_HZ, CloningError, cloned_name, digest_of
from tts.engine import SynthesisError, UnknownVoiceError, Voice, another_take
from tts.shaping import TARGET_DBFS, speech_rms_dbfs
from tts.xtts.engine import XttsEngine
from tts.xtts.names import xtts_voice
from tts.xtts.options import XttsOptions

TEXT = "Bom dia, aqui é da portaria. Quem fala, por favor?"
VOICE = xtts_voice(None, "pt-BR")


@pytest.fixture
async def engine(tiny_folder: Path) -> AsyncIterator[XttsEngine]:
    running = XttsEngine(XttsOptions(tiny_folder, streams=4))
    with narrow_decoder():
        await running.start()
    yield running
    await running.close()


async def say(engine: XttsEngine, text: str = TEXT, voice: Voice = VOICE) -> np.ndarray:
    return samples(await collect(engine.synthesise(text, voice)))


async def test_it_says_a_sentence_at_the_lines_rate(engine: XttsEngine) -> None:
    narrow = await say(engine)
    wide = await say(engine, voice=replace(VOICE, rate_hz=16_000))
    spoken_s = 25 * 1024 / 22_050
    for heard, rate_hz in ((narrow, 8000), (wide, 16_000)):
        # the text has two sentences, which are made apart
        assert len(heard) / rate_hz == pytest.approx(2 * spoken_s + 0.12, rel=0.1)
        assert speech_rms_dbfs(heard, rate_hz) == pytest.approx(TARGET_DBFS, abs=2.5)


async def test_the_same_text_is_the_same_take_until_another_is_asked_for(
    engine: XttsEngine,
) -> None:
    lively = replace(VOICE, profile="expressive")
    first, again = await say(engine, voice=lively), await say(engine, voice=lively)
    np.testing.assert_array_equal(first, again)
    with another_take(1):
        other = await say(engine, voice=lively)
    assert len(other) != len(first) or np.abs(other - first).max() > 500


async def test_the_models_own_voices_can_be_named(engine: XttsEngine) -> None:
    assert engine.voices == SPEAKERS
    one, other = [await say(engine, "Sim.", replace(VOICE, name=name)) for name in SPEAKERS]
    usual = await say(engine, "Sim.")
    assert len(one) == len(usual)
    assert len(one) != len(other) or np.abs(one - other).max() > 500


async def test_a_voice_that_nobody_knows_is_told(engine: XttsEngine) -> None:
    with pytest.raises(UnknownVoiceError, match=r"no voice 'Zé'; it has Ana Clara, Rui Pedro"):
        await say(engine, voice=replace(VOICE, name="Zé"))


@pytest.mark.parametrize(
    ("text", "voice", "reason"),
    [
        ("  \n", VOICE, "no text to speak"),
        ("Bom dia.", replace(VOICE, language="sv"), "does not speak sv; it speaks ar"),
        ("漢字", VOICE, "knows no character"),
        ("Oi.", replace(VOICE, name="cloned:1", latents=b"junk"), "no latents of XTTS"),
    ],
)
async def test_what_cannot_be_said_is_told(
    engine: XttsEngine, text: str, voice: Voice, reason: str
) -> None:
    with pytest.raises(SynthesisError, match=reason):
        await say(engine, text, voice)


def recording() -> bytes:
    file = io.BytesIO()
    noise = np.random.default_rng(5).standard_normal((int(2.5 * REFERENCE_HZ), 1)) * 0.1
    soundfile.write(file, noise, REFERENCE_HZ, format="FLAC")
    return file.getvalue()


async def test_a_cloned_voice_speaks_wherever_its_latents_are(engine: XttsEngine) -> None:
    latents = await engine.clone(recording())
    cloned = Voice("xtts", cloned_name("7"), "pt-BR", digest_of(latents), latents=latents)
    heard = await say(engine, "Sim.", cloned)
    usual = await say(engine, "Sim.")
    assert heard.size
    assert len(heard) != len(usual) or np.abs(heard - usual).max() > 500
    np.testing.assert_array_equal(heard, await say(engine, "Sim.", cloned))


async def test_latents_of_a_model_of_another_width_are_refused(
    engine: XttsEngine, tmp_path: Path
) -> None:
    from tts.xtts.latents import VoiceLatents  # noqa: PLC0415

    wide = VoiceLatents(np.zeros((32, 96), np.float32), np.zeros(512, np.float32)).to_bytes()
    voice = Voice("xtts", cloned_name("8"), "pt-BR", digest_of(wide), latents=wide)
    with pytest.raises(SynthesisError, match="96 wide, and this one is 64 wide: clone it again"):
        await say(engine, "Sim.", voice)


async def test_a_reference_that_is_no_audio_is_no_voice(engine: XttsEngine) -> None:
    with pytest.raises(CloningError, match="no audio file"):
        await engine.clone(b"GIF89a" + bytes(100))


async def test_closing_the_iterator_stops_the_model(engine: XttsEngine) -> None:
    async with aclosing(engine.synthesise(" ".join([TEXT] * 4), VOICE)) as chunks:
        await anext(chunks)
    await say(engine, "Sim.")
    # of eight sentences at most one more was begun than was listened to
    assert engine.studio.streams.counters.streams <= 3
    assert engine.studio.streams.counters.tokens <= 3 * 25


async def test_the_event_loop_is_never_kept_waiting(engine: XttsEngine) -> None:
    loop = asyncio.get_running_loop()
    late: list[float] = []

    async def beat() -> None:
        while True:
            due = loop.time() + 0.002
            await asyncio.sleep(0.002)
            late.append(loop.time() - due)

    beating = asyncio.create_task(beat())
    await asyncio.gather(*(say(engine) for _ in range(4)))
    beating.cancel()
    assert sorted(late)[len(late) // 2] < 0.02


async def test_speed_and_pitch_are_the_voices(engine: XttsEngine) -> None:
    usual = await say(engine, "Sim.")
    fast = await say(engine, "Sim.", replace(VOICE, speed=1.25))
    high = await say(engine, "Sim.", replace(VOICE, pitch=1.0))
    assert len(usual) / len(fast) == pytest.approx(1.25, abs=0.06)
    assert len(high) / len(usual) == pytest.approx(1.0, abs=0.06)
    assert len(high) != len(usual) or np.abs(high - usual).max() > 500


async def test_a_text_beyond_the_models_limit_is_said_in_pieces(engine: XttsEngine) -> None:
    long = "o senhor aguarde por favor que eu vou chamar o morador, " * 12
    heard = await say(engine, long)
    assert engine.studio.streams.counters.streams >= len(long) / 203
    assert len(heard) / 8000 > 3


async def test_after_the_end_it_says_so(engine: XttsEngine) -> None:
    await engine.close()
    with pytest.raises(SynthesisError, match="closed"):
        await say(engine)


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda folder: (folder / "model.pth").unlink(), "has no model.pth"),
        (lambda folder: (folder / "vocab.json").unlink(), "has no vocab.json"),
        (lambda folder: (folder / "model.pth").write_bytes(b"PK no weights"), "cannot be loaded"),
        (lambda folder: (folder / "config.json").write_text("{"), "cannot be loaded"),
        (shutil.rmtree, "there is no folder"),
    ],
)
async def test_a_checkpoint_that_is_not_whole_is_told_in_one_sentence(
    tmp_path: Path, spoil: object, reason: str
) -> None:
    with narrow_decoder():
        folder = write_checkpoint(tmp_path / "xtts")
        spoil(folder)  # type: ignore[operator]
        engine = XttsEngine(XttsOptions(folder))
        with pytest.raises(SynthesisError, match=reason) as told:
            await engine.start()
    assert "\n" not in str(told.value)


async def test_what_this_machine_cannot_compute_is_told(tiny_folder: Path) -> None:
    with narrow_decoder():
        for options, reason in (
            (XttsOptions(tiny_folder, device="cuda"), "torch finds no GPU"),
            (XttsOptions(tiny_folder, device="cpu", precision="fp16"), "no fp16 on a CPU"),
            (XttsOptions(tiny_folder, voice="Zé"), "voice is one of its own: Ana Clara"),
        ):
            with pytest.raises(SynthesisError, match=reason):
                await XttsEngine(options).start()


@pytest.mark.parametrize("precision", ["bf16", "int8"])
async def test_it_speaks_in_smaller_number_formats(tiny_folder: Path, precision: str) -> None:
    small = XttsEngine(XttsOptions(tiny_folder, precision=precision, device="cpu"))  # type: ignore[arg-type]
    try:
        with narrow_decoder():
            assert precision in await small.start()
        assert len(await say(small)) > 8000
    finally:
        await small.close()


def test_naming_the_engine_imports_no_torch() -> None:
    code = (
        "import sys; import supervisor.worker, tts.xtts.engine as e, tts.xtts.options as o;"
        "from pathlib import Path; e.XttsEngine(o.XttsOptions(Path('nowhere')));"
        "assert 'torch' not in sys.modules and 'TTS' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_without_the_extra_it_says_what_to_install() -> None:
    code = (
        "import sys, asyncio; sys.modules['torch'] = None\n"
        "import tts.xtts.engine as e, tts.xtts.options as o, tts.engine\n"
        "from pathlib import Path\n"
        "try: asyncio.run(e.XttsEngine(o.XttsOptions(Path('.'))).start())\n"
        "except tts.engine.SynthesisError as error: print(error)"
    )
    told = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert told.stdout == "XTTS is not installed (torch is missing): pip install 'ramal[xtts]'\n"


@pytest.mark.parametrize(
    ("name", "language", "spoken", "voice"),
    [
        (None, "pt-BR", "pt-BR", ""),
        ("pt-br", "pt-BR", "pt-BR", ""),
        ("pt-br+f2", "pt-BR", "pt-BR", ""),
        ("en-us", "pt-BR", "en-US", ""),
        ("es-419", "pt-BR", "es-419", ""),
        ("Ana Clara", "pt-BR", "pt-BR", "Ana Clara"),
        ("cloned:12", "en", "en", "cloned:12"),
    ],
)
def test_names_of_languages_are_our_own_voice_in_them(
    name: str | None, language: str, spoken: str, voice: str
) -> None:
    assert xtts_voice(name, language) == Voice("xtts", voice, spoken)
