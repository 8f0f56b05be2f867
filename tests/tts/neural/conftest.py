from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.tts.neural.files import kokoro_folder, piper_voice
from tts.engine import Voice
from tts.neural.engine import NeuralEngine
from tts.neural.kokoro import KokoroFolder
from tts.neural.piper import PiperFolder

PIPER = Voice("piper", "pt_BR-tiny-medium", "pt-BR")
KOKORO = Voice("kokoro", "pf_dora", "pt-BR")


@pytest.fixture(scope="module")
def piper_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("piper")
    piper_voice(folder)
    piper_voice(folder, "en_US-tiny-low", espeak_voice="en-us", people=("ann", "bob"))
    piper_voice(folder, "es_MX-slow-high", espeak_voice="es-419", products=150)
    return folder


@pytest.fixture(scope="module")
def kokoro_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return kokoro_folder(tmp_path_factory.mktemp("kokoro"))


@pytest.fixture
async def piper(piper_folder: Path) -> AsyncIterator[NeuralEngine]:
    engine = NeuralEngine("piper", lambda: PiperFolder(piper_folder), voice=PIPER, at_once=2)
    yield engine
    await engine.close()


@pytest.fixture
async def kokoro(kokoro_files: Path) -> AsyncIterator[NeuralEngine]:
    engine = NeuralEngine("kokoro", lambda: KokoroFolder(kokoro_files), voice=KOKORO)
    yield engine
    await engine.close()
