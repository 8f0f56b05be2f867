"""What the recogniser is measured on: sentences, voices and lines, made here with fixed seeds."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from stt.builtin.alphabet import spell
from stt.training import augmentation as line
from stt.training import phrases_by_hand, voices
from stt.training.grammar import names, numbers
from stt.training.grammar.english import EnglishGrammar
from stt.training.grammar.pt_br import Grammar
from stt.training.grammar.spanish import SpanishGrammar
from stt.training.synthesis import Espeak, spoken, written
from stt.training.voices import Delivery

_SPEECH_DBFS = -22.0
_NOISES = ("white", "pink", "babble", "street")
_PAUSE = 2400  # samples of the line before and after the speech: 300 ms


@dataclass(frozen=True, slots=True)
class Utterance:
    """What was said, what of it must be right (a name, a number), and int16 audio at 8 kHz."""

    text: str
    samples: npt.NDArray[np.int16]
    slots: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EvaluationSet:
    """Utterances under one condition; ``hints`` are the directory's phrases, where it has one."""

    name: str
    language: str
    utterances: tuple[Utterance, ...]
    hints: tuple[str, ...] = ()


class Studio:
    """Speaks the sets; one per process (espeak-ng)."""

    def __init__(self) -> None:
        self._espeak = Espeak()
        self._others: list[line.Wave] = []

    def say(
        self, sentence: str, language: str, rng: random.Random, held: bool, noisy: bool
    ) -> npt.NDArray[np.int16]:
        """One utterance: the stock voice as it is, or a held-out voice at any rate and pitch;
        clean, or band-limited with noise at 15 dB and mu-law."""
        delivery = Delivery(language, voices.STOCK)
        if held:
            delivery = Delivery(
                language,
                rng.choice(voices.HELD),
                rng.randint(130, 205),
                rng.randint(25, 75),
                rng.randint(30, 80),
            )
        samples = self._espeak.speak(spoken(sentence), delivery)
        wave: line.Wave = samples.astype(np.float32) / np.float32(32768)
        level = line.rms(wave)
        self._others = [*self._others[-40:], wave]
        wave = np.pad(wave, (_PAUSE, _PAUSE)).astype(np.float32)
        if noisy:
            draw = np.random.default_rng(rng.randrange(2**32))
            added = line.noise(rng.choice(_NOISES), len(wave), self._others[:-1], draw)
            wave = line.add_noise(wave, added, 15.0, level)
            wave = line.line_filter(wave, draw, tilt_db=0.0)
            wave = line.mu_law(line.set_level(wave, _SPEECH_DBFS, level))
        else:
            wave = line.set_level(wave, _SPEECH_DBFS, level)
        return np.round(wave * 32767).astype(np.int16)

    def speak_all(
        self,
        name: str,
        language: str,
        sentences: list[str],
        *,
        held: bool = False,
        noisy: bool = False,
    ) -> EvaluationSet:
        """A set of ``sentences``."""
        rng = random.Random(name)
        said = (Utterance(written(s), self.say(s, language, rng, held, noisy)) for s in sentences)
        return EvaluationSet(name, language, tuple(said))


def new_sentences(count: int, seed: int, draws: int = 200_000) -> list[str]:
    """Sentences of the Portuguese grammar that do not come up in ``draws`` of it.

    Training hears a few hundred thousand, so these are new to it in all likelihood.
    """
    common = Grammar(random.Random(seed + 1), odd=False)
    seen = {common.sentence() for _ in range(draws)}
    grammar = Grammar(random.Random(seed), odd=False)
    fresh: list[str] = []
    while len(fresh) < count:
        sentence = grammar.sentence()
        if sentence not in seen:
            fresh.append(sentence)
    return fresh


