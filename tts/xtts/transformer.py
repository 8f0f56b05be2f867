"""XTTS's GPT for many streams at once: coqui-tts's weights, and a key-value cache of ours.

coqui-tts keeps the running stream's prefix on the model, so that two streams corrupt each other,
and computes one stream at a time. Here nothing of a stream is on the model, and a pass over the
weights, which is what a token costs, serves all streams.
"""

from collections.abc import Sequence
from typing import Any, Final

import torch
from torch import nn
from torch.nn import functional

from tts.xtts.precision import Linear, lowered

GROW_BY: Final = 256
"""Positions by which the cache becomes longer: 8 s of speech and a sentence of text."""


class KeyValueCache:
    """Keys and values of all streams, each in a slot; the first ``n`` slots are those in use."""

    def __init__(self, layers: int, heads: int, size: int, dtype: Any, device: Any) -> None:
        self._shape = (layers, heads, size)
        self._kind = {"dtype": dtype, "device": device}
        self._made = torch.zeros((2, layers, 0, heads, 0, size), **self._kind)

    def reserve(self, slots: int, positions: int) -> None:
        """Have room for so much; what is there stays. Raises torch's ``OutOfMemoryError``."""
        _, _, has_slots, _, has_positions, _ = self._made.shape
        if slots <= has_slots and positions <= has_positions:
            return
        layers, heads, size = self._shape
        longer = max(has_positions, -(-positions // GROW_BY) * GROW_BY)
        more = torch.zeros((2, layers, max(slots, has_slots), heads, longer, size), **self._kind)
        more[:, :, :has_slots, :, :has_positions] = self._made
        self._made = more

    def move(self, source: int, target: int) -> None:
        """Give a slot's contents to another."""
        self._made[:, :, target] = self._made[:, :, source]

    def clear(self) -> None:
        """Hold no memory while nobody speaks."""
        layers, heads, size = self._shape
        self._made = torch.zeros((2, layers, 0, heads, 0, size), **self._kind)

    def of_layer(self, layer: int) -> tuple[torch.Tensor, torch.Tensor]:
        """Keys and values (slots, heads, positions, size), to be written in place."""
        return self._made[0, layer], self._made[1, layer]


class Transformer:
    """The GPT's layers and heads, with the linear ones in ``precision`` (see ``precision``)."""

    def __init__(self, gpt: Any, precision: str) -> None:
        self.width = gpt.model_dim
        self.start_token, self.stop_token = gpt.start_audio_token, gpt.stop_audio_token
        self.codes, self.most_tokens = gpt.num_audio_tokens, gpt.max_gen_mel_tokens
        self.most_text = gpt.max_text_tokens - 4
        """Tokens of text, without the two that frame it."""
        self.device = gpt.mel_head.weight.device
        self._gpt = gpt
        self._heads = gpt.heads
        self._layers = [_Layer(block, precision) for block in gpt.gpt.h]
        self._last_norm = gpt.gpt.ln_f
        self.cache = KeyValueCache(
            len(self._layers),
            self._heads,
            self.width // self._heads,
            self._layers[0].project.dtype,
            self.device,
        )

    def prefix(self, conditioning: torch.Tensor, text: Sequence[int]) -> torch.Tensor:
        """What stands before the speech: voice (32, width), text, and the token that starts it."""
        gpt = self._gpt
        framed = [gpt.start_text_token, *text, gpt.stop_text_token]
        tokens = torch.tensor([framed], device=self.device)
        written = gpt.text_embedding(tokens) + gpt.text_pos_embedding(tokens)
        start = torch.tensor([self.start_token], device=self.device)
        return torch.cat([conditioning, written[0], self._spoken(start, start * 0)])

    def listen(self, prefixes: Sequence[torch.Tensor], first_slot: int) -> torch.Tensor:
        """Read prefixes into the slots from ``first_slot`` on; the latents (streams, width) after
        each. They are padded behind, where later tokens will overwrite the padding."""
        lengths = [len(each) for each in prefixes]
        slots = slice(first_slot, first_slot + len(prefixes))
        self.cache.reserve(slots.stop, max(lengths) + 1)
        hidden = nn.utils.rnn.pad_sequence(list(prefixes), batch_first=True)
        for number, layer in enumerate(self._layers):
            query, key, value = self._split(layer.attend(hidden))
            keys, values = self.cache.of_layer(number)
            keys[slots, :, : hidden.shape[1]] = key
            values[slots, :, : hidden.shape[1]] = value
            mixed = functional.scaled_dot_product_attention(query, key, value, is_causal=True)
            hidden = layer.rest(hidden, self._join(mixed))
        ends = torch.tensor(lengths, device=self.device) - 1
        return self._latents(hidden[torch.arange(len(lengths), device=self.device), ends])

    def step(
        self, tokens: Sequence[int], places: Sequence[int], lengths: Sequence[int], first_slot: int
    ) -> torch.Tensor:
        """One token further: ``tokens`` as the ``places``-th of their speeches, of streams with
        ``lengths`` positions in the slots from ``first_slot`` on. Returns latents
        (streams, width); doing it again after a failure does no harm."""
        slots = slice(first_slot, first_slot + len(tokens))
        longest = max(lengths) + 1
        self.cache.reserve(slots.stop, longest)
        numbers = torch.tensor([list(tokens), list(places), list(lengths)], device=self.device)
        ends = numbers[2]
        rows = torch.arange(slots.start, slots.stop, device=self.device)
        within = torch.arange(longest, device=self.device)[None] <= ends[:, None]
        mask = None if len(tokens) == 1 else within[:, None, None]
        hidden = self._spoken(numbers[0], numbers[1])[:, None]
        for number, layer in enumerate(self._layers):
            query, key, value = self._split(layer.attend(hidden))
            keys, values = self.cache.of_layer(number)
            keys[rows, :, ends] = key[:, :, 0]
            values[rows, :, ends] = value[:, :, 0]
            mixed = functional.scaled_dot_product_attention(
                query, keys[slots, :, :longest], values[slots, :, :longest], attn_mask=mask
            )
            hidden = layer.rest(hidden, self._join(mixed))
        return self._latents(hidden[:, 0])

    def scores(self, latents: torch.Tensor) -> Any:
        """How the model rates each token after ``latents``, (streams, codes) float32 in NumPy."""
        return self._gpt.mel_head(latents).float().cpu().numpy()

    def _spoken(self, tokens: torch.Tensor, places: torch.Tensor) -> torch.Tensor:
        return self._gpt.mel_embedding(tokens) + self._gpt.mel_pos_embedding.emb(places)

    def _latents(self, hidden: torch.Tensor) -> torch.Tensor:
        return self._gpt.final_norm(self._last_norm(hidden))

    def _split(self, projected: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        streams, positions, _ = projected.shape
        shape = (streams, positions, 3, self._heads, self.width // self._heads)
        query, key, value = projected.view(shape).permute(2, 0, 3, 1, 4).unbind()
        return query, key, value

    def _join(self, mixed: torch.Tensor) -> torch.Tensor:
        return mixed.transpose(1, 2).flatten(2)


class _Layer:
    """A block of GPT-2; what runs through all of them stays float32."""

    def __init__(self, block: Any, precision: str) -> None:
        self._before, self._between = block.ln_1, block.ln_2
        self._activate = block.mlp.act
        self.project: Linear = lowered(block.attn.c_attn, precision)
        self._gather = lowered(block.attn.c_proj, precision)
        self._widen = lowered(block.mlp.c_fc, precision)
        self._narrow = lowered(block.mlp.c_proj, precision)

    def attend(self, hidden: torch.Tensor) -> torch.Tensor:
        """Queries, keys and values, side by side."""
        return self.project(self._before(hidden))

    def rest(self, hidden: torch.Tensor, mixed: torch.Tensor) -> torch.Tensor:
        """What follows the attention."""
        hidden = hidden + self._gather(mixed)
        return hidden + self._narrow(self._activate(self._widen(self._between(hidden))))
