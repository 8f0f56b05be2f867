"""The acoustic network in torch: separable convolutions over time, causal with a short delay.

Every layer sees only the past of its own input; look-ahead is had by delaying the residual path.
So the whole network is the same function whether audio comes whole or in chunks, and the only
state is the last ``KERNEL - 1`` frames that entered each block.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from stt.builtin.alphabet import CLASSES
from stt.builtin.features import BANDS

CHANNELS = 224
BLOCKS = 12
KERNEL = 21  # frames of 20 ms
WIDEN = 2
AHEAD = 3  # frames of look-ahead in every other one of the first nine blocks
SUBSAMPLING = 2  # 10 ms feature frames to 20 ms network frames
FRONT_KERNEL = 7
FRONT_CACHE = FRONT_KERNEL - SUBSAMPLING


class Block(nn.Module):
    """Depthwise convolution over time, then a two-layer perceptron per frame; residual."""

    def __init__(self, ahead: int) -> None:
        super().__init__()
        self.ahead = ahead
        self.depth = nn.Conv2d(CHANNELS, CHANNELS, (1, KERNEL), groups=CHANNELS)
        self.norm = nn.BatchNorm2d(CHANNELS, momentum=0.02)
        self.wide = nn.Conv2d(CHANNELS, WIDEN * CHANNELS, 1)
        self.narrow = nn.Conv2d(WIDEN * CHANNELS, CHANNELS, 1)

    def forward(self, x: Tensor, cache: Tensor) -> tuple[Tensor, Tensor]:
        """``x`` (batch, CHANNELS, 1, frames), ``cache`` its last KERNEL - 1 frames before."""
        frames = x.shape[3]
        seen = torch.cat((cache, x), 3)
        mixed = self.narrow(F.gelu(self.wide(self.norm(self.depth(seen)))))
        start = KERNEL - 1 - self.ahead
        delayed = seen[:, :, :, start : start + frames]
        return delayed + mixed, seen[:, :, :, -(KERNEL - 1) :]


class Network(nn.Module):
    """Log-mel features to character scores; ``delay`` network frames late."""

    def __init__(self, blocks: int = BLOCKS) -> None:
        super().__init__()
        self.norm = nn.BatchNorm2d(BANDS, momentum=0.02)
        self.front = nn.Conv2d(BANDS, CHANNELS, (1, FRONT_KERNEL), stride=(1, SUBSAMPLING))
        self.blocks = nn.ModuleList(Block(AHEAD if i % 2 and i < 9 else 0) for i in range(blocks))
        self.out = nn.Conv2d(CHANNELS, CLASSES, 1)
        self.to(memory_format=torch.channels_last)

    @property
    def delay(self) -> int:
        """Frames of 20 ms by which the output is behind the input."""
        front = (FRONT_KERNEL // 2) // SUBSAMPLING
        return front + sum(int(block.ahead) for block in self.blocks)

    def start(self, batch: int) -> list[Tensor]:
        """The state before any audio: zeros."""
        shapes = [(batch, BANDS, 1, FRONT_CACHE)]
        shapes += [(batch, CHANNELS, 1, KERNEL - 1)] * len(self.blocks)
        return [torch.zeros(s).to(memory_format=torch.channels_last) for s in shapes]

    def forward(self, features: Tensor, state: Sequence[Tensor]) -> tuple[Tensor, list[Tensor]]:
        """Scores of ``features`` (batch, an even number of 10 ms frames, BANDS) after ``state``.

        Returns unnormalised scores (batch, frames / 2, CLASSES) and the next state.
        """
        x = self.norm(features.transpose(1, 2).unsqueeze(2))
        x = torch.cat((state[0], x), 3)
        after = [x[:, :, :, -FRONT_CACHE:]]
        x = F.gelu(self.front(x))
        for block, cache in zip(self.blocks, state[1:], strict=True):
            x, kept = block(x, cache)
            after.append(kept)
        return self.out(x).squeeze(2).transpose(1, 2), after


def widened(weights: dict[str, Tensor], network: Network) -> dict[str, Tensor]:
    """``weights`` of a shallower network, or of the 1-D sketch, fitted to ``network``.

    1-D kernels gain a dimension; blocks that the weights lack start as the identity (their last
    layer is zero), so the network computes what it did before.
    """
    fitted = {
        name: torch.zeros_like(value) if ".narrow." in name else value
        for name, value in network.state_dict().items()
    }
    for name, value in weights.items():
        if not name.startswith("mel."):
            known = "front" + name.removeprefix("sub") if name.startswith("sub.") else name
            fitted[known] = value.unsqueeze(2) if value.dim() == 3 else value
            if name.startswith("out."):
                fitted[known] = _with_room(fitted[known])
    return fitted


def _with_room(rows: Tensor) -> Tensor:
    """An output layer's weights or biases with rows for characters added to the alphabet since;
    they begin unlikely."""
    missing = CLASSES - len(rows)
    begin = rows.new_zeros((missing, *rows.shape[1:])) - (5.0 if rows.dim() == 1 else 0.0)
    return torch.cat((rows, begin))
