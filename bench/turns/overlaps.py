"""Speech over ours: signs of listening, interruptions, our own echo, and noise."""

import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import cycle, islice
from typing import Any

import numpy as np
import numpy.typing as npt

from audiosocket.slin import Samples
from bench.line_audio import NOISES, RATE_HZ, band, mu_law
from bench.turns.people import FLOOR_DB, LEVEL_DB, Manner, manner
from bench.turns.stage import Microphone, Played, Reciter, Studio, call
from conversation.mouth import Mouth
from conversation.settings import SessionSettings
from conversation.understanding import Expecting
from stt.vad import FRAME_MS, FRAME_SAMPLES
from supervisor.replay.line import Line, is_audible

BACKCHANNELS = """
aham|uhum|tá|sei|certo|ok|tá bom|entendi|hum hum|ah tá|aham aham|uhum uhum|tá tá|sei sei|certo certo
ah sim|tá certo|tá bem|ah entendi|pois é|beleza|tá joia|perfeito|tranquilo|ah é|sim sim|ótimo|legal
tudo bem|hum entendi|combinado|é é|ah certo|tá ok|sei como é|maravilha|tá, tá bom|ok, entendi
uhum, tá|aham, sei|tá legal|ah, perfeito|certo, tá|sim, sim|ok, tá bom|beleza então|ah, ok|sei, sei
tá bom, certo|entendi, tá|hum, tá|ah, legal|isso, tá|exato|claro, claro|correto|positivo|show
tudo certo|ah sei|ok, ok|certinho|hã hã|uhum, certo|tá, entendi|bom, tá|ótimo, tá|valeu
"""
INTERRUPTIONS = """
não, espera|peraí, moço|é outro apartamento|não é isso|quinhentos e dois|é no bloco A|pode repetir?
não entendi nada|quero falar com o porteiro|deixa pra lá|socorro|é do trezentos e dois
espera um pouco|não, é pra Marina|eu falei bloco B|é uma entrega|sou da Claro
vim visitar o Wellington|o que você disse?|chama o síndico, por favor
na verdade é uma visita|é o cento e dois do bloco B|não precisa chamar|fala mais devagar
cancela|é só uma entrega rápida
eu moro aqui|desculpa, é o duzentos e um|não, não, não
tem alguém passando mal aqui|quem está falando?|já achei, obrigado|é pra dona Rita
pode ligar no outro número?|é da farmácia, pro quinhentos e um|eu já falei com ele|não estou ouvindo
não era isso que eu queria|pera, deixa eu falar|eu errei o apartamento|é no duzentos e um, bloco A
o nome dele é Wellington|pode chamar o porteiro?|não, moça|é uma visita, não é entrega
ei, espera aí|eu sou da Vivo|já liguei pra ela|quero deixar um recado|tô com muita pressa, é entrega
é a Rita do cento e dois|repete, por favor|fala em inglês?|não, o outro bloco
é só deixar na portaria|tem um incêndio aqui|quinhentos e um, não quinhentos e dois
me passa pro síndico
desisti, obrigado|vim buscar a minha filha|o interfone tá ruim, não ouvi|não tem ninguém lá
é o Daniel Souza que eu procuro
"""
FRESH_BACKCHANNELS = """
uhum, entendi|tá, beleza|ah, tá certo|certo, entendi|aham, tá bom|ok, beleza|sim, tá|claro, tá
bom, certo|tá ótimo|ah, tá legal|perfeito, tá|isso, isso|tudo bem, tá|entendi, entendi|ok, ok, ok
sim, entendi|tá, tudo bem|ah, bom|legal, tá|hum, certo|exato, isso|maravilha, tá|aham, certo, tá
"""
"""Written after the last change to what signs of listening are; nothing was made for them."""
FRESH_INTERRUPTIONS = """
eu moro no prédio da frente|deixei o carro na rua|ela sabe que eu venho|é urgente, por favor
vai demorar muito?|a minha bateria tá acabando|quero falar com outra pessoa|é pra portaria mesmo
o nome é Rita, não Renata|pode deixar, eu ligo depois|não, obrigado|eu preciso sair agora
qual é o seu nome?|volta, volta|é no bloco do fundo|tem que ser agora|ele não mora mais aqui
a encomenda é grande demais|preciso de uma assinatura|chama a Juliana|errei, é o duzentos e um
posso esperar aqui dentro?|eu tenho a chave|não consigo ouvir direito
"""
TELLING = (
    "Um momento, por favor, eu vou chamar o apartamento quinhentos e um e já volto a falar.",
    "Certo, estou ligando para o morador agora, aguarde na linha enquanto ele atende o telefone.",
    "O morador pediu que você espere aí no portão por alguns minutos, ele já vai descer até você.",
)
ASKING = (
    "Boa tarde, você ligou para a portaria do Residencial Aurora. Em que posso ajudar, e com quem "
    "deseja falar?",
    "Olá, aqui é a portaria do condomínio. Por favor, diga o que deseja e o número do apartamento.",
)
CALL_MS = 14_000
PATIENT = SessionSettings(
    call_limit_s=100_000, idle_limit_s=100_000, waiting_every_s=90_000, reprompt_after_s=90_000
)
RECITING_S = 60
"""An hour of our speech is said in calls of about so long, each with its own echo path."""


