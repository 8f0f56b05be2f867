"""Which takes are good: real speech is, and each way of going wrong is told."""

from dataclasses import replace

import numpy as np
import pytest

from tests.speech import say
from tts.engine import Voice
from tts.quality import Fault, fault_in, says

VOICE = Voice("remote", "Ana", "pt-BR")
TEXTS = [
    "Sim.",
    "Não.",
    "A",
    "Pode repetir?",
    "Um momento, por favor.",
    "Maria Aparecida de Oliveira Souza",
    "Bom dia, aqui é da portaria, com quem o senhor deseja falar?",
    "Desculpe, não entendi. O senhor pode repetir o número do apartamento, por favor?",
    "Quinhentos e um, quinhentos e dois, seiscentos e três.",
]
TEXT = TEXTS[6]


def slin(samples: np.ndarray) -> bytes:
    return np.clip(samples, -32768, 32767).astype("<i2").tobytes()


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("voice", ["pt-br", "pt-br+f2", "pt-br+m3"])
def test_real_speech_of_the_text_is_good(text: str, voice: str) -> None:
    assert fault_in(slin(say(text, voice=voice)), text, VOICE) is None


def test_speech_as_fast_and_slow_as_the_voice_is_to_be_is_good() -> None:
    spoken = say(TEXT)
    fast, slow = spoken[::2], np.repeat(spoken, 2)
    assert fault_in(slin(fast), TEXT, replace(VOICE, speed=2.0)) is None
    assert fault_in(slin(slow), TEXT, replace(VOICE, speed=0.5)) is None


SPOKEN = say(TEXT)
LOUD = np.random.default_rng(0).standard_normal(4 * 8000)
CASES = {
    "it stops in the middle": (SPOKEN[: SPOKEN.size // 3], Fault.SHORT),
    "it goes on and on": (np.tile(SPOKEN, 4), Fault.LONG),
    "it is silent": (np.zeros(3 * 8000), Fault.FAINT),
    "it whispers": (SPOKEN / 20, Fault.FAINT),
    "it is clipped to nothing but edges": (np.sign(LOUD) * 9000, Fault.CLIPPED),
    "it howls": (9000 * np.sin(np.arange(4 * 8000) / 3), Fault.CLIPPED),
    "it falls silent for long in its midst": (
        np.concatenate([SPOKEN[:14_000], np.zeros(9600), SPOKEN[14_000:]]),
        Fault.PAUSE,
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_what_went_wrong_is_told(case: str) -> None:
    samples, fault = CASES[case]
    assert fault_in(slin(samples), TEXT, VOICE) is fault


@pytest.mark.parametrize(
    ("text", "heard", "same"),
    [
        (TEXT, "bom dia aqui e da portaria com quem o senhor deseja falar", True),
        (TEXT, "bom dia aqui e da portaria com quem a senhora deseja falar", True),
        ("Maria Wanderley Krüger", "maria vanderlei cruger", True),
        ("Um momento, por favor.", "momento por favor", True),
        ("Sim.", "sim", True),
        ("Sim.", "não", False),
        (TEXT, "", False),
        (TEXT, "legendas pela comunidade", False),
        ("Um momento, por favor.", "um momen um momen um momen um um um", False),
        ("...", "", True),
    ],
)
def test_what_a_recogniser_heard_is_compared_kindly(text: str, heard: str, same: bool) -> None:
    assert says(text, heard) is same
