"""From the end of speech to its text: ``python -m bench early``.

Callers speak in real time into real ears (voice detection, turns, recognition); a turn ends after
320 ms of silence in all rows, as one does whose words are complete. ``turn`` is from the last sound
to the moment in which the conversation has the turn's text, ``words`` to the moment in which it can
begin to work on its words, which may be before the last sound. Models of real sizes have random
weights, made here, and say ten words whatever they hear: times are real, and nothing is said about
recognition. With ``--takes-ms`` each text takes so long and computes next to nothing: what early
texts are worth, whatever else the machine does.

Without: the text is asked for when the turn is over. At the pause: after 120 ms of silence. Early:
partial texts, and one that begins after 80 ms where a worker has time. Engines: that over a socket.
"""

import argparse
import asyncio
import math
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeAlias

import numpy as np

from bench.whisper import PHRASE, REDUCED_S, cpu_s
from conversation.ear import Ear, Turn
from engines.address import Address
from engines.app import Loading, serving
from engines.origins import Origins
from engines.remote_recogniser import RemoteRecogniser
from stt.endpointing import Completeness, FixedEndOfTurn, TurnTiming
from stt.engines import open_voice_activity
from stt.recogniser import Hints, Recogniser
from stt.turn_detector import TurnDetector
from stt.vad import FRAME_SAMPLES, Samples, VoiceActivity
from stt.whisper import WhisperOptions, WhisperRecogniser
from stt.whisper.decoding import Decoded, Request
from stt.whisper.queue import GivenUpError, RequestQueue
from tests.engines.servers import until
from tests.speech import say
from tests.stt.scripted_whisper import LITTLE, SHAPES, write_model

SAID = (
    "é uma entrega para o apartamento quinhentos e um",
    "boa noite",
    "vim visitar a dona Rita do cento e dois bloco B",
    "sim, pode subir",
)
WAYS = ("without", "at the pause", "early", "engines")
END_MS = 320
FLOOR = 50
"""The largest sample of digital silence around espeak-ng's speech is below it."""


@dataclass(slots=True)
class Figures:
    """Milliseconds after the last sound, and of CPU for each turn."""

    turns_ms: list[float] = field(default_factory=list)
    words_ms: list[float] = field(default_factory=list)
    cpu_ms: list[float] = field(default_factory=list)
    lost: int = 0
    """Turns whose text was refused or more than 3 s late."""


