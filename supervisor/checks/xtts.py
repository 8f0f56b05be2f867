"""XTTS, where an engines process of this machine is to speak with it: is all of it there."""

from collections.abc import Iterator
from importlib.util import find_spec
from typing import Final

from supervisor.checks.finding import Finding, fail, ok
from supervisor.settings import Settings
from tts.xtts.loading import missing_of
from tts.xtts.names import ENGINE

PACKAGES: Final = ("torch", "TTS", "transformers", "six")
PART: Final = "xtts"


def examine_xtts(settings: Settings) -> Iterator[Finding]:
    """Nothing is loaded for it: the model has gigabytes."""
    tts = settings.engines.tts
    if tts.engine != ENGINE:
        return
    if absent := [name for name in PACKAGES if find_spec(name) is None]:
        text = f"XTTS is to speak, and {' and '.join(absent)} cannot be imported."
        yield fail(PART, text, "Install it: pip install 'ramal[xtts]'")
    folder = tts.xtts.model
    if folder is None:
        step = "Set engines.tts.xtts.model to the folder with XTTS-v2's model.pth."
        yield fail(PART, "XTTS is to speak, and nothing says where its model is.", step)
    elif fault := missing_of(folder):
        yield fail(PART, f"XTTS cannot speak: {fault}.", "See docs/engines.md, 'XTTS'.")
    elif not absent:
        yield ok(PART, f"XTTS is installed, and its model is whole in {folder}.")
