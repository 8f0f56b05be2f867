import pytest

from supervisor.settings import Settings

FAST = {"speed": 1.25}


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    data_dir = str(tmp_path_factory.mktemp("data"))
    return Settings.from_supervisor({"tts": FAST, "data_dir": data_dir})