class Caller:
    """Says one sentence after the other and notes when the conversation has it."""

    def __init__(
        self, recogniser: Recogniser, vad: VoiceActivity, timing: TurnTiming, figures: Figures
    ) -> None:
        self._figures = figures
        self._words_at = 0.0
        self._turn_at = 0.0
        self._over = asyncio.Event()
        detector = TurnDetector(timing, FixedEndOfTurn(END_MS))
        self._ear = Ear(
            vad, detector, lambda rate_hz: recogniser.stream("pt-BR", Hints()), self._judge, self
        )

    async def says(self, text: str) -> None:
        """One turn, a frame each 20 ms, and silence until its text is there."""
        audio = say(text)
        end = int(np.flatnonzero(np.abs(audio) > FLOOR)[-1])
        silence = np.zeros(3 * 8000, np.int16)
        frames = np.concatenate((silence[:2400], audio[: end + 1], silence))
        began, ended_s = time.perf_counter(), (2400 + end) / 8000
        self._words_at = self._turn_at = 0.0
        self._over.clear()
        await self._hears(frames, began)
        await self._over.wait()
        await asyncio.sleep(0.1)  # the judgement of a text may come after the turn
        if not self._turn_at:
            self._figures.lost += 1
            return
        self._figures.turns_ms.append((self._turn_at - began - ended_s) * 1000)
        first = self._words_at or self._turn_at
        self._figures.words_ms.append((first - began - ended_s) * 1000)

    async def _hears(self, audio: Samples, began: float) -> None:
        whole = audio[: len(audio) // FRAME_SAMPLES * FRAME_SAMPLES].reshape(-1, FRAME_SAMPLES)
        for number, frame in enumerate(whole, start=1):
            await asyncio.sleep(max(0.0, began + number * 0.02 - time.perf_counter()))
            self._ear.hear(frame)
            if self._over.is_set():
                return

    async def close(self) -> None:
        """Hang up."""
        await self._ear.close()

    def _judge(self, text: str) -> Completeness:
        if text == PHRASE and not self._words_at:
            self._words_at = time.perf_counter()
        return Completeness.COMPLETE

    def speech_started(self) -> None:
        """Nothing to do."""

    def speech_continues(self) -> None:
        """Nothing to do."""

    def false_start(self) -> None:
        """Nothing to do."""

    def turn_ended(self, turn: Turn) -> None:
        """The text is there."""
        self._turn_at = 0.0 if turn.failed else time.perf_counter()
        self._over.set()


@asynccontextmanager
async def behind_a_socket(engine: WhisperRecogniser) -> AsyncIterator[Recogniser]:
    """The engine, in this process, as an engines process serves it."""

    async def open_stt() -> Recogniser:
        return engine

    with tempfile.TemporaryDirectory(prefix="ramal-") as folder:
        address = f"unix:{folder}/engines.sock"
        async with serving(Address.parse(address), Loading(open_stt=open_stt)) as served:
            await until(lambda: not served.missing)
            remote = RemoteRecogniser(Origins.of_engines([address], None), patience_s=10)
            yield remote
            await remote.close()


async def at_once(
    recogniser: Recogniser, timing: TurnTiming, callers: int, figures: Figures
) -> None:
    """So many callers say everything, each beginning with another sentence."""
    make_vad = open_voice_activity()
    people = [Caller(recogniser, make_vad(), timing, figures) for _ in range(callers)]

    async def talk(number: int, person: Caller) -> None:
        await asyncio.sleep(0.37 * number)
        for turn in range(len(SAID)):
            await person.says(SAID[(number + turn) % len(SAID)])

    used = cpu_s()
    await asyncio.gather(*(talk(number, person) for number, person in enumerate(people)))
    figures.cpu_ms.append((cpu_s() - used) / (callers * len(SAID)) * 1000)
    for person in people:
        await person.close()


Work: TypeAlias = Callable[[Sequence[Request], Callable[[], bool]], list[Decoded]]


def _paced(decode: Work, takes_s: float) -> Work:
    """The same answers at a model's pace; between its two halves it can be given up."""

    def work(requests: Sequence[Request], wanted: Callable[[], bool]) -> list[Decoded]:
        answers = decode(requests, wanted)
        for _ in range(2):
            if not wanted():
                raise GivenUpError
            time.sleep(takes_s / 2)
        return answers

    return work


async def _open(options: WhisperOptions, takes_ms: int | None) -> WhisperRecogniser:
    engine = await WhisperRecogniser.open(options)
    if takes_ms is not None:
        work = _paced(engine.decoding.decode, takes_ms / 1000)
        workers = options.workers or 1
        await engine.queue.close()
        engine.queue = RequestQueue(
            work, engine.counters, workers=workers, batch=1, most_waiting=options.waiting
        )
    return engine


async def measure(
    folder: Path, workers: int, callers: int, rounds: int, takes_ms: int | None = None
) -> Mapping[str, Figures]:
    """All ways in turns, so that what else the machine does falls on each."""
    options = WhisperOptions(str(folder), device="cpu", window_s=REDUCED_S, workers=workers)
    quiet = await _open(replace(options, partial_every_s=0), takes_ms)
    early = await _open(options, takes_ms)
    usual = TurnTiming()
    late = replace(usual, speculative_ms=END_MS, complete_ms=END_MS)
    figures = {way: Figures() for way in WAYS}
    async with behind_a_socket(early) as remote:
        ways: Sequence[tuple[str, Recogniser, TurnTiming]] = (
            ("without", quiet, late),
            ("at the pause", quiet, usual),
            ("early", early, usual),
            ("engines", remote, usual),
        )
        for _ in range(rounds):
            for way, recogniser, timing in ways:
                await at_once(recogniser, timing, callers, figures[way])
    counted = early.counters
    print(
        f"  {counted.partials} partial and early texts, {counted.partials_skipped} left out, "
        f"{counted.given_up} given up, {counted.results} results"
    )
    await quiet.close()
    await early.close()
    return figures


def show(callers: int, figures: Mapping[str, Figures]) -> None:
    """A row for each way."""
    base = statistics.median(figures["without"].turns_ms or [math.nan])
    for way, told in figures.items():
        if not told.turns_ms:
            print(f"{callers:>8}  {way:<13}all {told.lost} lost", flush=True)
            continue
        turns, words = sorted(told.turns_ms), statistics.median(told.words_ms)
        middle, most = statistics.median(turns), turns[int(0.95 * (len(turns) - 1))]
        print(
            f"{callers:>8}  {way:<13}{middle:>8.0f} {most:>8.0f} ms {middle / base:>7.2f}"
            f" {words:>8.0f} ms {statistics.median(told.cpu_ms):>8.0f} ms"
            f"{f'   {told.lost} lost' if told.lost else ''}",
            flush=True,
        )


async def run(given: argparse.Namespace) -> None:
    """All models, or all paces; each model is made, measured and forgotten."""
    paces: Sequence[int | None] = given.takes_ms or [None]
    for name in ["test"] if given.takes_ms else given.models:
        with tempfile.TemporaryDirectory() as folder:
            shape = LITTLE if name == "test" else SHAPES[name]
            model = write_model(Path(folder) / name, PHRASE.split(), shape=shape)
            for takes_ms in paces:
                what = name if takes_ms is None else f"{takes_ms} ms a text"
                print(f"\n{what}, window {REDUCED_S} s, {given.workers} workers")
                print(" callers               turn: p50, p95       ratio       words    CPU a turn")
                for count in given.callers:
                    told = await measure(model, given.workers, count, given.rounds, takes_ms)
                    show(count, told)


def main() -> None:
    """Parse the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    names = ["test", *SHAPES]
    parser.add_argument("--models", nargs="+", choices=names, default=["test", "base"])
    parser.add_argument("--callers", nargs="+", type=int, default=[1, 4])
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--takes-ms", nargs="+", type=int, metavar="MS")
    asyncio.run(run(parser.parse_args()))


if __name__ == "__main__":
    main()