def listed(text: str) -> list[str]:
    """The utterances of a list."""
    return [each.strip() for line in text.strip().splitlines() for each in line.split("|")]


@dataclass(slots=True)
class Overlap:
    """One utterance over ours. ``reaction_ms`` is from its first sample until we were silent."""

    text: str
    said: str
    asked: bool
    taken: bool
    finished: bool
    heard: list[str]
    reaction_ms: int | None


async def overlaps(
    shared: Studio, texts: Sequence[str], count: int, seed: int, told: Callable[[int], None]
) -> list[Overlap]:
    """Say ``count`` utterances, each by somebody over one of our texts, half of which ask."""
    chance = random.Random(seed)
    chosen = list(islice(cycle(texts), count))
    people = [manner("pt-BR", seed + number) for number in range(count)]
    await shared.people.prepare(zip(chosen, people, strict=True))
    done = []
    for number, (text, who) in enumerate(zip(chosen, people, strict=True)):
        asks = number % 2 == 1
        ours = chance.choice(ASKING if asks else TELLING)
        done.append(
            await _over(shared, text, who, ours, asks=asks, at_ms=chance.randint(600, 2600))
        )
        if (number + 1) % 50 == 0:
            told(number + 1)
    return done


async def _over(
    shared: Studio, text: str, who: Manner, ours: str, *, asks: bool, at_ms: int
) -> Overlap:
    speech = mu_law(shared.people.dry(text, who)[0])
    start = at_ms * RATE_HZ // 1000
    mic = Microphone(_quiet(who.seed), [(start, speech)])
    flow = Reciter(ours, Expecting.PURPOSE, asks=asks)
    played = await call(shared, flow, mic.frame, CALL_MS, settings=PATIENT)
    return Overlap(
        text,
        ours,
        asks,
        taken=bool(flow.heard),
        finished=any(turn["complete"] for turn in played.turns("agent")),
        heard=[turn["text"] for turn in played.turns("visitor")],
        reaction_ms=_silent_after(played.line, start),
    )


def _quiet(seed: int) -> Samples:
    noise = np.random.default_rng(seed).standard_normal(4 * RATE_HZ) * 10 ** (FLOOR_DB / 20)
    return mu_law(noise)


