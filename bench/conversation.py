"""Who speaks when, and what is understood: ``python -m bench.conversation [--quick]``.

    turns           false cut-offs against the delay, at several settings
    interruptions   signs of listening that are ignored, interruptions that are taken, and how soon
    echo            how often our own voice, or a noise, stops us in an hour of speech
    understanding   labelled sentences, by rules and by rules with a model's server
    silence         our longest silence while somebody waits for us

Everything but ``understanding`` runs on simulated time with the real session, detector, recogniser
and voice: an hour takes a minute or two, and the machine's load changes nothing in the figures.
What it cannot show is what a busy machine adds; ``bench.calls`` measures that. Speech is
espeak-ng's throughout and rooms are made of noise: these figures rank settings, and say little
about people.
"""

import argparse
import asyncio
import json
import os
import random
import sys
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.turns.drawing import curve_page
from bench.turns.endings import Heard, hear
from bench.turns.overlaps import (
    BACKCHANNELS,
    FRESH_BACKCHANNELS,
    FRESH_INTERRUPTIONS,
    INTERRUPTIONS,
    EchoingPhone,
    EchoPath,
    background,
    listed,
    overlaps,
    recite,
)
from bench.turns.overlaps import summary as overlap_summary
from bench.turns.people import manner
from bench.turns.said import fresh_turns, from_scenarios, turns
from bench.turns.sentences import labelled
from bench.turns.stage import LISTENING, Studio, studio
from bench.turns.trade_off import cut_offs, table
from bench.turns.trade_off import show as show_turns
from bench.turns.understood import understood
from bench.turns.waiting import waits
from conversation.texts.catalogue import Texts
from supervisor.replay.simulated_time import SimulatedLoop

PARTS = ("turns", "interruptions", "echo", "understanding", "silence")
LOSSES_DB = (10, 20, 30)
NOISES = ("street", "music", "babble", "hum")
VALUES = {
    "condominium": "Residencial Aurora",
    "unit": "apartamento quinhentos e um, bloco B",
    "company": "Mercado Livre",
}


@dataclass(frozen=True, slots=True)
class Amount:
    """How much of everything: ``voices`` per turn, utterances, minutes of our speech."""

    voices: int
    utterances: int
    echo_minutes: float
    target_minutes: float
    noise_minutes: float
    sentences: int


WHOLE = Amount(3, 160, 15, 60, 10, 4)
QUICK = Amount(1, 20, 1, 1.5, 0.5, 1)


