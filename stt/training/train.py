"""Train the built-in recogniser. Needs torch, soxr, scipy, espeakng-loader.

    python -m stt.training.train FOLDER --until 11:35 [--warm FILE] [--ranks 2]

Goes on from ``FOLDER/latest.pt`` where there is one. One process per core, each with one thread,
gradients averaged over shared memory: at this size that is faster than many threads on one batch.
"""

from __future__ import annotations

import argparse
import datetime
import os
import time
from pathlib import Path
from typing import Any

import torch
import torch.distributed as dist
import torch.multiprocessing as mp
import torch.nn.functional as F
from torch import Tensor

from stt.training.batches import Batch, background
from stt.training.network import SUBSAMPLING, Network, widened

CHECKPOINT_S = 240.0
REPORT_STEPS = 50
WARM_UP_STEPS = 40
CLIP_NORM = 1.0
SILENT_LENGTH = 20  # a clip without speech counts as if it had so many characters


def loss_of(network: Network, batch: Batch) -> Tensor:
    """CTC loss per character, averaged over the batch."""
    features = torch.from_numpy(batch.features).float()
    with torch.autocast("cpu", torch.bfloat16):
        scores, _ = network(features, network.start(len(features)))
    log_probabilities = scores.float().log_softmax(2).transpose(0, 1)
    lengths = torch.from_numpy(batch.lengths) // SUBSAMPLING
    target_lengths = torch.tensor([len(target) for target in batch.targets])
    targets = torch.cat([torch.from_numpy(target) for target in batch.targets])
    losses: Tensor = F.ctc_loss(
        log_probabilities, targets, lengths.clamp(max=scores.shape[1]), target_lengths,
        reduction="none", zero_infinity=True,
    )  # fmt: skip
    silent = torch.full_like(target_lengths, SILENT_LENGTH)
    return (losses / torch.where(target_lengths > 0, target_lengths, silent)).mean()


def learning_rate(peak: float, step: int, now: float, decay_from: float, until: float) -> float:
    """Warm up, hold, then fall along a line from ``decay_from`` to 2 % of the peak at ``until``."""
    left = 1.0 if now < decay_from else max(0.0, (until - now) / (until - decay_from))
    return peak * min(1.0, (step + 1) / WARM_UP_STEPS) * max(0.02, left)


class Average:
    """An exponential moving average of the weights and of the normalisation statistics."""

    def __init__(self, network: Network, decay: float, steps: int = 0) -> None:
        self._decay = decay
        self._count = steps
        self.weights = {name: value.clone() for name, value in network.state_dict().items()}

    def update(self, network: Network) -> None:
        """Take in the network as it is now."""
        self._count += 1
        share = 1 - min(self._decay, self._count / (self._count + 10))
        for name, value in network.state_dict().items():
            if value.is_floating_point():
                self.weights[name].lerp_(value, share)
            else:
                self.weights[name].copy_(value)


def average_gradients(network: Network, extra: tuple[float, float]) -> tuple[float, float]:
    """Mean over the processes of all gradients, and of two numbers beside them."""
    gradients = [p.grad for p in network.parameters() if p.grad is not None]
    flat = torch.cat([g.reshape(-1) for g in gradients] + [torch.tensor(extra)])
    dist.all_reduce(flat)
    flat /= dist.get_world_size()
    position = 0
    for gradient in gradients:
        count = gradient.numel()
        gradient.copy_(flat[position : position + count].view(gradient.shape))
        position += count
    return float(flat[-2]), float(flat[-1])


