from collections.abc import AsyncIterator

import pytest

from tts.espeak import EspeakEngine


@pytest.fixture
async def espeak() -> AsyncIterator[EspeakEngine]:
    engine = EspeakEngine()
    await engine.start()
    yield engine
    await engine.close()