class Bench:
    """One run; ``seed`` chooses people, noises and moments."""

    def __init__(self, amount: Amount, seed: int) -> None:
        self._amount = amount
        self._seed = seed
        self._began = time.monotonic()

    def tell(self, text: str) -> None:
        """A line about how far it is, with the seconds so far."""
        print(f"  [{time.monotonic() - self._began:4.0f} s] {text}", file=sys.stderr, flush=True)

    async def turns(self, shared: Studio) -> dict[str, Any]:
        """False cut-offs and delays by setting."""
        written = turns()
        wanted = {
            "tuned_on": written[::2],
            "kept_back": written[1::2],
            "fresh": fresh_turns(),
            "scenarios": from_scenarios(),
        }
        heard = {label: await self._hear(shared, said, label) for label, said in wanted.items()}
        return {"rows": table(heard), "cut_off": list(cut_offs(heard))}

    async def _hear(
        self,
        shared: Studio,
        written: Sequence[tuple[str, Any, str]],
        label: str,
    ) -> list[Heard]:
        people = [
            (turn, manner(turn[0], self._seed + number * 7 + again))
            for again in range(self._amount.voices)
            for number, turn in enumerate(written)
        ]
        await shared.people.prepare((turn[2], who) for turn, who in people)
        heard = []
        for number, (turn, who) in enumerate(people, 1):
            spoken = shared.people.turn(turn[2], who)
            heard.append(
                await hear(shared.recogniser, shared.make_vad, turn, spoken, LISTENING[turn[0]])
            )
            if number % 100 == 0:
                self.tell(f"{label}: {number} of {len(people)} heard")
        return heard

    async def interruptions(self, shared: Studio) -> dict[str, Any]:
        """Signs of listening and real interruptions, each over our words."""
        found = {}
        for label, text in (
            ("backchannels", BACKCHANNELS),
            ("backchannels_fresh", FRESH_BACKCHANNELS),
            ("interruptions", INTERRUPTIONS),
            ("interruptions_fresh", FRESH_INTERRUPTIONS),
        ):

            def told(count: int, label: str = label) -> None:
                self.tell(f"{label}: {count}")

            done = await overlaps(shared, listed(text), self._amount.utterances, self._seed, told)
            found[label] = overlap_summary(done)
            wrong = [one for one in done if one.taken is label.startswith("back")]
            found[label]["wrong"] = sorted({f"{one.text} -> {one.heard}" for one in wrong})
        return found

    async def echo(self, shared: Studio) -> dict[str, Any]:
        """False stops in our speech, by echo and by noise."""
        texts = Texts.load("pt-BR")
        values = defaultdict(lambda: "Carlos Menezes", VALUES)
        keys = texts.keys()
        ours = [said for key in keys for said in texts.enumerate(key, values)]
        found = {}
        for loss_db in LOSSES_DB:

            def echoing(seed: int, loss_db: float = loss_db) -> EchoingPhone:
                chance = random.Random(seed)
                delay_ms, drift_ppm = chance.uniform(20, 400), chance.uniform(-80, 80)
                path = EchoPath(delay_ms, loss_db, drift_ppm, seed)
                return EchoingPhone(path, background(None, 0, seed))

            minutes = self._amount.target_minutes if loss_db == 20 else self._amount.echo_minutes
            done = await recite(shared, ours, minutes, echoing, self._seed)
            found[f"echo {loss_db} dB"] = done.per_hour()
            self.tell(f"echo at {loss_db} dB: {done.stops} stops in {done.spoken_s / 60:.0f} min")
        for kind in NOISES:
            for snr_db in (20, 10):

                def noisy(seed: int, kind: str = kind, snr_db: float = snr_db) -> EchoingPhone:
                    return EchoingPhone(EchoPath(60, 60, 0, seed), background(kind, snr_db, seed))

                done = await recite(shared, ours, self._amount.noise_minutes, noisy, self._seed)
                found[f"{kind} {snr_db} dB"] = done.per_hour()
                self.tell(f"{kind} at {snr_db} dB: {done.stops} stops")
        return found

    async def silence(self, shared: Studio) -> dict[str, Any]:
        """Our longest silences."""
        return {"rows": await waits(shared, self.tell)}

    async def on_simulated_time(self, loop: SimulatedLoop, parts: Sequence[str]) -> dict[str, Any]:
        """Every part but understanding."""
        async with studio(loop) as shared:
            return {part: await getattr(self, part)(shared) for part in parts}

    def run(self, parts: Sequence[str]) -> dict[str, Any]:
        """All figures of the parts asked for."""
        load = os.getloadavg()[0]
        simulated = [part for part in parts if part != "understanding"]
        found: dict[str, Any] = {}
        if simulated:
            with asyncio.Runner(loop_factory=SimulatedLoop) as runner:
                loop = runner.get_loop()
                assert isinstance(loop, SimulatedLoop)
                found = runner.run(self.on_simulated_time(loop, simulated))
        if "understanding" in parts:
            found["understanding"] = asyncio.run(understood(labelled(self._amount.sentences)))
        took_s = round(time.monotonic() - self._began, 1)
        return {"seed": self._seed, "load": round(load, 1), "took_s": took_s, **found}


def show(found: dict[str, Any]) -> None:
    """The tables."""
    if "turns" in found:
        show_turns(found["turns"]["rows"])
    for label, row in found.get("interruptions", {}).items():
        right = row["taken_percent"] if label.startswith("inter") else 100 - row["taken_percent"]
        interrupts = label.startswith("inter")
        verb, aim = ("taken", "target 150") if interrupts else ("ignored", "no target: we go on")
        print(
            f"{label:<21} {right:5.1f} % of {row['utterances']} {verb} (target 98); silent after "
            f"{row['reaction_p50_ms']} ms (p50), {row['reaction_p95_ms']} (p95), {aim}"
        )
    for label, row in found.get("echo", {}).items():
        print(
            f"{label:<12} {row['minutes_of_speech']:5.1f} min of our speech: "
            f"{row['interruptions']} interruptions, {row['stops']} short stops"
        )
    if "understanding" in found:
        row = found["understanding"]
        print(f"understanding, {row['sentences']} sentences (purpose %, unit %):")
        for label in ("rules", "scripted_model", "both"):
            print(f"  {label:<15}{row[label]['purpose_percent']:6}{row[label]['unit_percent']:7}")
        print("  the model is a script that knows the answers: proof of plumbing, of nothing else")
    for row in found.get("silence", {}).get("rows", ()):
        print(f"silence: {row['longest_silence_ms']:>5} ms (target 2000), {row['case']}")


def main() -> None:
    """Read the options, measure, and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("parts", nargs="*", choices=[[], *PARTS], metavar="PART", help=str(PARTS))
    parser.add_argument("--quick", action="store_true", help="a tenth of everything")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every figure there")
    parser.add_argument("--picture", type=Path, metavar="FILE.html", help="draw the curve there")
    options = parser.parse_args()
    found = Bench(QUICK if options.quick else WHOLE, options.seed).run(options.parts or PARTS)
    show(found)
    print(f"\nseed {found['seed']}, load {found['load']} at the start, {found['took_s']} s")
    if options.json:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(json.dumps(found, ensure_ascii=False, indent=1))
    if options.picture and "turns" in found:
        options.picture.parent.mkdir(parents=True, exist_ok=True)
        options.picture.write_text(curve_page(found["turns"]["rows"]))


if __name__ == "__main__":
    main()
