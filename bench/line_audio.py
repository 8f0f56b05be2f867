"""Telephone lines made of espeak-ng speech and synthetic noise, with the truth about both.

espeak-ng is no person and these noises are no street: they rank detectors and catch mistakes;
thresholds for real calls need real calls.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tests.speech import say

RATE_HZ = 8000
FRAME = 160
Floats = npt.NDArray[np.float64]
"""Mono at 8 kHz, full scale 1.0."""

SENTENCES = (
    "boa noite, eu vim entregar uma encomenda no apartamento quinhentos e um",
    "sim",
    "não",
    "é a Rita, do bloco B",
    "tenho uma pizza para o seu Daniel",
    "pode deixar na portaria",
    "apartamento cento e dois",
    "meu nome é João Carlos da Silva, sou da empresa de internet",
    "pode entrar",
    "não conheço essa pessoa",
)
VOICES = ("pt-br", "pt-br+f2", "pt-br+m3")


def speak(text: str, voice: str = "pt-br") -> Floats:
    """``text`` at 8 kHz, nothing before or after it."""
    return say(text, voice).astype(np.float64) / 32768


def band(audio: Floats, low_hz: float = 300, high_hz: float = 3400) -> Floats:
    """Only what a telephone carries."""
    spectrum = np.fft.rfft(audio)
    hz = np.fft.rfftfreq(len(audio), 1 / RATE_HZ)
    spectrum[(hz < low_hz) | (hz > high_hz)] = 0
    return np.fft.irfft(spectrum, len(audio))


def mu_law(audio: Floats) -> npt.NDArray[np.int16]:
    """Through G.711 mu-law (the continuous form, 8 bits) and back, as int16."""
    clipped = np.clip(audio, -1, 1)
    coded = np.sign(clipped) * np.log1p(255 * np.abs(clipped)) / np.log(256)
    steps = np.round(coded * 127) / 127
    decoded = np.sign(steps) * (256 ** np.abs(steps) - 1) / 255
    return np.asarray(np.round(decoded * 32767), dtype=np.int16)


@dataclass(frozen=True, slots=True)
class Line:
    """A line as it arrives, and per 20 ms frame the truth: is there speech in it?

    ``utterances`` are (first frame, one past the last frame) of each sentence.
    """

    samples: npt.NDArray[np.int16]
    speech: npt.NDArray[np.bool_]
    utterances: tuple[tuple[int, int], ...]

    def frames(self) -> Iterator[npt.NDArray[np.int16]]:
        """The line in 20 ms steps."""
        for start in range(0, len(self.samples) - FRAME + 1, FRAME):
            yield self.samples[start : start + FRAME]


Noise = Callable[[np.random.Generator, int], Floats]
"""Makes so many samples of a noise, at any level."""


def line(
    noise: Noise | None,
    snr_db: float,
    *,
    seed: int = 1,
    level_db: float = -23,
    pause_s: float = 1.5,
    sentences: Sequence[str] = SENTENCES,
) -> Line:
    """The sentences by several voices, with pauses, in ``noise`` below the speech by ``snr_db``.

    Speech is at ``level_db`` of full scale (its active RMS, as ITU-T P.56 counts it, roughly).
    """
    random = np.random.default_rng(seed)
    clean, utterances = _place(random, pause_s, sentences)
    truth = _truth(clean, utterances)
    active = np.repeat(truth, FRAME)
    clean = band(clean)
    clean *= 10 ** (level_db / 20) / np.sqrt(np.mean(clean[: len(active)][active] ** 2))
    floor = random.standard_normal(len(clean)) * 10 ** (-68 / 20)
    mixed = clean + floor
    if noise is not None:
        disturbance = band(noise(random, len(clean)))
        rms = np.sqrt(np.mean(disturbance**2))
        mixed += disturbance * 10 ** ((level_db - snr_db) / 20) / rms
    return Line(mu_law(mixed), truth, utterances)


def _place(
    random: np.random.Generator, pause_s: float, sentences: Sequence[str]
) -> tuple[Floats, tuple[tuple[int, int], ...]]:
    parts: list[Floats] = [np.zeros(2 * RATE_HZ)]
    at = len(parts[0])
    utterances = []
    for number, text in enumerate(sentences):
        said = speak(text, VOICES[number % len(VOICES)])
        said = said / np.sqrt(np.mean(said**2))
        utterances.append((at // FRAME, -(-(at + len(said)) // FRAME)))
        silence = np.zeros(int((pause_s + random.random()) * RATE_HZ))
        parts += [said, silence]
        at += len(said) + len(silence)
    return np.concatenate(parts), tuple(utterances)


def _truth(clean: Floats, utterances: Sequence[tuple[int, int]]) -> npt.NDArray[np.bool_]:
    frames = clean[: len(clean) // FRAME * FRAME].reshape(-1, FRAME)
    level = np.sqrt(np.mean(frames**2, axis=1))
    truth = np.zeros(len(frames), dtype=np.bool_)
    for first, end in utterances:
        truth[first:end] = level[first:end] > level[first:end].max() * 10 ** (-35 / 20)
    return truth


def white(random: np.random.Generator, count: int) -> Floats:
    """Hiss."""
    return random.standard_normal(count)


def pink(random: np.random.Generator, count: int) -> Floats:
    """Rain, ventilation: equal power per octave."""
    spectrum = np.fft.rfft(random.standard_normal(count))
    spectrum /= np.sqrt(np.maximum(np.fft.rfftfreq(count, 1 / RATE_HZ), 20))
    return np.fft.irfft(spectrum, count)


def street(random: np.random.Generator, count: int) -> Floats:
    """Pink noise under passing cars (3-6 s swells of 10 dB) and now and then a horn."""
    seconds = np.arange(count) / RATE_HZ
    swell = np.zeros(count)
    for _ in range(max(1, int(seconds[-1] / 6))):
        middle, width = random.uniform(0, seconds[-1]), random.uniform(0.8, 1.6)
        swell += np.exp(-(((seconds - middle) / width) ** 2))
    audio = pink(random, count)
    audio *= (1 + 2.2 * swell) / audio.std()
    for _ in range(max(1, int(seconds[-1] / 15))):
        start = random.uniform(0, seconds[-1] - 1)
        horn = (seconds > start) & (seconds < start + 0.4)
        for hz in (420, 530, 840, 1060):
            audio += 2 * horn * np.sin(2 * np.pi * hz * seconds)
    return audio


def babble(random: np.random.Generator, count: int) -> Floats:
    """Six people at once, all of them further away than the caller."""
    audio = np.zeros(count)
    for _ in range(6):
        order = random.permutation(len(SENTENCES))
        said = np.concatenate(
            [
                speak(SENTENCES[i], f"pt-br+{random.choice(['m1', 'm2', 'f1', 'f3', 'f4'])}")
                for i in order
            ]
        )
        audio += np.resize(np.roll(said, random.integers(len(said))), count)
    return audio


def hum(random: np.random.Generator, count: int) -> Floats:
    """Mains hum with harmonics, and an intercom's beep every two seconds."""
    seconds = np.arange(count) / RATE_HZ
    audio = 0.05 * random.standard_normal(count)
    for harmonic in range(1, 30):
        audio += np.sin(2 * np.pi * 60 * harmonic * seconds) / harmonic
    audio[seconds % 2 < 0.15] += np.sin(2 * np.pi * 1000 * seconds[seconds % 2 < 0.15])
    return audio


