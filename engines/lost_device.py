"""A process that lost its GPU: after some errors of CUDA every later call fails, until it ends."""

import os
import re
import sys
from collections.abc import Iterator
from typing import Final, NoReturn

import structlog

EXIT_STATUS: Final = 70
"""EX_SOFTWARE of sysexits.h: whoever looks after the process starts another."""
IN_A_ROW: Final = 3
"""Errors of CUDA that may have passed, with nothing done in between, after which it has not."""

_LASTING: Final = (
    "an illegal memory access was encountered",
    "device-side assert triggered",
    "an illegal instruction was encountered",
    "misaligned address",
    "operation not supported on global/shared address space",
    "invalid program counter",
    "hardware stack error",
    "unspecified launch failure",
    "the launch timed out and was terminated",
    "uncorrectable ECC error encountered",
    "uncorrectable NVLink error detected during the execution",
)
"""Of ``cudaGetErrorString``: errors after which "the process must be terminated and relaunched"
(CUDA Runtime API, ``cudaError``), and those of a chip that is broken."""
_ANY: Final = re.compile(r"\b(?:CUDA (?:error|failed|failure)|cu(?:BLAS|DNN) failed|CUBLAS_STATUS)")
"""How torch, CTranslate2 and onnxruntime begin; torch's cuBLAS says ``CUBLAS_STATUS_...``."""
_FULL: Final = "out of memory"

_log = structlog.get_logger(__name__)


class DeviceWatch:
    """Judges what an engine's requests came to; ``reason`` is set once its GPU is lost."""

    def __init__(self) -> None:
        self.reason: str | None = None
        self._in_a_row = 0

    def worked(self) -> None:
        """The engine did what it was asked."""
        self._in_a_row = 0

    def failed(self, error: BaseException) -> None:
        """It did not."""
        if self.reason is not None or (told := cuda_error(error)) is None:
            return
        self._in_a_row += 1
        if self._in_a_row >= IN_A_ROW or any(each in told for each in _LASTING):
            self.reason = told


def cuda_error(error: BaseException) -> str | None:
    """What a library says of its GPU in this error or what caused it, on one line. ``None`` for any
    other error, and where memory ran out: that passes."""
    for each in _chain(error):
        told = " ".join(str(each).split("\n", 1)[0].split())
        if _is_a_librarys(each) and _ANY.search(told) and _FULL not in told:
            return told
    return None


def end_process(reason: str, last_word: str = "") -> NoReturn:
    """End at once, ``last_word`` on standard output: what would be closed or freed in order uses
    the GPU, too, and whoever waits for an answer asks elsewhere when the connection breaks off."""
    _log.error("engine.device_lost", reason=reason)
    sys.stdout.write(last_word)
    for each in (sys.stdout, sys.stderr):
        each.flush()
    os._exit(EXIT_STATUS)


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: BaseException | None = error
    while seen is not None:
        yield seen
        seen = seen.__cause__ or seen.__context__


def _is_a_librarys(error: BaseException) -> bool:
    """Our own sentences quote what callers of the API say."""
    return isinstance(error, RuntimeError) or type(error).__module__.startswith("onnxruntime")
