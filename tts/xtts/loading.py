"""Opening a checkpoint with coqui-tts, or saying in one sentence why it cannot be."""

import logging
import pickle
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from tts.engine import SynthesisError

FILES: Final = ("model.pth", "config.json", "vocab.json")
MISSING_EXTRA: Final = "XTTS is not installed ({} is missing): pip install 'ramal[xtts]'"


def missing_of(folder: Path) -> str | None:
    """Why no checkpoint can be loaded from ``folder``, and what to do; None where it is whole."""
    if not folder.is_dir():
        return f"there is no folder {folder}: put the files of XTTS-v2 there, or correct model"
    absent = [name for name in FILES if not (folder / name).is_file()]
    if absent:
        return f"the folder {folder} has no {' and no '.join(absent)}: XTTS-v2 has all of them"
    return None


def load_model(folder: Path) -> Any:
    """coqui-tts's ``Xtts`` on the CPU in float32, ready to speak; the real one takes half a minute
    and 4 GB. Raises :class:`~tts.engine.SynthesisError`."""
    if fault := missing_of(folder):
        raise SynthesisError(f"XTTS cannot be loaded: {fault}")
    config_class, model_class = _classes()
    config = config_class()
    try:
        config.load_json(str(folder / "config.json"))
        model = model_class(config)
        model.load_checkpoint(config, checkpoint_dir=str(folder), eval=True)
    except (
        RuntimeError,
        ValueError,
        KeyError,
        TypeError,
        OSError,
        EOFError,
        pickle.UnpicklingError,
    ) as failed:
        reason = " ".join(str(failed).split())[:200]
        raise SynthesisError(f"the XTTS model in {folder} cannot be loaded: {reason}") from failed
    return model


@contextmanager
def imported() -> Iterator[None]:
    """Around imports that need the extra. Raises :class:`~tts.engine.SynthesisError`."""
    try:
        yield
    except ImportError as missing:
        raise SynthesisError(MISSING_EXTRA.format(missing.name or missing)) from missing


def _classes() -> tuple[Any, Any]:
    with imported():
        from tts.xtts.torchaudio_stand_in import install_where_absent  # noqa: PLC0415

        install_where_absent()
        from transformers.utils import logging as transformers_logging  # noqa: PLC0415

        transformers_logging.set_verbosity_error()  # it tells of settings that XTTS never uses
        from TTS.tts.configs.xtts_config import XttsConfig  # noqa: PLC0415
        from TTS.tts.models.xtts import Xtts  # noqa: PLC0415
    logging.getLogger("TTS").setLevel(logging.WARNING)
    return XttsConfig, Xtts
