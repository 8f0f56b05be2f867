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
import torch.nn.functional as F  # noqa: N812
from torch import Tensor

from stt.training.batches import Batch, background
from stt.training.network import SUBSAMPLING, Network, widened

CHECKPOINT_S = 240.0
REPORT_STEPS = 50
WARM_UP_STEPS = 150
CLIP_NORM = 1.0


def loss_of(network: Network, batch: Batch) -> Tensor:
    """CTC loss per character, averaged over the batch (as torch's ``mean`` reduction does)."""
    features = torch.from_numpy(batch.features).float()
    with torch.autocast("cpu", torch.bfloat16):
        scores, _ = network(features, network.start(len(features)))
    log_probabilities = scores.float().log_softmax(2).transpose(0, 1)
    lengths = torch.from_numpy(batch.lengths) // SUBSAMPLING
    target_lengths = torch.tensor([len(target) for target in batch.targets])
    targets = torch.cat([torch.from_numpy(target) for target in batch.targets])
    return F.ctc_loss(
        log_probabilities, targets, lengths.clamp(max=scores.shape[1]), target_lengths,
        zero_infinity=True,
    )  # fmt: skip


def learning_rate(peak: float, step: int, now: float, decay_from: float, until: float) -> float:
    """Warm up, hold, then fall along a line from ``decay_from`` to 2 % of the peak at ``until``."""
    left = 1.0 if now < decay_from else max(0.0, (until - now) / (until - decay_from))
    return peak * min(1.0, (step + 1) / WARM_UP_STEPS) * max(0.02, left)


class Average:
    """An exponential moving average of the weights and of the normalisation statistics."""

    def __init__(self, network: Network, decay: float) -> None:
        self._decay = decay
        self._count = 0
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


def run(rank: int, options: argparse.Namespace) -> None:
    """One process's training loop."""
    os.environ["GLOO_SOCKET_IFNAME"] = "lo"
    torch.set_num_threads(1)
    dist.init_process_group(
        "gloo", init_method=f"file://{options.rendezvous}", rank=rank, world_size=options.ranks
    )
    network = Network()
    optimiser = torch.optim.AdamW(network.parameters(), options.rate, weight_decay=0.01)
    average = Average(network, options.average)
    heard, begun = 0.0, 0
    latest: Path = options.folder / "latest.pt"
    if latest.exists():
        saved: dict[str, Any] = torch.load(latest, weights_only=True)
        network.load_state_dict(saved["network"])
        optimiser.load_state_dict(saved["optimiser"])
        average.weights, begun, heard = saved["average"], saved["step"], saved["heard"]
        average._count = begun
    elif options.warm:
        network.load_state_dict(widened(torch.load(options.warm, weights_only=True), network))
        average = Average(network, options.average)
    seed = int(time.time()) % 10**6 * options.ranks + rank
    batches = background(seed, options.folder / f"voices{rank}", options.batch_s)
    network.train()
    saved_at = reported_at = time.time()
    step, total = begun, 0.0
    while True:
        batch = next(batches)
        now = time.time()
        for group in optimiser.param_groups:
            group["lr"] = learning_rate(
                options.rate, step - begun, now, options.decay_from, options.until
            )
        loss = loss_of(network, batch)
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        mean, utterances = average_gradients(network, (loss.item(), float(len(batch.lengths))))
        torch.nn.utils.clip_grad_norm_(network.parameters(), CLIP_NORM)
        optimiser.step()
        step += 1
        total += mean
        heard += utterances * options.ranks
        if rank == 0:
            average.update(network)
        if step % REPORT_STEPS == 0 and rank == 0:
            pace = REPORT_STEPS / (time.time() - reported_at)
            print(
                f"{datetime.datetime.now():%H:%M:%S} step {step} heard {heard:.0f} loss "
                f"{total / REPORT_STEPS:.3f} {pace:.2f} steps/s lr {group['lr']:.5f}",
                flush=True,
            )
            total, reported_at = 0.0, time.time()
        elif step % REPORT_STEPS == 0:
            total = 0.0
        stop = torch.tensor([float(rank == 0 and time.time() > options.until)])
        dist.all_reduce(stop)
        if rank == 0 and (stop.item() or time.time() - saved_at > CHECKPOINT_S):
            saved_at = time.time()
            state = {"network": network.state_dict(), "optimiser": optimiser.state_dict(),
                     "average": average.weights, "step": step, "heard": heard}  # fmt: skip
            torch.save(state, latest.with_suffix(".part"))
            latest.with_suffix(".part").replace(latest)
        if stop.item():
            break


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
