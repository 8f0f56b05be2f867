from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tts.espeak import EspeakEngine


@pytest.fixture
async def espeak() -> AsyncIterator[EspeakEngine]:
    engine = EspeakEngine()
    await engine.start()
    yield engine
    await engine.close()


@pytest.fixture(scope="session")
def tiny_model(tiny_folder: Path) -> Any:
    """coqui-tts's own model, loaded as the real one is."""
    from tests.tts.tiny_xtts import narrow_decoder  # noqa: PLC0415
    from tts.xtts.loading import load_model  # noqa: PLC0415

    with narrow_decoder():
        return load_model(tiny_folder)
