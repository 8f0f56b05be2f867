"""Choosing an audio token from what the model says of each: as coqui-tts does, but by a seed."""

import hashlib
from collections.abc import Iterable
from typing import Final

import numpy as np
import numpy.typing as npt

from tts.profiles import QualityProfile

_LEAST_TEMPERATURE: Final = 1e-3


def seed_of(*parts: object) -> int:
    """The same on every machine for the same parts."""
    told = "\x1f".join(str(part) for part in parts)
    return int.from_bytes(hashlib.blake2b(told.encode(), digest_size=8).digest(), "big")


class Sampler:
    """The choices of one stream; they depend on its seed and on nothing else that runs.

    A repetition penalty, a temperature, the ``top_k`` likeliest, of these the ``top_p`` share, a
    draw: the order of Transformers' ``generate``. ``said`` are tokens that count as repeated.
    """

    def __init__(self, profile: QualityProfile, seed: int, codes: int, said: Iterable[int]) -> None:
        self._profile = profile
        self._draws = np.random.Generator(np.random.PCG64(seed))
        self._said = np.zeros(codes, dtype=bool)
        self._said[list(said)] = True

    def choose(self, logits: npt.NDArray[np.float32]) -> int:
        """The next token; ``logits`` (codes,) is the model's score of each."""
        scores = logits.astype(np.float64)
        penalty = self._profile.repetition_penalty
        repeated = scores[self._said]
        scores[self._said] = np.where(repeated < 0, repeated * penalty, repeated / penalty)
        scores /= max(self._profile.temperature, _LEAST_TEMPERATURE)
        token = self._draw(scores)
        self._said[token] = True
        return token

    def _draw(self, scores: npt.NDArray[np.float64]) -> int:
        count = min(self._profile.top_k, scores.size)
        best = np.argpartition(-scores, count - 1)[:count]
        best = best[np.lexsort((best, -scores[best]))]
        shares = np.exp(scores[best] - scores[best[0]])
        shares /= shares.sum()
        above = np.cumsum(shares) - shares
        kept = max(1, int(np.count_nonzero(above < self._profile.top_p)))
        cumulative = np.cumsum(shares[:kept])
        drawn = self._draws.random() * cumulative[-1]
        return int(best[min(int(np.searchsorted(cumulative, drawn, "right")), kept - 1)])
