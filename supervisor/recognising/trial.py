"""One engine, set up in one way, on all recordings: texts, times, and errors where known."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from stt.hallucinations import plain_words
from stt.recogniser import Hints, Recogniser, RecognitionStream, Transcript
from stt.word_errors import word_errors
from supervisor.recognising.recordings import Recording


@dataclass(frozen=True, slots=True)
class Take:
    """What was made of one recording. ``wrong`` of ``said`` words; None without a reference."""

    file: str
    duration_s: float
    took_s: float
    text: str
    confidence: float
    language: str | None = None
    wrong: int | None = None
    said: int = 0

    @property
    def real_time_factor(self) -> float:
        """Seconds of work for each second of audio."""
        return self.took_s / self.duration_s if self.duration_s else 0.0

    def document(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "file": self.file,
            "seconds": round(self.duration_s, 3),
            "took_ms": round(self.took_s * 1000, 1),
            "real_time_factor": round(self.real_time_factor, 4),
            "text": self.text,
            "confidence": round(self.confidence, 3),
            "language": self.language,
            "words_wrong": self.wrong,
            "words_said": self.said if self.wrong is not None else None,
        }


@dataclass(frozen=True, slots=True)
class Trial:
    """All takes of one set-up, which ``name`` describes."""

    name: str
    takes: tuple[Take, ...]

    @property
    def word_error_rate(self) -> float | None:
        """Wrong words for each word that was said; None where no reference has a word."""
        said = sum(take.said for take in self.takes if take.wrong is not None)
        return sum(take.wrong or 0 for take in self.takes) / said if said else None

    @property
    def real_time_factor(self) -> float:
        """Seconds of work for each second of audio, over all recordings."""
        audio_s = sum(take.duration_s for take in self.takes)
        return sum(take.took_s for take in self.takes) / audio_s if audio_s else 0.0

    def document(self) -> dict[str, Any]:
        """For JSON."""
        rate = self.word_error_rate
        return {
            "setup": self.name,
            "real_time_factor": round(self.real_time_factor, 4),
            "word_error_rate": None if rate is None else round(rate, 4),
            "takes": [take.document() for take in self.takes],
        }


async def run_trial(
    name: str,
    recogniser: Recogniser,
    recordings: Sequence[Recording],
    references: Mapping[str, str],
    *,
    language: str,
    hints: Hints,
) -> Trial:
    """Recognise one recording after another. Raises what the engine raises."""
    takes = []
    for recording in recordings:
        stream = recogniser.stream(language, hints, recording.rate_hz)
        began = time.perf_counter()
        transcripts = await _recognise(stream, recording)
        took_s = time.perf_counter() - began
        takes.append(_take(recording, transcripts, took_s, references.get(recording.path.name)))
    return Trial(name, tuple(takes))


async def _recognise(stream: RecognitionStream, recording: Recording) -> list[Transcript]:
    transcripts = []
    try:
        for piece in recording.pieces:
            stream.feed(piece)
            transcripts.append(await stream.result())
            stream.reset()
    finally:
        await stream.close()
    return transcripts


def _take(
    recording: Recording, heard: Sequence[Transcript], took_s: float, reference: str | None
) -> Take:
    text = " ".join(each.text for each in heard if each.text)
    sure = [each.confidence for each in heard if each.text]
    said = plain_words(reference or "").split()
    return Take(
        file=str(recording.path),
        duration_s=recording.duration_s,
        took_s=took_s,
        text=text,
        confidence=sum(sure) / len(sure) if sure else 0.0,
        language=next((each.language for each in heard if each.language), None),
        wrong=None if reference is None else word_errors(said, plain_words(text).split()),
        said=len(said),
    )
