"""The number formats that the GPT's linear layers, nearly all of XTTS's weights, can have."""

import platform
import warnings
from typing import Any, Final

import torch
from torch import nn
from torch.nn import functional

from tts.engine import SynthesisError

_DTYPES: Final = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}


def chosen_device(wanted: str) -> str:
    """``cpu`` or ``cuda``. Raises :class:`~tts.engine.SynthesisError` where there is no GPU."""
    has_gpu = torch.cuda.is_available()
    if wanted == "cuda" and not has_gpu:
        raise SynthesisError(
            "XTTS is to run on cuda, and torch finds no GPU: check nvidia-smi and that torch is "
            'built for CUDA, or set device = "auto"'
        )
    return "cuda" if has_gpu and wanted != "cpu" else "cpu"


def chosen_precision(wanted: str, device: str) -> str:
    """What ``auto`` is on this device. Raises :class:`~tts.engine.SynthesisError` for what cannot
    be computed there."""
    if wanted == "auto":
        return "fp16" if device == "cuda" else "fp32"
    if wanted == "fp16" and device == "cpu":
        raise SynthesisError('XTTS has no fp16 on a CPU: set precision = "bf16" or "int8"')
    if wanted == "int8" and device == "cuda":
        raise SynthesisError('XTTS has no int8 on a GPU: set precision = "fp16"')
    return wanted


class Linear:
    """``x @ weight + bias`` in a number format; what comes out has it too."""

    def __init__(self, weight: torch.Tensor, bias: torch.Tensor, dtype: Any) -> None:
        self.dtype = dtype
        self._weight, self._bias = weight.to(dtype), bias.to(dtype)

    def __call__(self, x: torch.Tensor) -> torch.Tensor:
        """Of the last axis."""
        return functional.linear(x.to(self.dtype), self._weight, self._bias)


class QuantisedLinear(Linear):
    """int8 weights, one scale for each output; inputs are quantised as they come."""

    def __init__(self, weight: torch.Tensor, bias: torch.Tensor) -> None:
        self.dtype = torch.float32
        layer = nn.Linear(weight.shape[1], weight.shape[0])
        layer.weight, layer.bias = nn.Parameter(weight.contiguous()), nn.Parameter(bias)
        scheme = torch.ao.quantization.per_channel_dynamic_qconfig
        layer.qconfig = scheme
        with warnings.catch_warnings():
            # torch 2.13 says that these tensors will go one day, and names no successor for them
            warnings.simplefilter("ignore", UserWarning)
            self._layer = torch.ao.nn.quantized.dynamic.Linear.from_float(layer)

    def __call__(self, x: torch.Tensor) -> torch.Tensor:
        """Of the last axis."""
        return self._layer(x)


def lowered(layer: Any, precision: str) -> Linear:
    """A ``Conv1D`` of Transformers, whose weight is (inputs, outputs), in another precision.

    In float32 it is the same memory.
    """
    weight, bias = layer.weight.detach().t(), layer.bias.detach()
    if precision == "int8":
        _choose_quantised_engine()
        return QuantisedLinear(weight, bias)
    return Linear(weight, bias, _DTYPES[precision])


def _choose_quantised_engine() -> None:
    known = torch.backends.quantized.supported_engines
    wanted = "qnnpack" if platform.machine() in ("arm64", "aarch64") else "x86"
    if torch.backends.quantized.engine == "none" and wanted in known:
        torch.backends.quantized.engine = wanted
