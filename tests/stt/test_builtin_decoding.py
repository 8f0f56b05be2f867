"""Decoding made-up scores: what the words and the directory do to them."""

import numpy as np
import pytest

from stt.builtin.alignment import align
from stt.builtin.alphabet import CLASS_OF, CLASSES, spell
from stt.builtin.bias import heard_as
from stt.builtin.decoder import Decoder, greedy_transcript
from stt.builtin.greedy import greedy_words, overall_confidence
from stt.recogniser import Hints, Transcript


def scores_of(text: str, sure: float = 0.95, doubt: dict[int, str] | None = None) -> np.ndarray:
    """Scores that spell ``text``: each character in one frame, blanks between, 60 ms apart.

    ``doubt`` gives, for a position, a character that is nearly as likely there.
    """
    frames = np.full((3 * len(text) + 6, CLASSES), 1e-4)
    frames[:, 0] = sure
    for i, char in enumerate(text):
        row = frames[3 * i + 3]
        row[0] = 1e-3
        row[CLASS_OF[char]] = sure
        if doubt and i in doubt:
            row[CLASS_OF[doubt[i]]] = sure * 0.6
    return np.log(frames / frames.sum(1, keepdims=True)).astype(np.float32)


def decoder(*phrases: str, boost: float = 1.0, language: str = "pt-BR") -> Decoder:
    return Decoder(language, Hints(phrases, boost), delay_steps=0)


def final(of: Decoder, scores: np.ndarray) -> Transcript:
    return of.final(of.advance(None, scores), scores)


def test_greedy_takes_the_likeliest_character_of_each_frame() -> None:
    words = greedy_words(scores_of("pode subir"))
    assert [word.text for word in words] == ["pode", "subir"]


def test_words_carry_their_times() -> None:
    first, second = greedy_words(scores_of("oi sim"), delay_steps=3)
    assert (first.start_ms, first.end_ms) == (0, 80)
    assert second.start_ms == (3 * 3 + 3 - 3) * 20


def test_confidence_falls_with_the_scores() -> None:
    sure = overall_confidence(greedy_words(scores_of("bom dia", 0.99)))
    unsure = overall_confidence(greedy_words(scores_of("bom dia", 0.6)))
    assert 0 < unsure < sure <= 1


def test_known_words_win_over_misspelt_ones() -> None:
    scores = scores_of("pode lubir", doubt={5: "s"})
    assert greedy_transcript(scores, 0).text == "pode lubir"
    assert final(decoder(), scores).text == "pode subir"


def test_a_name_of_the_directory_wins_when_it_is_nearly_heard() -> None:
    scores = scores_of("vim visitar a delise", doubt={16: "n"})
    assert final(decoder(), scores).text != "vim visitar a denise"
    assert final(decoder("denise furtado"), scores).text == "vim visitar a denise"


def test_no_boost_means_no_bias() -> None:
    scores = scores_of("vim visitar a delise", doubt={16: "n"})
    plain = final(decoder(), scores).text
    assert final(decoder("denise furtado", boost=0), scores).text == plain


def test_the_directory_does_not_invent_names() -> None:
    transcript = final(decoder("simone simões", "paulo prado"), scores_of("sim pode subir"))
    assert transcript.text == "sim pode subir"


@pytest.mark.parametrize(
    ("written", "heard"),
    [("hugo", "ugo"), ("wagner", "vagner"), ("thiago", "tiago"), ("sônia", "sonia")],
)
def test_names_are_heard_as_they_sound(written: str, heard: str) -> None:
    assert heard in heard_as(written)
    scores = scores_of(f"quero falar com {heard}")
    assert final(decoder(written), scores).text == f"quero falar com {written}"


def test_accents_missing_in_the_directory_do_not_matter() -> None:
    found = final(decoder("eloa medeiros"), scores_of("eloá medeiros"))
    assert spell(found.text) in ("eloa medeiros", "eloá medeiros")


def test_blank_scores_have_no_text_and_no_confidence() -> None:
    blank = np.full((50, CLASSES), -9.0, np.float32)
    blank[:, 0] = -0.001
    transcript = final(decoder("ana"), blank)
    assert (transcript.text, transcript.confidence, transcript.words) == ("", 0.0, ())


def test_english_gets_its_apostrophes_back() -> None:
    assert final(decoder(language="en-US"), scores_of("im at the gate")).text == "i'm at the gate"


def test_a_text_longer_than_the_scores_cannot_be_aligned() -> None:
    assert align(scores_of("oi")[:3], "uma frase muito longa", 0) == ()


def test_hints_of_odd_characters_do_no_harm() -> None:
    odd = decoder("", "  ", "ACME & Filhos Ltda.", "日本", "501-B")
    transcript = final(odd, scores_of("bom dia"))
    assert transcript.text == "bom dia"


def test_the_search_gives_the_same_in_pieces_as_at_once() -> None:
    scores = scores_of("quero falar com delise do bloco b", doubt={18: "n"})
    searching = decoder("denise")
    beam = searching.advance(None, scores[:0])
    for start in range(0, len(scores), 5):
        beam = searching.advance(beam, scores[start : start + 5])
        searching.partial(beam, scores[: start + 5])
    assert searching.final(beam, scores) == final(searching, scores)


def test_partial_text_is_led_by_words_too() -> None:
    scores = scores_of("pode lubir", doubt={5: "s"})
    searching = decoder()
    transcript = searching.partial(searching.advance(None, scores), scores)
    assert transcript.text == "pode subir"
    assert transcript.confidence > 0
