import pytest
from hypothesis import given
from hypothesis import strategies as st

from tts.normalising import EmptyTextError, TextTooLongError, Unsaid, saying
from tts.normalising.speakable import unsaid


@pytest.mark.parametrize(
    ("language", "written", "told"),
    [
        ("pt-BR", "Olá, apto. 501 às 14h30: R$ 5 (50%).", Unsaid()),
        ("pt-BR", "Bom dia 😀👍🏽 👨‍👩‍👧 🇧🇷!", Unsaid(dropped=("😀", "👍🏽", "👨‍👩‍👧", "🇧🇷"))),
        ("pt-BR", "Olá 你好", Unsaid(dropped=("你", "好"))),
        ("pt-BR", "Muñoz e Dvořák", Unsaid(replaced=(("ñ", "nh"), ("ř", "r")))),
        ("es", "Muñoz y Gonçalves", Unsaid(replaced=(("ç", "s"),))),
        ("en", "café", Unsaid(replaced=(("é", "e"),))),
        ("pt-BR", "<b>Oi</b> você", Unsaid(markup=("<b>", "</b>"))),
        ("pt-BR", "ﬁm 𝐁", Unsaid(replaced=(("ﬁ", "fi"), ("𝐁", "B")))),
        ("de-DE", "Grüße, ČSSR", Unsaid()),
        ("de-DE", "Hallo 😀", Unsaid(dropped=("😀",))),
        ("pt-BR", "1️⃣ oi", Unsaid(dropped=("1️⃣",))),
    ],
)
def test_what_is_not_heard_as_it_is_written_is_told(
    language: str, written: str, told: Unsaid
) -> None:
    assert unsaid(written, language) == told


def test_a_writer_gets_the_words_and_one_sentence_about_the_rest() -> None:
    plain = saying("Apto. 501.", "pt-BR")
    assert (plain.spoken, plain.unsaid.complaint()) == ("Apartamento quinhentos e um.", None)
    odd = saying("<i>Oi</i> 😀, Muñoz", "pt-BR")
    assert odd.spoken == "Oi, Munhoz"
    assert odd.unsaid.complaint() == (
        "nothing is said for 😀; said as something near: ñ (nh); markup is left out: <i>, </i>"
    )


def test_many_odd_characters_are_counted() -> None:
    told = saying("oi абвгдежзийкл", "pt-BR").unsaid.complaint()
    assert told == "nothing is said for а, б, в, г, д, е, ж, з, и, й and 2 more"


def test_nothing_and_too_much_are_refused_in_a_sentence() -> None:
    with pytest.raises(EmptyTextError, match="nothing to speak in '你好'"):
        saying("你好", "pt-BR")
    with pytest.raises(TextTooLongError, match="a text of 3000 characters; at most 2000"):
        saying("a" * 3000, "pt-BR")


@given(st.text(max_size=60), st.sampled_from(["pt-BR", "es", "en", "de"]))
def test_any_text_is_looked_through(written: str, language: str) -> None:
    told = unsaid(written, language)
    assert all(told.dropped) and all(said for _, said in told.replaced)
