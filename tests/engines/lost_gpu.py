"""Engines on a GPU that can be lost. ``python -m tests.engines.lost_gpu`` is a process with
Whisper as the supervisor starts it; :data:`PROGRAM` is ``ramal engines`` with the same.

There is no GPU: torch and CTranslate2 compute on the CPU, and fail as they do on a GPU from the
moment on at which the file ``GPU_FAULT`` is found, which is taken away. A new process is well.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from unittest import mock

FAULT = "GPU_FAULT"
ASSERTED = (
    "CUDA error: device-side assert triggered\nCUDA kernel errors might be asynchronously reported "
    "at some other API call, so the stacktrace below might be incorrect.\nCompile with "
    "`TORCH_USE_CUDA_DSA` to enable device-side assertions.\n"
)
"""What torch 2.13 says."""
ILLEGAL = "CUDA failed with error an illegal memory access was encountered"
"""What CTranslate2 4.8 says."""
PROGRAM = """
from tests.engines.lost_gpu import whisper_on_a_gpu
from supervisor.cli import main
with whisper_on_a_gpu():
    main()
"""


class Gpu:
    """Works until it is lost."""

    def __init__(self) -> None:
        self._fault = Path(os.environ[FAULT])
        self._is_lost = False

    def runs(self, real: Callable[..., Any], error: type[Exception], told: str) -> Any:
        """The library's function, on this GPU."""

        def run(*arguments: Any, **named: Any) -> Any:
            if not self._is_lost:
                with suppress(FileNotFoundError):
                    self._fault.unlink()
                    self._is_lost = True
            if self._is_lost:
                raise error(told)
            return real(*arguments, **named)

        return run


@contextmanager
def whisper_on_a_gpu() -> Iterator[None]:
    """CTranslate2 computes on it, inside."""
    from ctranslate2.models import Whisper  # noqa: PLC0415

    generate = Gpu().runs(Whisper.generate, RuntimeError, ILLEGAL)
    with mock.patch.object(Whisper, "generate", generate):
        yield


@contextmanager
def xtts_on_a_gpu() -> Iterator[None]:
    """torch computes on it, inside, for a tiny XTTS."""
    import torch  # noqa: PLC0415

    from tests.tts.tiny_xtts import narrow_decoder  # noqa: PLC0415

    functions, name = torch.nn.functional, "scaled_dot_product_attention"
    attention = Gpu().runs(getattr(functions, name), torch.AcceleratorError, ASSERTED)
    with narrow_decoder(), mock.patch.object(functions, name, attention):
        yield


if __name__ == "__main__":
    from supervisor.engine_process import main

    with whisper_on_a_gpu():
        main()