def directory_set(studio: Studio, count: int, held: bool, seed: int) -> EvaluationSet:
    """Sentences with a resident and a unit of a condominium; training never had half its names."""
    rng = random.Random(seed)
    units = [floor * 100 + door for floor in range(1, 16) for door in range(1, 5)]
    people = {
        unit: f"{rng.choice(names.HELD_FIRST if rng.random() < 0.5 else names.FIRST)} "
        f"{rng.choice(names.HELD_LAST if rng.random() < 0.5 else names.LAST)}"
        for unit in units
    }
    frames: tuple[Callable[[str, str], str], ...] = (
        lambda who, where: f"vim visitar {who}",
        lambda who, where: f"entrega para {who} do apartamento {where}",
        lambda who, where: f"quero falar com {who} do apartamento {where} bloco b",
        lambda who, where: f"é no apartamento {where}",
        lambda who, where: f"boa tarde apartamento {where} por favor",
        lambda who, where: f"{who}",
        lambda who, where: f"{where}",
        lambda who, where: f"tenho uma encomenda para {who}",
    )
    utterances = []
    for i in range(count):
        unit = rng.choice(units)
        said_unit = numbers.portuguese(unit)
        if rng.random() < 0.3:
            said_unit = numbers.portuguese_digits(str(unit), rng)
        sentence = frames[i % len(frames)](people[unit], said_unit)
        slots = tuple(s for s in (people[unit], said_unit) if s in sentence)
        samples = studio.say(sentence, "pt-br", rng, held, held)
        utterances.append(Utterance(spell(sentence), samples, slots))
    hints = [f"apartamento {numbers.portuguese(unit)}" for unit in units]
    hints += ["bloco a", "bloco b", *people.values()]
    hints += [name.split()[0] for name in people.values()]
    name = "unseen voices, 15 dB" if held else "stock voice"
    return EvaluationSet(name, "pt-BR", tuple(utterances), tuple(hints))


def sentence_sets(count: int) -> list[Callable[[Studio], EvaluationSet]]:
    """The sets that word error rate is measured on, each made when it is called."""

    def held_names(studio: Studio) -> EvaluationSet:
        grammar = Grammar(random.Random(4), held_names=True)
        return studio.speak_all(
            "stock, names never heard", "pt-br", [grammar.sentence() for _ in range(count)]
        )

    def disordered(studio: Studio) -> EvaluationSet:
        grammar = Grammar(random.Random(7))
        drawn = [grammar.salad() for _ in range(count)]
        return studio.speak_all("stock, words in no order", "pt-br", drawn)

    def english(studio: Studio, held: bool) -> EvaluationSet:
        grammar = EnglishGrammar(random.Random(5))
        name = "English, unseen voices, 15 dB" if held else "English, stock"
        drawn = [grammar.sentence() for _ in range(count)]
        return studio.speak_all(name, "en-us", drawn, held=held, noisy=held)

    def spanish(studio: Studio, held: bool) -> EvaluationSet:
        grammar = SpanishGrammar(random.Random(6))
        name = "Spanish, unseen voices, 15 dB" if held else "Spanish, stock"
        drawn = [grammar.sentence() for _ in range(count)]
        return studio.speak_all(name, "es-419", drawn, held=held, noisy=held)

    new = new_sentences(count, 3)
    by_hand = list(phrases_by_hand.PORTUGUESE)
    return [
        lambda s: s.speak_all("stock, new sentences", "pt-br", new),
        lambda s: s.speak_all("stock, written by hand", "pt-br", by_hand),
        held_names,
        disordered,
        lambda s: s.speak_all("unseen voices, clean", "pt-br", new, held=True),
        lambda s: s.speak_all("unseen voices, 15 dB", "pt-br", new, held=True, noisy=True),
        lambda s: s.speak_all("by hand, unseen, 15 dB", "pt-br", by_hand, held=True, noisy=True),
        lambda s: english(s, False),
        lambda s: s.speak_all("English, by hand", "en-us", list(phrases_by_hand.ENGLISH)),
        lambda s: english(s, True),
        lambda s: spanish(s, False),
        lambda s: s.speak_all("Spanish, by hand", "es-419", list(phrases_by_hand.SPANISH)),
        lambda s: spanish(s, True),
    ]