def music(random: np.random.Generator, count: int) -> Floats:
    """Chords of plucked tones with a beat, four to a second."""
    seconds = np.arange(count) / RATE_HZ
    audio = np.zeros(count)
    for step in range(int(seconds[-1] * 4)):
        since = seconds - step / 4
        envelope = np.where(since >= 0, np.exp(-np.maximum(since, 0) * 4), 0)
        part = slice(int(step / 4 * RATE_HZ), min(count, int((step / 4 + 1.5) * RATE_HZ)))
        for semitone in random.choice([0, 3, 5, 7, 10, 12, 15], 3, replace=False):
            hz = 220 * 2 ** (semitone / 12)
            tone = sum(np.sin(2 * np.pi * hz * k * seconds[part]) / k for k in range(1, 8))
            audio[part] += envelope[part] * tone
        audio[part] += np.exp(-since[part] * 40) * random.standard_normal(len(seconds[part]))
    return audio


def slams(random: np.random.Generator, count: int) -> Floats:
    """Doors, one every second or so."""
    audio = np.zeros(count)
    for start in _starts(random, count, every_s=1.2):
        length = min(4000, count - start)
        fall = np.exp(-np.arange(length) / RATE_HZ / random.uniform(0.03, 0.12))
        audio[start : start + length] += random.standard_normal(length) * fall
    return audio


