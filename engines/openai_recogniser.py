"""Recognition by any server that speaks OpenAI's API: a whole utterance, sent when it is over."""

import asyncio
import io
from typing import Final

import aiohttp
import soundfile

from engines.origins import Origin, Origins, reason_of
from engines.remote_recogniser import WIDE_HZ, RecognitionFailedError, Utterance
from stt.hallucinations import plain_words
from stt.languages import choices
from stt.recogniser import TELEPHONE_HZ, Hints, Transcript
from stt.vad import Samples

DEFAULT_MODEL: Final = "whisper-1"
UNSURE: Final = 0.5
"""The confidence of a text whose server tells none."""
SHORTEST_S: Final = 0.1
_PROMPT_CHARACTERS: Final = 400
_NOTHING: Final = Transcript("", 0.0, final=False)


class OpenAiStream:
    """One caller's speech; ``partial`` is the last result, as with Whisper."""

    def __init__(
        self, engine: "OpenAiRecogniser", language: str, hints: Hints, rate_hz: int
    ) -> None:
        self._engine = engine
        self._language = language
        self._prompt = ", ".join(hints.phrases)[:_PROMPT_CHARACTERS] if hints.boost > 0 else ""
        self._rate_hz = rate_hz
        self._utterance = Utterance(rate_hz)
        self._partial = _NOTHING

    def feed(self, samples: Samples) -> None:
        """Keep it."""
        self._utterance.add(samples)

    @property
    def partial(self) -> Transcript:
        """The newest result."""
        return self._partial

    async def early(self) -> None:
        """Nothing: each text is a request that somebody pays for."""

    async def result(self) -> Transcript:
        """The text of all that was fed. Raises
        :class:`~engines.remote_recogniser.RecognitionFailedError`."""
        samples = self._utterance.whole()
        if len(samples) < SHORTEST_S * self._rate_hz:
            return Transcript("", 0.0, final=True)
        wav = await asyncio.to_thread(_wav, samples, self._rate_hz)
        text = await self._engine.transcribe(wav, self._language, self._prompt)
        heard_ms = len(samples) * 1000 // self._rate_hz
        self._partial = Transcript(text, UNSURE if text else 0.0, final=False, heard_ms=heard_ms)
        return Transcript(text, UNSURE if text else 0.0, final=True)

    def reset(self) -> None:
        """Forget the utterance."""
        self._utterance.clear()
        self._partial = _NOTHING

    async def close(self) -> None:
        """Nothing is kept open."""
        self.reset()


class OpenAiRecogniser:
    """Implements :class:`stt.recogniser.Recogniser`; ``patience_s`` for each result."""

    name = "openai"
    best_hz = WIDE_HZ

    def __init__(self, origins: Origins, *, patience_s: float, model: str | None = None) -> None:
        self._origins = origins
        self._patience_s = patience_s
        self._model = model or DEFAULT_MODEL

    def stream(self, language: str, hints: Hints, rate_hz: int = TELEPHONE_HZ) -> OpenAiStream:
        """A new utterance. Where several languages are open, the server finds out which it is."""
        open_ones = choices(language, ())
        code = open_ones[0].partition("-")[0].lower() if len(open_ones) == 1 else ""
        return OpenAiStream(self, code, hints, rate_hz)

    async def transcribe(self, wav: bytes, language: str, prompt: str) -> str:
        """Lower-case words, from the first server that has an answer in time.

        Raises :class:`~engines.remote_recogniser.RecognitionFailedError`.
        """
        reasons: list[str] = []
        for origin, share_s in self._origins.shares(self._patience_s):
            try:
                async with asyncio.timeout(share_s):
                    text = plain_words(await self._ask(origin, wav, language, prompt))
            except (aiohttp.ClientError, OSError, TimeoutError, RecognitionFailedError) as error:
                origin.failed()
                reasons.append(f"{origin.name}: {error or type(error).__name__}")
            else:
                origin.worked()
                return text
        raise RecognitionFailedError("; ".join(reasons))

    async def close(self) -> None:
        """End all connections."""
        await self._origins.close()

    async def _ask(self, origin: Origin, wav: bytes, language: str, prompt: str) -> str:
        form = aiohttp.FormData()
        form.add_field("file", wav, filename="utterance.wav", content_type="audio/wav")
        fields = {"model": self._model, "language": language, "response_format": "json"}
        for name, value in {**fields, "prompt": prompt}.items():
            if value:
                form.add_field(name, value)
        async with origin.session.post("audio/transcriptions", data=form) as answer:
            if answer.status != 200:
                raise RecognitionFailedError(await reason_of(answer))
            body = await answer.json(content_type=None)
        if not isinstance(body, dict) or not isinstance(body.get("text"), str):
            raise RecognitionFailedError("the answer has no text")
        return str(body["text"])


def _wav(samples: Samples, rate_hz: int) -> bytes:
    file = io.BytesIO()
    soundfile.write(file, samples, rate_hz, format="WAV", subtype="PCM_16")
    return file.getvalue()
