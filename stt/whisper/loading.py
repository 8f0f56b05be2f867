"""Opening a model with faster-whisper, or saying in one sentence why it cannot be."""

import importlib
import os
from dataclasses import dataclass
from typing import Any

from stt.recogniser import RecogniserUnavailableError
from stt.whisper.options import WhisperOptions

GPU_WORKERS, GPU_BATCH = 2, 8
"""Two: one computes while the other's features are made. No GPU of ours has measured them."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """``model`` is faster-whisper's ``WhisperModel``; the counts are decided by its device."""

    model: Any
    device: str
    workers: int
    batch: int


def load(options: WhisperOptions) -> Loaded:
    """Load the model, which may take minutes where it is fetched first.

    Raises :class:`~stt.recogniser.RecogniserUnavailableError`.
    """
    faster_whisper = _import("faster_whisper")
    try:
        return _load(faster_whisper, options)
    except (RuntimeError, ValueError, OSError) as failed:
        raise unusable(options, failed) from failed


def unusable(options: WhisperOptions, failed: Exception) -> RecogniserUnavailableError:
    """One sentence from the libraries' several lines, and what to do about it."""
    reason = " ".join(str(failed).split()).rstrip(".")
    return RecogniserUnavailableError(
        f"the Whisper model {options.model!r} cannot be used on {options.device}: {reason}; "
        f"{_cure(options, reason)}"
    )


def _cure(options: WhisperOptions, reason: str) -> str:
    if "CUDA" in reason or "cuBLAS" in reason or "cuDNN" in reason:
        return "check the driver with nvidia-smi, or set device to cpu"
    if "unsupported device" in reason:
        return "set device to cpu, cuda or auto"
    if "compute type" in reason:
        return "leave compute_type out, or set it to int8"
    if os.path.isdir(options.model):  # noqa: PTH112 - a hub's name is no path
        return "the folder must hold a model converted for CTranslate2 (model.bin)"
    if "/" in options.model or options.download:
        return "set model to a size such as small, a name on the Hugging Face hub or a folder"
    return "fetch it first where there is a network, and set model to its folder"


def _import(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError as missing:
        raise RecogniserUnavailableError(
            f"the Whisper engine is not installed ({missing.name or missing} is missing): "
            "pip install 'ramal[whisper]'"
        ) from missing


def _load(faster_whisper: Any, options: WhisperOptions) -> Loaded:
    device = options.device
    if device == "auto":
        device = "cuda" if _import("ctranslate2").get_cuda_device_count() else "cpu"
    gpu = device == "cuda"
    workers = options.workers or (GPU_WORKERS if gpu else os.cpu_count() or 1)
    model = faster_whisper.WhisperModel(
        options.model,
        device=device,
        compute_type=options.compute_type or ("float16" if gpu else "int8"),
        cpu_threads=1,
        num_workers=workers,
        local_files_only=not options.download,
    )
    return Loaded(model, device, workers, options.batch or (GPU_BATCH if gpu else 1))
