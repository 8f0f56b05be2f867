"""Which language is spoken, where the extension leaves it open."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from stt.languages import LanguageEvidence, choices, restricted
from stt.recogniser import Hints
from tests.speech import say

pytest.importorskip("faster_whisper", reason="the whisper extra is not installed")

from stt.whisper import WhisperOptions, WhisperRecogniser
from tests.stt.scripted_whisper import write_model

ALLOWED = ("pt-BR", "en", "es")


@pytest.mark.parametrize(
    ("language", "open_ones"),
    [
        ("pt-BR", ("pt-BR",)),
        ("auto", ALLOWED),
        ("AUTO", ALLOWED),
        ("auto:pt-BR, en", ("pt-BR", "en")),
        ("auto:", ALLOWED),
    ],
)
def test_a_language_is_one_or_leaves_several_open(
    language: str, open_ones: tuple[str, ...]
) -> None:
    assert choices(language, ALLOWED) == open_ones


def test_a_detector_is_asked_about_the_allowed_languages_alone() -> None:
    heard = {"gl": 0.6, "pt": 0.3, "en": 0.1}
    assert restricted(heard, ("pt", "en")) == pytest.approx({"pt": 0.75, "en": 0.25})
    assert restricted(heard, ("fi", "sv")) == {"fi": 0.5, "sv": 0.5}


def test_a_caller_keeps_a_language_through_a_doubtful_word() -> None:
    evidence = LanguageEvidence()
    evidence.note(1, {"pt": 0.95, "es": 0.05}, 3.0)
    doubtful = {"pt": 0.3, "es": 0.7}
    assert evidence.weigh(doubtful)["pt"] > 0.8


def test_a_caller_can_change_over() -> None:
    evidence = LanguageEvidence()
    for utterance in range(20):
        evidence.note(utterance, {"pt": 0.99, "en": 0.01}, 3.0)
    assert evidence.weigh({"pt": 0.02, "en": 0.98})["en"] > 0.5


def test_a_short_utterance_is_weak_evidence() -> None:
    long, short = LanguageEvidence(), LanguageEvidence()
    long.note(1, {"pt": 0.9, "en": 0.1}, 2.0)
    short.note(1, {"pt": 0.9, "en": 0.1}, 0.2)
    even = {"pt": 0.5, "en": 0.5}
    assert 0.5 < short.weigh(even)["pt"] < 0.6 < long.weigh(even)["pt"]


def test_an_utterance_is_no_evidence_for_itself_and_counts_once() -> None:
    evidence = LanguageEvidence()
    for _ in range(5):
        evidence.note(1, {"pt": 0.6, "en": 0.4}, 3.0)
    even = {"pt": 0.5, "en": 0.5}
    assert evidence.weigh(even, 1) == even
    assert evidence.weigh(even, 2)["pt"] == pytest.approx(0.6)


@pytest.fixture
async def spanish(tmp_path: Path) -> AsyncIterator[WhisperRecogniser]:
    """Hears Spanish with e^0.8 times the weight of Portuguese, and Galician above all."""
    beliefs = {"x0": 0.6, "es": 0.1, "pt": 0.0, "en": -1.0}
    model = write_model(tmp_path / "model", ("Sí.",), **beliefs)
    opened = await WhisperRecogniser.open(WhisperOptions(str(model), device="cpu", workers=1))
    yield opened
    await opened.close()


async def test_a_transcript_says_what_was_spoken_where_that_was_open(
    spanish: WhisperRecogniser,
) -> None:
    stream = spanish.stream("auto", Hints())
    stream.feed(say("sí, señor"))
    result = await stream.result()
    assert result.language == "es"
    assert result.language_probability == pytest.approx(0.69, abs=0.02)
    assert stream.partial.language == "es"
    certain = spanish.stream("pt-BR", Hints())
    certain.feed(say("sim"))
    assert (await certain.result()).language is None


async def test_auto_hears_a_listed_language_only(spanish: WhisperRecogniser) -> None:
    stream = spanish.stream("auto:en,pt-BR", Hints())
    stream.feed(say("sí, señor"))
    assert (await stream.result()).language == "pt-BR"


async def test_what_a_caller_spoke_before_decides_a_close_race(
    spanish: WhisperRecogniser,
) -> None:
    evidence = LanguageEvidence()
    evidence.note("before", {"pt": 0.95, "en": 0.02, "es": 0.03}, 3.0)
    stream = spanish.stream("auto", Hints(evidence=evidence))
    stream.feed(say("sí, señor"))
    first = await stream.result()
    assert first.language == "pt-BR"
    assert await stream.result() == first  # its own first look is no evidence
    assert evidence.weigh({"pt": 0.5, "es": 0.5})["pt"] < 0.97


async def test_a_language_that_auto_may_not_choose_is_refused(spanish: WhisperRecogniser) -> None:
    with pytest.raises(ValueError, match="'tlh'"):
        spanish.stream("auto:pt-BR,tlh", Hints())
