import pytest
from hypothesis import given
from hypothesis import strategies as st

from tts.sentences import LONGEST_SENTENCE, split_sentences


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("", []),
        ("  \n ", []),
        ("Bom dia", ["Bom dia"]),
        ("Bom dia! Em que posso ajudar?", ["Bom dia!", "Em que posso ajudar?"]),
        ("O Sr. João chegou. Pode subir.", ["O Sr. João chegou.", "Pode subir."]),
        ("Fale com a Dra. Ana, no apto. 12.", ["Fale com a Dra. Ana, no apto. 12."]),
        ("Mora na Av. Brasil.", ["Mora na Av. Brasil."]),
        ("O J. Silva saiu.", ["O J. Silva saiu."]),
        ("Custa 3.50 agora. Pague.", ["Custa 3.50 agora.", "Pague."]),
        ("Espere... estou vendo. Pronto.", ["Espere... estou vendo.", "Pronto."]),
        ("Quem?! Não ouvi.", ["Quem?!", "Não ouvi."]),
        ('Ele disse "sim." Pode entrar.', ['Ele disse "sim."', "Pode entrar."]),
        ("Primeira linha\nsegunda linha", ["Primeira linha", "segunda linha"]),
        ("Moro no bloco bê. quem fala?", ["Moro no bloco bê. quem fala?"]),
        ("Muito obrigado. quem fala?", ["Muito obrigado.", "quem fala?"]),
        ("Mr. Smith is here. Let him in.", ["Mr. Smith is here.", "Let him in."]),
        ("¿Quién es? ¡Pase!", ["¿Quién es?", "¡Pase!"]),
        ("... Sim.", ["... Sim."]),
    ],
)
def test_a_text_is_cut_where_sentences_end(text: str, sentences: list[str]) -> None:
    assert split_sentences(text) == sentences


def test_a_long_sentence_is_cut_at_a_clause() -> None:
    text = "Avise o morador de que chegou uma encomenda, e que ela está na portaria"
    assert split_sentences(text, longest=50) == [
        "Avise o morador de que chegou uma encomenda,",
        "e que ela está na portaria",
    ]


def test_a_long_clause_is_cut_between_words() -> None:
    assert split_sentences("uma frase sem vírgulas", longest=10) == ["uma frase", "sem", "vírgulas"]


@given(st.text(alphabet="ab .!?,;…\n\"')", max_size=600))
def test_nothing_but_white_space_is_lost_and_nothing_is_too_long(text: str) -> None:
    sentences = split_sentences(text)
    assert "".join("".join(sentences).split()) == "".join(text.split())
    assert all(0 < len(sentence) <= LONGEST_SENTENCE for sentence in sentences)
