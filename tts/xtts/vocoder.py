"""From the GPT's latents to sound, chunk by chunk, at a cost that grows with the length alone.

coqui-tts's stream runs the vocoder over the whole sentence again for every chunk. A frame of it
hears a few frames to either side: 16 of them before a chunk, and a cross-fade of 4 with what
came before, make the same sound.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import torch
from torch.nn.utils import parametrize

CONTEXT: Final = 16
"""Frames (10.7 ms) before a chunk; from 12 on the sound is the same to five digits."""
OVERLAP: Final = 4
"""Frames that are made twice and cross-faded: 43 ms, as coqui-tts has it."""
EVEN: Final = 8
"""Windows have a multiple of so many frames, so that those of several streams are of one length."""

Floats = npt.NDArray[np.float32]


@dataclass(slots=True)
class Utterance:
    """What one stream has said: ``latents`` (width,) each, ``stretch`` times as long as usual."""

    speaker: torch.Tensor
    stretch: float = 1.0
    latents: list[torch.Tensor] = field(default_factory=list)
    done: int = 0
    """Frames that have their window."""
    tail: Floats | None = None
    """The last overlap's sound, held back."""


@dataclass(frozen=True, slots=True)
class Window:
    """Frames (width, n) for the vocoder, of which the first ``context`` were heard before."""

    utterance: Utterance
    frames: torch.Tensor
    context: int
    is_last: bool


class Vocoder:
    """coqui-tts's HiFi-GAN; ``bf16`` computes in that format where it is safe."""

    def __init__(self, decoder: Any, *, bf16: bool = False) -> None:
        self._scales = (
            decoder.ar_mel_length_compression / decoder.output_hop_length,
            decoder.output_sample_rate / decoder.input_sample_rate,
        )
        self.hop = decoder.output_hop_length
        self._generator = decoder.waveform_decoder
        for module in self._generator.modules():
            if parametrize.is_parametrized(module, "weight"):  # weights are what they are by now
                parametrize.remove_parametrizations(module, "weight")
        self._device = next(self._generator.parameters()).device
        self._bf16 = bf16

    def window(self, utterance: Utterance, *, is_last: bool) -> Window:
        """What has to be computed to hear the latents that are new."""
        scales = (utterance.stretch, *self._scales)
        rows: Rows = _Taken(utterance.latents)
        for scale in scales if utterance.stretch != 1.0 else self._scales:
            rows = _Stretched(rows, scale)
        new = max(0, utterance.done - OVERLAP)
        size = -(-(rows.length - new + CONTEXT) // EVEN) * EVEN
        first = max(0, rows.length - size)
        utterance.done = rows.length
        return Window(utterance, rows.read(first, rows.length).T, new - first, is_last)

    def sound(self, windows: Sequence[Window]) -> list[Floats]:
        """What is new of each, float32 at 24 kHz; those of one length are computed together."""
        frames = torch.stack([each.frames for each in windows])
        speakers = torch.stack([each.utterance.speaker for each in windows])[:, :, None]
        with torch.autocast(self._device.type, torch.bfloat16, enabled=self._bf16):
            made = self._generator(frames, g=speakers)
        heard = made[:, 0].float().cpu().numpy()
        return [self._faded(each, own) for each, own in zip(windows, heard, strict=True)]

    def _faded(self, window: Window, made: Floats) -> Floats:
        utterance = window.utterance
        sound = made[window.context * self.hop :].copy()
        if (tail := utterance.tail) is not None:
            size = min(tail.size, sound.size)
            rise = np.linspace(0.0, 1.0, size, dtype=np.float32)
            sound[:size] = sound[:size] * rise + tail[:size] * (1 - rise)
        if window.is_last:
            return sound
        held = OVERLAP * self.hop
        utterance.tail = sound[-held:]
        return sound[:-held]


class _Taken:
    """Latents as rows."""

    def __init__(self, latents: list[torch.Tensor]) -> None:
        self.length: int = len(latents)
        self._latents = latents

    def read(self, first: int, last: int) -> torch.Tensor:
        return torch.stack(self._latents[first:last])


class _Stretched:
    """Rows ``scale`` times as dense, as ``torch.nn.functional.interpolate`` (linear) has them;
    only those that are read are computed."""

    def __init__(self, rows: "Rows", scale: float) -> None:
        self.length: int = int(rows.length * scale)
        self._rows = rows
        self._scale = scale

    def read(self, first: int, last: int) -> torch.Tensor:
        wanted = torch.arange(first, last, dtype=torch.float64)
        places = ((wanted + 0.5) / self._scale - 0.5).clamp_min(0.0)
        below = places.long()
        above = (below + 1).clamp_max(self._rows.length - 1)
        start = int(below[0])
        known = self._rows.read(start, int(above[-1]) + 1)
        share = (places - below)[:, None].to(known)
        below, above = (below - start).to(known.device), (above - start).to(known.device)
        return torch.lerp(known[below], known[above], share)


Rows = _Taken | _Stretched