def keys(random: np.random.Generator, count: int) -> Floats:
    """Dialled digits that are heard as tones (DTMF in the audio)."""
    audio = np.zeros(count)
    for start in _starts(random, count, every_s=0.9):
        seconds = np.arange(min(int(random.uniform(640, 2400)), count - start)) / RATE_HZ
        for hz in (random.choice([697, 770, 852, 941]), random.choice([1209, 1336, 1477])):
            audio[start : start + len(seconds)] += np.sin(2 * np.pi * hz * seconds)
    return audio


def siren(random: np.random.Generator, count: int) -> Floats:
    """Two seconds of rising and falling pitch, two of nothing."""
    seconds = np.arange(count) / RATE_HZ
    phase = 2 * np.pi * np.cumsum(900 + 400 * np.sin(np.pi * seconds)) / RATE_HZ
    tone = np.sin(phase) + np.sin(2 * phase) / 2 + np.sin(3 * phase) / 3
    return np.asarray(tone * (seconds % 4 > 2))


def barking(random: np.random.Generator, count: int) -> Floats:
    """A dog: falling harmonic sounds of 200 ms with breath in them."""
    audio = np.zeros(count)
    for start in _starts(random, count, every_s=1.0):
        seconds = np.arange(min(1600, count - start)) / RATE_HZ
        pitch_hz = random.uniform(300, 600) * (1 - 1.5 * seconds)
        phase = 2 * np.pi * np.cumsum(pitch_hz) / RATE_HZ
        bark = 0.3 * random.standard_normal(len(seconds))
        for harmonic in range(1, 6):
            bark += np.sin(harmonic * phase) / harmonic * np.sqrt(np.sin(np.pi * seconds / 0.2))
        audio[start : start + len(seconds)] += bark
    return audio


def _starts(random: np.random.Generator, count: int, every_s: float) -> Iterator[int]:
    for number in range(int(count / RATE_HZ / every_s)):
        yield int((number + random.uniform(0, 0.3)) * every_s * RATE_HZ)


def alone(sound: Noise, *, seed: int = 1, seconds: int = 20, level_db: float = -25) -> Line:
    """A sound on an otherwise quiet line, after a second of nothing; nobody speaks."""
    random = np.random.default_rng(seed)
    audio = band(sound(random, seconds * RATE_HZ))
    audio[:RATE_HZ] = 0
    loud = np.abs(audio) > 0.05 * np.abs(audio).max()
    audio *= 10 ** (level_db / 20) / np.sqrt(np.mean(audio[loud] ** 2))
    audio += random.standard_normal(len(audio)) * 10 ** (-62 / 20)
    return Line(mu_law(audio), np.zeros(len(audio) // FRAME, dtype=np.bool_), ())


NOISES: dict[str, Noise] = {
    "white": white,
    "pink": pink,
    "street": street,
    "babble": babble,
    "hum": hum,
    "music": music,
}

SOUNDS: dict[str, Noise] = {
    **NOISES,
    "slams": slams,
    "keys": keys,
    "siren": siren,
    "barking": barking,
}