class Trainer:
    """One of the processes: its network, which is the same in all, and its own batches."""

    def __init__(self, rank: int, options: argparse.Namespace) -> None:
        self._rank, self._options = rank, options
        self._network = Network()
        self._optimiser = torch.optim.AdamW(
            self._network.parameters(), options.rate, weight_decay=0.01
        )
        self._step, self._heard = 0, 0.0
        self._latest: Path = options.folder / "latest.pt"
        if self._latest.exists():
            saved: dict[str, Any] = torch.load(self._latest, weights_only=True)
            self._network.load_state_dict(saved["network"])
            self._optimiser.load_state_dict(saved["optimiser"])
            self._step, self._heard = saved["step"], saved["heard"]
        elif options.warm:
            warm = torch.load(options.warm, weights_only=True)
            self._network.load_state_dict(widened(warm, self._network))
        self._average = Average(self._network, options.average, self._step)
        if self._latest.exists():
            self._average.weights = saved["average"]
        self._begun = self._step
        seed = int(time.time()) % 10**6 * options.ranks + rank
        self._batches = background(seed, options.folder / f"voices{rank}", options.batch_s)

    def _learn(self, batch: Batch) -> float:
        """One step; returns the loss, averaged over the processes."""
        options = self._options
        for group in self._optimiser.param_groups:
            group["lr"] = learning_rate(
                options.rate, self._step - self._begun, time.time(), options.decay_from,
                options.until,
            )  # fmt: skip
        loss = loss_of(self._network, batch)
        self._optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        mean, utterances = average_gradients(
            self._network, (loss.item(), float(len(batch.lengths)))
        )
        torch.nn.utils.clip_grad_norm_(self._network.parameters(), CLIP_NORM)
        self._optimiser.step()
        self._step += 1
        self._heard += utterances * options.ranks
        return mean

    def _save(self) -> None:
        state = {
            "network": self._network.state_dict(),
            "optimiser": self._optimiser.state_dict(),
            "average": self._average.weights,
            "step": self._step,
            "heard": self._heard,
        }
        torch.save(state, self._latest.with_suffix(".part"))
        self._latest.with_suffix(".part").replace(self._latest)

    def train(self) -> None:
        """Until the time is up; the first process reports, averages and saves."""
        self._network.train()
        losses: list[float] = []
        saved_at = reported_at = time.time()
        for batch in self._batches:
            losses.append(self._learn(batch))
            stop = torch.tensor([float(self._rank == 0 and time.time() > self._options.until)])
            dist.all_reduce(stop)
            if self._rank == 0:
                self._average.update(self._network)
                if len(losses) == REPORT_STEPS:
                    pace = REPORT_STEPS / (time.time() - reported_at)
                    print(
                        f"{datetime.datetime.now():%H:%M:%S} step {self._step} heard "
                        f"{self._heard:.0f} loss {sum(losses) / REPORT_STEPS:.3f} {pace:.2f} "
                        f"steps/s lr {self._optimiser.param_groups[0]['lr']:.5f}",
                        flush=True,
                    )
                    losses, reported_at = [], time.time()
                if stop.item() or time.time() - saved_at > CHECKPOINT_S:
                    self._save()
                    saved_at = time.time()
            if stop.item():
                break


def run(rank: int, options: argparse.Namespace) -> None:
    """One process, from joining the others to the end."""
    os.environ["GLOO_SOCKET_IFNAME"] = "lo"
    torch.set_num_threads(1)
    dist.init_process_group(
        "gloo", init_method=f"file://{options.rendezvous}", rank=rank, world_size=options.ranks
    )
    Trainer(rank, options).train()


def _clock(text: str) -> float:
    hour, minute = map(int, text.split(":"))
    return datetime.datetime.now().replace(hour=hour, minute=minute, second=0).timestamp()


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="checkpoints and scratch files")
    parser.add_argument("--until", required=True, help="local time to stop at, HH:MM")
    parser.add_argument("--decay-from", required=True, help="when the learning rate starts to fall")
    parser.add_argument("--warm", type=Path, help="weights to begin with if there is no checkpoint")
    parser.add_argument("--rate", type=float, default=1.2e-3)
    parser.add_argument("--average", type=float, default=0.998)
    parser.add_argument("--batch-s", type=float, default=64.0, help="audio in a process's batch")
    parser.add_argument("--ranks", type=int, default=2, help="processes")
    options = parser.parse_args()
    options.until, options.decay_from = _clock(options.until), _clock(options.decay_from)
    options.folder.mkdir(parents=True, exist_ok=True)
    options.rendezvous = options.folder.absolute() / "rendezvous"
    options.rendezvous.unlink(missing_ok=True)
    mp.spawn(run, (options,), options.ranks)  # type: ignore[no-untyped-call]


if __name__ == "__main__":
    main()
