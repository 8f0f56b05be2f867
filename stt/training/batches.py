"""Batches of degraded speech, made by a background process while the network trains."""

from __future__ import annotations

import multiprocessing
import os
import random
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing.queues import Queue
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from stt.builtin.alphabet import CLASS_OF
from stt.builtin.features import BANDS, SILENCE, log_mel
from stt.training.augmentation import TelephoneLine
from stt.training.synthesis import TrainingSpeech

FLUSH_FRAMES = 28  # 10 ms frames of silence after each utterance: the network's delay and a little
_NOBODY = 0.05  # so many lines on which nobody speaks, for each on which somebody does
_POOL = 320  # clips sorted by length together


@dataclass(frozen=True, slots=True)
class Batch:
    """Features (batch, frames, BANDS) float16, frames in each, and the characters' classes."""

    features: npt.NDArray[np.float16]
    lengths: npt.NDArray[np.int64]
    targets: tuple[npt.NDArray[np.int64], ...]


def mask(features: npt.NDArray[np.float32], rng: random.Random) -> None:
    """SpecAugment in place: some bands and short spans of time replaced by the mean."""
    mean = float(features.mean())
    for _ in range(rng.randrange(3)):
        low, width = rng.randrange(BANDS), rng.randrange(1, 7)
        features[:, low : low + width] = mean
    for _ in range(rng.randrange(1 + len(features) // 80)):
        start, width = rng.randrange(len(features)), rng.randrange(1, 10)
        features[start : start + width] = mean


def assemble(
    pairs: list[tuple[npt.NDArray[np.float32], str]],
) -> Batch:
    """Pad features to one even length with silence and spell the texts."""
    longest = max(len(features) for features, _ in pairs) + FLUSH_FRAMES
    padded = np.full((len(pairs), longest + longest % 2, BANDS), SILENCE, np.float16)
    for row, (features, _) in zip(padded, pairs, strict=True):
        row[: len(features)] = features
    return Batch(
        padded,
        np.array([len(features) + FLUSH_FRAMES for features, _ in pairs]),
        tuple(np.array([CLASS_OF[c] for c in text], np.int64) for _, text in pairs),
    )


def draw(seed: int, folder: Path, batch_s: float, uses: int = 3) -> Iterator[Batch]:
    """Batches without end of about ``batch_s`` seconds; each clip serves ``uses`` times."""
    rng, line = random.Random(seed), TelephoneLine(seed)
    clips = TrainingSpeech(seed, folder).clips()
    limit = batch_s * 100
    kept: list[list[Any]] = []
    while True:
        kept = [entry for entry in kept if entry[1] < uses]
        kept += [[next(clips), 0] for _ in range(_POOL * 2 - len(kept))]
        chosen = rng.sample(kept, _POOL)
        pairs = []
        for entry in chosen:
            entry[1] += 1
            features = log_mel(line.carry(entry[0].samples))
            if rng.random() < 0.5:
                mask(features, rng)
            pairs.append((features, entry[0].text))
        pairs += [(log_mel(line.nothing()), "") for _ in range(int(_POOL * _NOBODY))]
        pairs.sort(key=lambda pair: len(pair[0]))
        batches: list[list[tuple[npt.NDArray[np.float32], str]]] = [[]]
        for pair in pairs:
            if (len(batches[-1]) + 1) * (len(pair[0]) + FLUSH_FRAMES) > limit:
                batches.append([])
            batches[-1].append(pair)
        rng.shuffle(batches)
        for members in batches:
            if members:
                yield assemble(members)


def _fill(queue: Queue[Batch], seed: int, folder: Path, batch_s: float) -> None:
    os.nice(3)
    for batch in draw(seed, folder, batch_s):
        queue.put(batch)


def background(seed: int, folder: Path, batch_s: float) -> Iterator[Batch]:
    """The same, from a process of its own that runs a little ahead."""
    context = multiprocessing.get_context("spawn")
    queue: Queue[Batch] = context.Queue(48)
    context.Process(target=_fill, args=(queue, seed, folder, batch_s), daemon=True).start()
    while True:
        yield queue.get()
