"""What jobs made, listened to: a real engine's words in a real file."""

import io
from pathlib import Path

import pytest
import soundfile

from engines.audio_files import read
from stt.engines import RecogniserChoice, open_recogniser
from stt.recogniser import Hints
from supervisor.database.pool import Pool
from supervisor.synthesis.formats import Format
from tests.synthesis.jobs import a_studio, ask


async def _heard(file: bytes) -> str:
    recogniser = await open_recogniser(RecogniserChoice("builtin"))
    stream = recogniser.stream("pt-BR", Hints())
    stream.feed(read(file, 8000))
    heard = await stream.result()
    await stream.close()
    await recogniser.close()
    return heard.text


async def test_a_real_voices_words_are_understood_in_each_kind_of_file(
    database: Pool, database_url: str, tmp_path: Path
) -> None:
    forms: tuple[Format, ...] = ("wav", "opus", "mp3")
    text = "Sou da Amazon, tenho uma entrega para o apartamento 501."
    jobs = [await ask(database, text, form=form) for form in forms]
    async with a_studio(database, database_url, tmp_path) as studio:
        for job_id in jobs:
            await studio.until(job_id, "done", "failed")
        files = [(await studio.sounds(job_id))[0] for job_id in jobs]
    for form, file in zip(forms, files, strict=True):
        heard = await _heard(file)
        assert "amazon" in heard, (form, heard)
        assert "entrega" in heard, (form, heard)
        assert "quinhentos e um" in heard, (form, heard)


async def test_a_long_text_of_a_real_voice_is_as_long_as_it_takes_to_read(
    database: Pool, database_url: str, tmp_path: Path
) -> None:
    sentence = "Aviso aos moradores: a piscina fecha às 18h, e abre de novo na terça-feira."
    job_id = await ask(database, f"{sentence} " * 12)
    async with a_studio(database, database_url, tmp_path) as studio:
        await studio.until(job_id, "done")
        (item,) = await studio.items(job_id)
        (file,) = await studio.sounds(job_id)
    sound, rate_hz = soundfile.read(io.BytesIO(file), dtype="int16")
    quiet = abs(sound.reshape(-1)[: len(sound) // 160 * 160].reshape(-1, 160)).max(axis=1) < 50
    runs = "".join("-" if each else "x" for each in quiet).split("x")
    pauses = [len(run) * 10 for run in runs if len(run) * 10 >= 400]
    assert len(pauses) == 11, "a reader breathes after each sentence but the last"
    assert max(pauses) < 700
    assert 12 * 3.5 < len(sound) / rate_hz < 12 * 7
    assert item["duration_ms"] == pytest.approx(len(sound) / rate_hz * 1000, abs=1)
