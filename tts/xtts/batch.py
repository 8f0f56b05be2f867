"""The streams that speak at the moment, a token at a time."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial

import torch

from tts.xtts.sampling import Sampler
from tts.xtts.transformer import Transformer


@dataclass(slots=True, eq=False)
class Line:
    """One stream at the GPT: it has said ``tokens``, and ``length`` positions of the cache."""

    prefix: torch.Tensor
    sampler: Sampler
    most_tokens: int
    tokens: list[int] = field(default_factory=list)
    length: int = 0
    is_over: bool = False


class Batch:
    """Lines in the first slots of the cache, without gaps; ``together`` of them in one pass.

    ``attempt`` runs each pass, and may run it again. Used by one thread.
    """

    def __init__(
        self,
        transformer: Transformer,
        together: int | None = None,
        attempt: "Callable[[Callable[[], torch.Tensor]], torch.Tensor]" = lambda work: work(),
    ) -> None:
        self._gpt = transformer
        self._attempt = attempt
        self.together = together
        self.lines: list[Line] = []

    def join(self, lines: Sequence[Line]) -> Iterator[tuple[Line, torch.Tensor]]:
        """Have new lines say their first token; gives each with its latent (width,)."""
        for group in self._groups(lines):
            prefixes = [line.prefix for line in group]
            latents = self._attempt(partial(self._gpt.listen, prefixes, len(self.lines)))
            for line in group:
                line.length = len(line.prefix)
            self.lines += group
            yield from self._said(group, latents)

    def step(self) -> Iterator[tuple[Line, torch.Tensor]]:
        """A token further for all; gives each with its latent (width,)."""
        first = 0
        for group in self._groups(list(self.lines)):
            tokens = [line.tokens[-1] for line in group]
            places = [len(line.tokens) for line in group]
            lengths = [line.length for line in group]
            latents = self._attempt(partial(self._gpt.step, tokens, places, lengths, first))
            for line in group:
                line.length += 1
            first += len(group)
            yield from self._said(group, latents)

    def leave(self, goes: Callable[[Line], bool]) -> None:
        """Take out the lines for which ``goes`` is true; the last ones take their slots."""
        slot = 0
        while slot < len(self.lines):
            if not goes(self.lines[slot]):
                slot += 1
                continue
            last = self.lines.pop()
            if slot < len(self.lines):
                self._gpt.cache.move(len(self.lines), slot)
                self.lines[slot] = last
        if not self.lines:
            self._gpt.cache.clear()

    def _groups(self, lines: Sequence[Line]) -> Iterator[Sequence[Line]]:
        size = self.together or len(lines) or 1
        for start in range(0, len(lines), size):
            yield lines[start : start + size]

    def _said(
        self, group: Sequence[Line], latents: torch.Tensor
    ) -> Iterator[tuple[Line, torch.Tensor]]:
        for line, latent, scores in zip(group, latents, self._gpt.scores(latents), strict=True):
            line.tokens.append(line.sampler.choose(scores))
            is_last = line.tokens[-1] == self._gpt.stop_token
            line.is_over = is_last or len(line.tokens) >= line.most_tokens
            yield line, latent
