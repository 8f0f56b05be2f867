"""Measure the built-in recogniser. Needs espeakng-loader and soxr, but no torch.

    python -m stt.training.evaluate [--model FILE] [--count N] [--quick]

Everything is synthetic (espeak-ng): no figure says anything about people.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np

from stt.builtin.alphabet import spell
from stt.builtin.decoder import Decoder, greedy_transcript
from stt.builtin.network import MODEL, AcousticNetwork
from stt.builtin.utterance import Utterance as Hearing
from stt.recogniser import Hints
from stt.training.evaluation_sets import EvaluationSet, Studio, directory_set, sentence_sets
from stt.word_errors import word_errors


class Examiner:
    """Runs sets through one network and prints a line for each."""

    def __init__(self, model: Path, verbose: bool) -> None:
        self._network = AcousticNetwork(model)
        self._verbose = verbose

    def _decoder(self, language: str, phrases: tuple[str, ...] = ()) -> Decoder:
        return Decoder(language, Hints(phrases), self._network.delay_steps)

    def _hear(self, measured: EvaluationSet, decoder: Decoder | None) -> list[str]:
        texts = []
        for utterance in measured.utterances:
            hearing = Hearing(self._network)
            hearing.feed(utterance.samples)
            hearing.advance()
            scores = np.concatenate((hearing.scores, hearing.conclude()))
            if decoder is None:
                heard = greedy_transcript(scores, 0)
            else:
                heard = decoder.final(decoder.advance(None, scores), scores)
            texts.append(spell(heard.text))
        return texts

    def error_rates(self, measured: EvaluationSet) -> str:
        """Word error rate and wrong sentences, greedy and with the doorman's words."""
        parts = [f"{measured.name:31}"]
        for words in (False, True):
            decoder = self._decoder(measured.language) if words else None
            errors = total = wrong = 0
            for utterance, heard in zip(
                measured.utterances, self._hear(measured, decoder), strict=True
            ):
                missed = word_errors(utterance.text.split(), heard.split())
                errors, wrong = errors + missed, wrong + (missed > 0)
                total += len(utterance.text.split())
                if missed and words and self._verbose:
                    print(f"    {utterance.text} | {heard}")
            parts.append(
                f"{100 * errors / total:6.1f} {100 * wrong / len(measured.utterances):6.1f}"
            )
        return " |".join(parts)

    def slots_right(self, measured: EvaluationSet) -> str:
        """Share of names and numbers that are in the text as said: greedy, words, directory."""
        parts = [f"{measured.name:31}"]
        for words, phrases in ((False, ()), (True, ()), (True, measured.hints)):
            decoder = self._decoder("pt-BR", phrases) if words else None
            right = total = 0
            for utterance, heard in zip(
                measured.utterances, self._hear(measured, decoder), strict=True
            ):
                found = [f" {slot} " in f" {heard} " for slot in utterance.slots]
                right, total = right + sum(found), total + len(found)
                if phrases and self._verbose and not all(found):
                    print(f"    {utterance.text} | {heard}")
            parts.append(f"{100 * right / total:6.1f}")
        return " |".join(parts)

    def cost(self, measured: EvaluationSet) -> str:
        """CPU share of a core while somebody speaks, and the wait for the final text."""
        decoder = self._decoder("pt-BR", measured.hints)
        busy, audio_s, waits = 0.0, 0.0, []
        for utterance in measured.utterances:
            hearing, beam = Hearing(self._network), decoder.advance(None, self._network.no_scores)
            begun = time.process_time()
            for start in range(0, len(utterance.samples), 1600):
                hearing.feed(utterance.samples[start : start + 1600])
                beam = decoder.advance(beam, hearing.advance())
                decoder.partial(beam, hearing.scores)
            busy += time.process_time() - begun
            audio_s += len(utterance.samples) / 8000
            begun_wall = time.perf_counter()
            rest = hearing.conclude()
            scores = np.concatenate((hearing.scores, rest))
            decoder.final(decoder.advance(beam, rest), scores)
            waits.append(1000 * (time.perf_counter() - begun_wall))
        middle, high = np.percentile(waits, (50, 95))
        return (
            f"{100 * busy / audio_s:.1f} % of a core per speaking caller; final text after "
            f"{middle:.0f} ms (median), {high:.0f} ms (95th percentile)"
        )


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, default=MODEL)
    parser.add_argument("--count", type=int, default=200, help="utterances in each set")
    parser.add_argument("--quick", action="store_true", help="60 utterances in each set")
    parser.add_argument("--verbose", action="store_true", help="print what was misheard")
    options = parser.parse_args()
    count = 60 if options.quick else options.count
    examiner, studio = Examiner(options.model, options.verbose), Studio()
    print(f"{'':31} |  greedy       |  with words")
    print(f"{'word error rate, % of':31} | words  sent.  | words  sent.", flush=True)
    for make in sentence_sets(count):
        print(examiner.error_rates(make(studio)), flush=True)
    print(f"\n{'names and numbers right, %':31} |greedy | words | directory", flush=True)
    directories = [directory_set(studio, count, held, 6) for held in (False, True)]
    for measured in directories:
        print(examiner.slots_right(measured), flush=True)
    print(f"\n{examiner.cost(directories[0])}", flush=True)


if __name__ == "__main__":
    main()
