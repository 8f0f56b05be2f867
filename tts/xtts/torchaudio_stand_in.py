"""What coqui-tts calls of torchaudio, for machines where torchaudio cannot be loaded.

The wheels of torchaudio and torchcodec on PyPI are linked to CUDA's libraries, and coqui-tts
refuses to be imported without them; all that XTTS calls are a resampler and a mel spectrogram.
Where the real ones load, they are used.
"""

import importlib
import math
import sys
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any, Final

import torch
from torch import nn

PACKAGES: Final = ("torchaudio", "torchcodec")
_LOBES: Final = 6
_ROLL_OFF: Final = 0.99


def install_where_absent() -> list[str]:
    """Before the first ``import TTS``; the names of the packages that this module stands in for."""
    absent = [name for name in PACKAGES if not _loads(name)]
    for name in absent:
        _install(name)
    return absent


def resample(waveform: torch.Tensor, orig_freq: int, new_freq: int) -> torch.Tensor:
    """As ``torchaudio.functional.resample``: a sinc under a Hann window, last axis in and out."""
    divisor = math.gcd(int(orig_freq), int(new_freq))
    down, up = int(orig_freq) // divisor, int(new_freq) // divisor
    if down == up:
        return waveform
    kernel, width = _kernel(down, up)
    flat = waveform.reshape(-1, waveform.shape[-1])
    padded = nn.functional.pad(flat, (width, width + down))[:, None]
    phases = nn.functional.conv1d(padded, kernel.to(flat), stride=down)
    length = math.ceil(up * flat.shape[-1] / down)
    mixed = phases.transpose(1, 2).reshape(flat.shape[0], -1)[:, :length]
    return mixed.reshape(*waveform.shape[:-1], length)


def _kernel(down: int, up: int) -> tuple[torch.Tensor, int]:
    """Filters by phase, shape (up, 1, taps), and how far they reach to either side."""
    cutoff = min(down, up) * _ROLL_OFF
    width = math.ceil(_LOBES * down / cutoff)
    taps = torch.arange(-width, width + down, dtype=torch.float64) / down
    phases = torch.arange(up, dtype=torch.float64) / up
    times = ((taps[None, :] - phases[:, None]) * cutoff).clamp(-_LOBES, _LOBES)
    window = torch.cos(times * math.pi / _LOBES / 2) ** 2
    return (torch.sinc(times) * window * (cutoff / down))[:, None], width


class _Spectrogram(nn.Module):
    """Named as torchaudio's: real checkpoints hold its ``window``."""

    def __init__(self, n_fft: int, window: torch.Tensor, hop: int, power: float) -> None:
        super().__init__()
        self._n_fft, self._hop, self._power = n_fft, hop, power
        self.register_buffer("window", window)

    def forward(self, waveform: torch.Tensor) -> torch.Tensor:
        window = self.get_buffer("window")
        flat = waveform.reshape(-1, waveform.shape[-1])
        bins = torch.stft(
            flat, self._n_fft, self._hop, len(window), window, pad_mode="reflect", center=True,
            return_complex=True,
        )  # fmt: skip
        return (bins.abs() ** self._power).reshape(*waveform.shape[:-1], *bins.shape[-2:])


class _MelScale(nn.Module):
    """Named as torchaudio's: real checkpoints hold its ``fb``."""

    def __init__(self, bank: torch.Tensor) -> None:
        super().__init__()
        self.register_buffer("fb", bank)

    def forward(self, spectrogram: torch.Tensor) -> torch.Tensor:
        return (spectrogram.transpose(-1, -2) @ self.get_buffer("fb")).transpose(-1, -2)


class MelSpectrogram(nn.Module):
    """As ``torchaudio.transforms.MelSpectrogram`` for the arguments that XTTS gives it."""

    def __init__(
        self,
        *,
        sample_rate: int = 16_000,
        n_fft: int = 400,
        win_length: int | None = None,
        hop_length: int | None = None,
        f_min: float = 0.0,
        f_max: float | None = None,
        n_mels: int = 128,
        window_fn: Any = torch.hann_window,
        power: float = 2.0,
        norm: str | None = None,
        **ignored: Any,
    ) -> None:
        super().__init__()
        if ignored.get("normalized"):
            raise ValueError("normalised spectrograms are not among what stands in for torchaudio")
        length = win_length or n_fft
        self.spectrogram = _Spectrogram(n_fft, window_fn(length), hop_length or length // 2, power)
        highest = f_max or sample_rate / 2
        bank = _mel_bank(n_fft // 2 + 1, sample_rate, f_min, highest, n_mels)
        self.mel_scale = _MelScale(bank[0] * bank[1] if norm == "slaney" else bank[0])

    def forward(self, waveform: torch.Tensor) -> torch.Tensor:
        """(..., samples) to (..., mels, frames)."""
        return self.mel_scale(self.spectrogram(waveform))


def _mel_bank(
    bins: int, sample_rate: int, f_min: float, f_max: float, mels: int
) -> tuple[torch.Tensor, torch.Tensor]:
    """Triangles (bins, mels) on the HTK scale, and what makes their areas equal (Slaney)."""
    low, high = (2595.0 * math.log10(1.0 + each / 700.0) for each in (f_min, f_max))
    corners = 700.0 * (10.0 ** (torch.linspace(low, high, mels + 2) / 2595.0) - 1.0)
    steps = corners[1:] - corners[:-1]
    slopes = corners[None] - torch.linspace(0, sample_rate // 2, bins)[:, None]
    rising, falling = -slopes[:, :-2] / steps[:-1], slopes[:, 2:] / steps[1:]
    areas = 2.0 / (corners[2:] - corners[:-2])
    return torch.minimum(rising, falling).clamp_min(0.0), areas


def _loads(name: str) -> bool:
    try:
        importlib.import_module(name)
    except (ImportError, OSError, RuntimeError):
        for half in [each for each in sys.modules if each.partition(".")[0] == name]:
            del sys.modules[half]
        return False
    return True


def _install(name: str) -> None:
    package = _module(name, is_package=True)
    vars(package)["__version__"] = "0"
    if name == "torchaudio":
        contents: dict[str, dict[str, Any]] = {
            "functional": {"resample": resample},
            "transforms": {"MelSpectrogram": MelSpectrogram},
        }
        for part, members in contents.items():
            module = _module(f"{name}.{part}", is_package=False)
            vars(module).update(members)
            setattr(package, part, module)


def _module(name: str, *, is_package: bool) -> ModuleType:
    module = ModuleType(name)
    module.__spec__ = ModuleSpec(name, None, is_package=is_package)
    if is_package:
        module.__path__ = []
    sys.modules[name] = module
    return module
