from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tts.espeak import EspeakEngine
from tts.neural.pronouncing import halves, pieces, pronounce
from tts.sentences import LONGEST_SENTENCE


class Reading:
    """Pronounces everything as it is written."""

    async def start(self) -> str:
        return "reading"

    async def phonemes(self, clauses: Sequence[str], voice: str, tie: str = "") -> list[str]:
        return [each.upper() for each in clauses]

    async def close(self) -> None:
        return


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Bom dia, senhor. Pode entrar!", "BOM DIA, SENHOR. PODE ENTRAR!"),
        ("¿Quién es?", "QUIÉN ES?"),
        ("espere...", "ESPERE."),
        ("sem ponto", "SEM PONTO"),
        ("?!", ""),
    ],
)
async def test_punctuation_stays_between_the_phonemes(text: str, said: str) -> None:
    assert await pronounce(Reading(), text, "pt-br", "") == said


async def test_espeak_tells_the_phonemes_of_each_clause() -> None:
    espeak = EspeakEngine()
    said = await pronounce(espeak, "Bom dia, aqui é a portaria.", "pt-br", "")
    tied = await pronounce(espeak, "Bom dia.", "pt-br", "^")
    await espeak.close()
    assert said == "bˈoŋ dʒˈiæ, akˈi ɛ a pˌoɾətaɾˈiæ."
    assert tied == "bˈoŋ d^ʒˈiæ."


def test_only_a_long_first_sentence_is_cut_and_at_its_first_good_clause() -> None:
    long = "Olá, seja bem-vindo ao condomínio, por favor diga com quem deseja falar agora."
    assert list(pieces("Bom dia, tudo bem?")) == ["Bom dia, tudo bem?"]
    assert list(pieces(f"{long} Depois aguarde.")) == [
        "Olá, seja bem-vindo ao condomínio,",
        "por favor diga com quem deseja falar agora.",
        "Depois aguarde.",
    ]


@given(st.text(alphabet="ab ,.?!;", max_size=300))
def test_no_word_is_lost_in_pieces(text: str) -> None:
    made = list(pieces(text))
    assert "".join("".join(made).split()) == "".join(text.split())
    assert all(0 < len(each) <= LONGEST_SENTENCE for each in made)


@settings(max_examples=40)
@given(st.text(min_size=2, max_size=80))
def test_halves_together_are_the_whole(text: str) -> None:
    first, second = halves(text)
    assert first + second == text
    assert len(max(first, second, key=len)) < len(text) or not text.strip()
