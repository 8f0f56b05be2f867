"""From the audio of several utterances to what the model makes of each: all that computes."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import soxr

from stt.hallucinations import Heard
from stt.languages import restricted
from stt.whisper.hotwords import MOST_CHARACTERS, chosen, prompt_of
from stt.whisper.loading import Loaded
from stt.whisper.options import LONGEST_S, WHISPER_RATE_HZ, WhisperOptions
from stt.whisper.queue import GivenUpError

Samples: TypeAlias = npt.NDArray[np.int16]
Floats: TypeAlias = npt.NDArray[np.float32]

FRAMES_PER_S = 100
END_S = 0.5
"""Silence that a shortened window has after the audio, so that no last word is at its edge."""
_TOKENS_PER_S, _TOKENS_AT_ONCE, _MOST_TOKENS = 12, 16, 108
"""Enough for the fastest talker; a model that repeats itself would fill all 448."""
_ROUND_FROM, _ROUND_TO = 64, 32
"""Tokens of a prompt. The last words of 400 characters are the least likely ones."""
_FULL_WAITS_S = (0.02, 0.1, 0.4)
"""Before each further attempt; in all less than the patience of a step of a ladder (1.2 s)."""


@dataclass(frozen=True, slots=True)
class Request:
    """One utterance: int16 mono at ``rate_hz``, 30 s at most.

    ``languages`` are the model's codes to choose among, ``prior`` how likely each is beforehand.
    ``phrases`` are what is likely to be said, ``heard`` what was heard of it so far.
    """

    audio: Samples
    rate_hz: int
    languages: tuple[str, ...]
    prior: tuple[float, ...] = ()
    phrases: tuple[str, ...] = ()
    heard: str = ""

    @property
    def duration_s(self) -> float:
        """How long the audio is."""
        return len(self.audio) / self.rate_hz


@dataclass(frozen=True, slots=True)
class Decoded:
    """``detected`` is the model's own probability of each language, where it had a choice;
    ``language`` the one that was chosen in the light of the prior, ``likely`` how sure that is."""

    heard: Heard
    language: str
    likely: float = 1.0
    detected: dict[str, float] | None = None
    told: tuple[str, ...] = ()
    """The phrases that the model was told."""


@dataclass(frozen=True, slots=True)
class _Prompted:
    """A request, the phrases that the model is told, and these and its style as tokens."""

    request: Request
    phrases: tuple[str, ...]
    tokens: list[int]


class Decoding:
    """A model at work. Any thread may call it, several at once."""

    def __init__(self, loaded: Loaded, options: WhisperOptions) -> None:
        from faster_whisper import transcribe  # noqa: PLC0415 - an extra's users
        from faster_whisper.tokenizer import Tokenizer  # noqa: PLC0415

        self._library = transcribe
        self._whisper = loaded.model
        self._model = loaded.model.model
        self._options = options
        multilingual = self._model.is_multilingual
        self._tokenizer = cache(
            lambda language: Tokenizer(
                loaded.model.hf_tokenizer, multilingual, task="transcribe", language=language
            )
        )
        self._suppressed = self._library.get_suppressed_tokens(self._tokenizer("en"), [-1])

    def decode(
        self, requests: Sequence[Request], wanted: Callable[[], bool] = lambda: True
    ) -> list[Decoded]:
        """What is heard in each, in their order. Those whose prompts are equally long are computed
        together, which CTranslate2 demands of a batch (4.8); one by one where the GPU has not
        enough memory for that, and each again after 20, 100 and 400 ms where it has none for one.

        CTranslate2 cannot be stopped, but between its two halves, the encoder and the decoder,
        ``wanted`` is asked: raises :class:`~stt.whisper.queue.GivenUpError` where it says no.
        """
        answers: dict[int, Decoded] = {}
        groups: dict[int, list[int]] = {}
        prompted = [self._prompted(request) for request in requests]
        for number, each in enumerate(prompted):
            groups.setdefault(len(each.tokens), []).append(number)
        for numbers in groups.values():
            decoded = self._together([prompted[number] for number in numbers], wanted)
            answers.update(zip(numbers, decoded, strict=True))
        return [answers[number] for number in range(len(requests))]

    def _together(self, prompted: Sequence[_Prompted], wanted: Callable[[], bool]) -> list[Decoded]:
        if len(prompted) == 1:
            return self._patiently(prompted, wanted)
        try:
            return self._batch(prompted, wanted)
        except RuntimeError as failed:
            if not _is_full(failed):
                raise
            return [one for each in prompted for one in self._patiently([each], wanted)]

    def _patiently(
        self, prompted: Sequence[_Prompted], wanted: Callable[[], bool]
    ) -> list[Decoded]:
        """Where there is no memory others may give some back; CTranslate2 has then freed what it
        only cached."""
        for wait_s in _FULL_WAITS_S:
            try:
                return self._batch(prompted, wanted)
            except RuntimeError as failed:
                if not _is_full(failed):
                    raise
            time.sleep(wait_s)
        return self._batch(prompted, wanted)

    def _batch(self, prompted: Sequence[_Prompted], wanted: Callable[[], bool]) -> list[Decoded]:
        requests = [each.request for each in prompted]
        longest_s = max(request.duration_s for request in requests)
        frames = window_frames(longest_s, self._options.window_s)
        _go_on(wanted)
        features = np.stack([self.features(request, frames) for request in requests])
        _go_on(wanted)
        encoded = self._whisper.encode(features)
        _go_on(wanted)
        spoken = self._languages(requests, encoded)
        results = self._model.generate(
            encoded,
            [
                self._prompt(each.tokens, language)
                for each, (language, *_) in zip(prompted, spoken, strict=True)
            ],
            beam_size=self._options.beam,
            max_length=_token_allowance(longest_s),
            return_scores=True,
            return_no_speech_prob=True,
            suppress_tokens=self._suppressed,
        )
        return [
            Decoded(self._heard(result, language), language, likely, detected, each.phrases)
            for each, result, (language, likely, detected) in zip(
                prompted, results, spoken, strict=True
            )
        ]

    def features(self, request: Request, frames: int) -> Floats:
        """The log-mel spectrogram, shape (bands, ``frames``), silent after the audio's end: equal
        to that of the audio with digital silence behind it (OpenAI's short form), but cheaper."""
        floats = request.audio.astype(np.float32) / np.float32(32768)
        if request.rate_hz != WHISPER_RATE_HZ:
            floats = soxr.resample(floats, request.rate_hz, WHISPER_RATE_HZ)
        heard: Floats = self._whisper.feature_extractor(floats, padding=400)[:, :frames]
        silence = max(float(heard.max()) - 2.0, -1.5)  # 80 dB below the loudest, or 1e-10
        filled = np.full((heard.shape[0], frames), silence, np.float32)
        filled[:, : heard.shape[1]] = heard
        return filled

    def _languages(
        self, requests: Sequence[Request], encoded: Any
    ) -> list[tuple[str, float, dict[str, float] | None]]:
        if all(len(request.languages) == 1 for request in requests):
            return [(request.languages[0], 1.0, None) for request in requests]
        found = self._model.detect_language(encoded)
        return [
            _choice(request, {token[2:-2]: probability for token, probability in tokens})
            for request, tokens in zip(requests, found, strict=True)
        ]

    def _prompted(self, request: Request) -> _Prompted:
        style = self._options.prompt
        phrases = chosen(request.phrases, request.heard, MOST_CHARACTERS - len(style or ""))
        text = prompt_of(style, phrases)
        tokens = self._tokenizer("en").encode(f" {text}") if text else []
        return _Prompted(request, phrases, tokens[: _told_tokens(len(tokens))])

    def _prompt(self, told: list[int], language: str) -> list[int]:
        tokenizer = self._tokenizer(language)
        prompt: list[int] = self._whisper.get_prompt(tokenizer, told, without_timestamps=True)
        return prompt

    def _heard(self, result: Any, language: str) -> Heard:
        tokens = result.sequences_ids[0]
        text = self._tokenizer(language).decode(tokens).strip()
        return Heard(
            text=text,
            tokens=len(tokens),
            # CTranslate2's score is the mean without the token that ends the text, as in OpenAI's
            log_probability=result.scores[0] * len(tokens) / (len(tokens) + 1),
            no_speech=result.no_speech_prob,
            repetition=self._library.get_compression_ratio(text),
        )


def _is_full(failed: RuntimeError) -> bool:
    return "out of memory" in str(failed)


def _go_on(wanted: Callable[[], bool]) -> None:
    if not wanted():
        raise GivenUpError


def _choice(
    request: Request, detected: dict[str, float]
) -> tuple[str, float, dict[str, float] | None]:
    if len(request.languages) == 1:
        return request.languages[0], 1.0, None
    own = restricted(detected, request.languages)
    prior = request.prior or (1.0,) * len(own)
    weighed = {language: own[language] * p for language, p in zip(own, prior, strict=True)}
    likely = restricted(weighed, request.languages)
    best = max(likely, key=lambda language: likely[language])
    return best, likely[best], own


def window_frames(duration_s: float, window_s: int | None) -> int:
    """How many frames of 10 ms the encoder gets: a whole number of seconds."""
    if window_s is None:
        return LONGEST_S * FRAMES_PER_S
    needed_s = -int(-(duration_s + END_S) // 1)
    return min(max(needed_s, window_s), LONGEST_S) * FRAMES_PER_S


def _told_tokens(count: int) -> int:
    """How many of a prompt's tokens are used: of many a round number, so that utterances of several
    condominiums can be computed together."""
    return count if count < _ROUND_FROM else count - count % _ROUND_TO


def _token_allowance(duration_s: float) -> int:
    """Twice the number that is meant: CTranslate2 generates half of what it is allowed."""
    return 2 * min(_MOST_TOKENS, round(_TOKENS_AT_ONCE + _TOKENS_PER_S * duration_s))