def _silent_after(line: Line, start: int) -> int | None:
    """Ms from sample ``start`` of what the party said to 200 ms of our silence, if we spoke."""
    first = start // FRAME_SAMPLES
    audible = [is_audible(frame) for frame in line.sent]
    if not any(audible[first : first + 10]):
        return None
    for frame in range(first, len(audible) - 10):
        if not any(audible[frame : frame + 10]):
            return max(0, frame * FRAME_MS - start * 1000 // RATE_HZ)
    return None


# ---------------------------------------------------------------- echo and noise


@dataclass(frozen=True, slots=True)
class EchoPath:
    """From the party's loudspeaker into its microphone. ``drift_ppm`` is that of the two clocks."""

    delay_ms: float
    return_loss_db: float
    drift_ppm: float
    seed: int

    def response(self) -> npt.NDArray[np.float64]:
        """A room: the direct sound and 60 ms of falling reflections, of unit energy."""
        random = np.random.default_rng(self.seed)
        length = 60 * RATE_HZ // 1000
        tail = random.standard_normal(length) * np.exp(-np.arange(length) / (length / 6)) * 0.25
        tail[0] = 1.0
        taps: npt.NDArray[np.float64] = tail / np.sqrt(np.sum(tail**2))
        return taps


class EchoingPhone:
    """A microphone that picks up what we sent, besides a background."""

    def __init__(self, path: EchoPath, background: npt.NDArray[np.float64]) -> None:
        self._path = path
        self._taps = path.response()
        self._gain = 10 ** (-path.return_loss_db / 20)
        self._background = background
        self._heard = np.zeros(3 * RATE_HZ)
        self._frames = 0

    def frame(self, line: Line) -> Samples:
        """The next 20 ms, through G.711."""
        if line.sent:
            self._heard = np.concatenate(
                (self._heard[FRAME_SAMPLES:], line.sent[-1].astype(np.float64) / 32768)
            )
        shift = self._path.delay_ms / 1000 * RATE_HZ
        shift += self._path.drift_ppm * 1e-6 * self._frames * FRAME_SAMPLES
        self._frames += 1
        wanted = (
            len(self._heard)
            - FRAME_SAMPLES
            - shift
            + np.arange(-len(self._taps) + 1, FRAME_SAMPLES)
        )
        came = np.interp(wanted, np.arange(len(self._heard)), self._heard)
        echo = np.convolve(came, self._taps, "valid") * self._gain
        at = self._frames * FRAME_SAMPLES
        index = np.arange(at, at + FRAME_SAMPLES) % len(self._background)
        return mu_law(echo + self._background[index])


@dataclass(slots=True)
class Recital:
    """What happened while we spoke: ``stops`` are times that we fell silent for something,
    ``interruptions`` those in which something was taken for an answer."""

    spoken_s: float = 0.0
    stops: int = 0
    interruptions: int = 0
    taken_for: list[str] = field(default_factory=list)

    def per_hour(self) -> dict[str, Any]:
        """Figures of the table."""
        hours = self.spoken_s / 3600
        return {
            "minutes_of_speech": round(self.spoken_s / 60, 1),
            "stops_per_hour": round(self.stops / hours, 2) if hours else None,
            "interruptions_per_hour": round(self.interruptions / hours, 2) if hours else None,
            "stops": self.stops,
            "interruptions": self.interruptions,
            "taken_for": self.taken_for[:5],
        }


@contextmanager
def pauses_counted() -> Iterator[list[int]]:
    """Counts every time that a mouth is paused while it speaks."""
    counted = [0]
    pause = Mouth.pause

    def counting(mouth: Mouth) -> None:
        counted[0] += mouth.speaking is not None
        pause(mouth)

    Mouth.pause = counting  # type: ignore[method-assign]
    try:
        yield counted
    finally:
        Mouth.pause = pause  # type: ignore[method-assign]


def background(kind: str | None, snr_db: float, seed: int) -> npt.NDArray[np.float64]:
    """Twenty seconds of a noise so far below speech, or of a line's own."""
    random = np.random.default_rng(seed)
    count = 20 * RATE_HZ
    floor = random.standard_normal(count) * 10 ** (FLOOR_DB / 20)
    if kind is None:
        return floor
    noise = band(NOISES[kind](random, count))
    scaled: npt.NDArray[np.float64] = noise * 10 ** ((LEVEL_DB - snr_db) / 20)
    return floor + scaled / np.sqrt(np.mean(noise**2))


async def recite(
    shared: Studio,
    texts: Sequence[str],
    minutes: float,
    make_phone: Callable[[int], EchoingPhone],
    seed: int,
) -> Recital:
    """Speak for so long to phones that only echo and hiss, one for each call."""
    chance = random.Random(seed)
    total = Recital()
    number = 0
    with pauses_counted() as stops:
        while total.spoken_s < minutes * 60:
            number += 1
            said = " ".join(chance.sample(texts, min(len(texts), 14)))
            flow = Reciter(said, Expecting.PURPOSE, asks=number % 2 == 0)
            phone = make_phone(seed * 1000 + number)
            played = await call(shared, flow, phone.frame, RECITING_S * 1000, settings=PATIENT)
            total.spoken_s += _audible_s(played)
            total.interruptions += len(flow.heard)
            total.taken_for += [event.understanding.text for event in flow.heard]
        total.stops = stops[0]
    return total


def _audible_s(played: Played) -> float:
    """Of our speech, with the pauses in it."""
    audible = np.flatnonzero([is_audible(frame) for frame in played.line.sent])
    return float(len(audible) and (audible[-1] - audible[0] + 1) * FRAME_MS / 1000)


def summary(done: Sequence[Overlap]) -> dict[str, Any]:
    """Shares in %, and reactions."""
    reactions = [one.reaction_ms for one in done if one.reaction_ms is not None]
    count = max(1, len(done))
    return {
        "utterances": len(done),
        "taken_percent": round(100 * sum(one.taken for one in done) / count, 1),
        "went_on_percent": round(
            100 * sum(one.finished and not one.taken for one in done) / count, 1
        ),
        "reaction_p50_ms": round(float(np.percentile(reactions, 50))) if reactions else None,
        "reaction_p95_ms": round(float(np.percentile(reactions, 95))) if reactions else None,
        "reaction_worst_ms": max(reactions, default=None),
    }
