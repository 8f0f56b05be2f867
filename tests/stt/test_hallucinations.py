"""What is believed of what Whisper says."""

import math
from dataclasses import replace

import pytest

from stt.hallucinations import Guard, Guards, Heard, Told, certainty, plain_words

CLEAR = Heard("Apartamento 501.", tokens=4, log_probability=-0.1, no_speech=0.01, repetition=0.8)
QUESTION = "Portaria do Edifício Aurora, boa noite. Com quem o senhor deseja falar?"
HINTS = Told(QUESTION, ("ana souza", "bruno", "bloco b", "carla dias"))
GUARDS = Guards.load()


def objection(heard: Heard, duration_s: float = 1.5) -> Guard | None:
    return GUARDS.objection(heard, duration_s, HINTS)


def said(text: str) -> Heard:
    return replace(CLEAR, text=text)


def test_words_lose_their_case_and_punctuation_and_keep_accents_and_numbers() -> None:
    assert plain_words("Olá! É o João, do apto. 501-B...") == "olá é o joão do apto 501-b"
    assert plain_words(" ¿…? ") == ""


def test_a_clear_sentence_is_believed_as_far_as_its_tokens_are_sure() -> None:
    assert objection(CLEAR) is None
    assert certainty(CLEAR) == pytest.approx(math.exp(-0.1))


@pytest.mark.parametrize(
    ("made_up", "guard"),
    [
        (replace(CLEAR, repetition=3.0), Guard.REPETITION),
        (said("sim " * 9), Guard.REPETITION),
        (said("pode subir " * 5), Guard.REPETITION),
        (said("Legendas pela comunidade Amara.org"), Guard.PHANTOM),
        (said("Obrigado por assistir!"), Guard.PHANTOM),
        (said("Thank you for watching."), Guard.PHANTOM),
        (said("¡Suscríbete al canal!"), Guard.PHANTOM),
        (said("You"), Guard.PHANTOM),
        (replace(CLEAR, no_speech=0.9, log_probability=-1.5), Guard.NO_SPEECH),
        (replace(CLEAR, log_probability=-2.5), Guard.IMPROBABLE),
        (said(" ".join(f"palavra{n}" for n in range(20))), Guard.TOO_FAST),
        (said("Com quem o senhor deseja falar?"), Guard.OWN_WORDS),
        (said("Portaria do Edifício Aurora, boa noite."), Guard.OWN_WORDS),
        (said("Ana Souza, Bruno, Bloco B."), Guard.HINTS),
        (said("Bruno, bloco B, Carla Dias"), Guard.HINTS),
    ],
)
def test_what_whisper_makes_up_is_not_believed(made_up: Heard, guard: Guard) -> None:
    assert objection(made_up, duration_s=3.0 if guard is Guard.REPETITION else 1.5) is guard


@pytest.mark.parametrize(
    "text",
    [
        "Obrigado por abrir.",
        "Boa noite.",
        "Com o senhor Bruno.",
        "Bruno",
        "Ana Souza, bloco B",
        "Quero falar com a Ana Souza",
        "zero zero zero zero zero zero",
        "Thank you.",
        "Eu não sou legendário",
        "",
    ],
)
def test_what_a_caller_may_say_is_believed(text: str) -> None:
    assert objection(said(text), duration_s=2.0) is None


def test_doubt_whether_anybody_spoke_lowers_the_belief_in_sure_words() -> None:
    doubtful = replace(CLEAR, no_speech=0.8)
    assert objection(doubtful) is None
    assert certainty(doubtful) == pytest.approx(0.2 * math.exp(-0.1))


def test_a_long_sentence_in_enough_time_is_believed() -> None:
    assert objection(said(" ".join(f"palavra{n}" for n in range(20))), duration_s=6.0) is None


def test_words_of_ours_are_believed_where_we_did_not_say_them_last() -> None:
    heard = said("Com quem o senhor deseja falar?")
    assert GUARDS.objection(heard, 2.0, Told("Um momento.")) is None
