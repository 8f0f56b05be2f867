"""Speech from engines processes, ours or other machines': a ``TtsEngine`` over HTTP."""

import asyncio
import base64
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from typing import Any, Final

import aiohttp
import numpy as np

from audiosocket.resampling import Resampler
from engines.origins import Origin, Origins, reason_of
from engines.resuming import after
from engines.synthesis import ONLY_AHEAD, UNKNOWN_NAME
from engines.voices import UNKNOWN_VOICE
from tts.engine import (
    EngineBusyError,
    OnlyAheadError,
    RefusedTextError,
    SynthesisError,
    UnknownVoiceError,
    Voice,
    VoiceGoneError,
    is_in_background,
    take_number,
)

REMOTE: Final = "remote"
OPENAI: Final = "openai"
CHUNK_BYTES: Final = 4096
BACKGROUND_S: Final = 20.0
"""For each piece of sound of what nobody waits for: those on the line go first, and a large model
on a CPU takes its time."""
OPENAI_HZ: Final = 24_000
DEFAULT_MODEL: Final = "tts-1"
_HANG_SHARE: Final = 0.6
"""Of the time that the next piece may take, how much one server gets while there is another."""
_OWN_ERRORS: Final = {
    429: EngineBusyError,
    503: EngineBusyError,
    ONLY_AHEAD: OnlyAheadError,
    UNKNOWN_NAME: UnknownVoiceError,
}
_UNREACHABLE: Final = (aiohttp.ClientError, OSError, TimeoutError)


class _Refused(Exception):
    """A server answered, and not with sound."""

    def __init__(self, reason: str, status: int) -> None:
        super().__init__(reason)
        self.elsewhere = status >= 429 or status in (404, ONLY_AHEAD, UNKNOWN_NAME)
        """Another server may do it; what is wrong with the text or the key is wrong everywhere."""
        self.busy = status in (429, 503)
        self.status = status


FindLatents = Callable[[Voice], Awaitable[bytes | None]]


class RemoteSpeech:
    """Implements :class:`tts.engine.TtsEngine` over our own API.

    ``first_sound_s`` is the deadline of a request, for its first sound; ``stall_s`` how long the
    next piece may take. Where one server cannot, the next is asked; where it breaks off or hangs
    in mid-sentence, the next one goes on near that place. ``latents`` gives those of a cloned
    voice to a server that does not know them; ``None`` where it may not speak any more.
    """

    def __init__(
        self,
        origins: Origins,
        *,
        first_sound_s: float,
        stall_s: float,
        name: str = REMOTE,
        latents: FindLatents | None = None,
    ) -> None:
        self.name = name
        self._latents = latents
        self._origins = origins
        self._first_sound_s = first_sound_s
        self._stall_s = stall_s

    async def start(self) -> str:
        """Nothing is connected ahead: a server that is away now may be there for the call."""
        return ", ".join(origin.name for origin in self._origins.in_order())

    async def synthesise(self, text: str, voice: Voice) -> AsyncGenerator[bytes, None]:
        """See :meth:`tts.engine.TtsEngine.synthesise`; closing it closes the connection, which
        ends the work on the other side."""
        if not text.strip():
            raise SynthesisError("there is no text to speak")
        clock = asyncio.get_running_loop().time
        statuses: list[int] = []
        patience_s, usual_stall_s = self._first_sound_s, self._stall_s
        if is_in_background():
            patience_s = max(BACKGROUND_S, patience_s)
            usual_stall_s = max(BACKGROUND_S, usual_stall_s)
        deadline = clock() + patience_s
        reasons: list[str] = []
        busy = said_bytes = 0
        order = self._origins.in_order()
        for others, origin in zip(reversed(range(len(order))), order, strict=True):
            if (left_s := deadline - clock()) <= 0:
                break
            stall_s = usual_stall_s * (_HANG_SHARE if others else 1.0)
            try:
                share_s = left_s / (others + 1)
                async with (
                    aclosing(self._from(origin, text, voice, share_s, stall_s)) as whole,
                    aclosing(after(whole, said_bytes, voice)) as rest,
                ):
                    async for chunk in rest:
                        said_bytes += len(chunk)
                        deadline = clock() + usual_stall_s
                        yield chunk
                origin.worked()
                return
            except _Refused as refused:
                if not refused.elsewhere:
                    raise RefusedTextError(f"{origin.name}: {refused}") from refused
                busy += refused.busy
                statuses.append(refused.status)
                reasons.append(f"{origin.name}: {refused}")
            except _UNREACHABLE as error:
                origin.failed()
                told = str(error) or type(error).__name__
                reasons.append(f"{origin.name}{' broke off' if said_bytes else ''}: {told}")
        told = "; ".join(reasons)
        if len(statuses) == len(reasons) and len(set(statuses)) == 1:
            raise _OWN_ERRORS.get(statuses[0], SynthesisError)(told)
        raise EngineBusyError(told) if busy == len(reasons) else SynthesisError(told)

    async def close(self) -> None:
        """End all connections."""
        await self._origins.close()

    def request(self, text: str, voice: Voice, left_s: float) -> tuple[str, dict[str, Any]]:
        """Path and JSON of a request whose first sound is wanted in ``left_s``."""
        body = {
            "text": text,
            "voice": voice.name,
            "version": voice.version,
            "language": voice.language,
            "profile": voice.profile,
            "speed": voice.speed,
            "pitch": voice.pitch,
            "rate_hz": voice.rate_hz,
            "deadline_ms": max(1, round(left_s * 1000)),
            "take": take_number(),
            "priority": "background" if is_in_background() else "live",
        }
        return "v1/synthesis", body

    def rate_hz(self, voice: Voice) -> int:
        """Of what the server sends."""
        return voice.rate_hz

    async def _from(
        self, origin: Origin, text: str, voice: Voice, first_s: float, stall_s: float
    ) -> AsyncGenerator[bytes, None]:
        deadline = asyncio.get_running_loop().time() + first_s
        async with self._answer(origin, text, voice, deadline) as answer:
            async for chunk in self._slin(answer, voice, deadline, stall_s):
                yield chunk

    @asynccontextmanager
    async def _answer(
        self, origin: Origin, text: str, voice: Voice, deadline: float
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        left_s = deadline - asyncio.get_running_loop().time()
        path, body = self.request(text, voice, left_s)
        async with asyncio.timeout_at(deadline):
            answer = await origin.session.post(path, json=body)
            if answer.status == UNKNOWN_VOICE and self._latents is not None:
                answer.close()
                body |= await self._introduced(voice, self._latents)
                answer = await origin.session.post(path, json=body)
        try:
            if answer.status != 200:
                reason = await asyncio.wait_for(reason_of(answer), 1.0)
                raise _Refused(reason, answer.status)
            yield answer
        finally:
            answer.close()

    async def _introduced(self, voice: Voice, latents: FindLatents) -> dict[str, str]:
        """What tells a server how a cloned voice sounds: sent once, while it is used there."""
        found = voice.latents or await latents(voice)
        if found is None:
            raise VoiceGoneError(f"the voice {voice.name} may not speak any more")
        return {"latents": base64.b64encode(found).decode()}

    async def _slin(
        self, answer: aiohttp.ClientResponse, voice: Voice, deadline: float, stall_s: float
    ) -> AsyncIterator[bytes]:
        """Whole samples at the voice's rate, in small pieces as they come."""
        resampler = Resampler(self.rate_hz(voice), voice.rate_hz)
        clock = asyncio.get_running_loop().time
        odd, limit = b"", deadline
        while True:
            async with asyncio.timeout_at(limit):
                data = await answer.content.read(CHUNK_BYTES)
            if not data:
                return
            limit = clock() + stall_s
            data, odd = _even(odd + data)
            samples = np.frombuffer(data, "<i2").astype(np.int16)
            if sound := resampler.process(samples).astype("<i2").tobytes():
                yield sound


class OpenAiSpeech(RemoteSpeech):
    """The same over OpenAI's API, which streams 24 kHz; ``voice`` and ``model`` are the server's.

    A caller's voice is not known there: its name is left out, its speed kept.
    """

    def __init__(
        self,
        origins: Origins,
        *,
        first_sound_s: float,
        stall_s: float,
        voice: str,
        model: str | None = None,
    ) -> None:
        super().__init__(origins, first_sound_s=first_sound_s, stall_s=stall_s, name=OPENAI)
        self._voice = voice
        self._model = model or DEFAULT_MODEL

    def request(self, text: str, voice: Voice, left_s: float) -> tuple[str, dict[str, Any]]:
        """See :meth:`RemoteSpeech.request`."""
        body = {
            "model": self._model,
            "input": text,
            "voice": self._voice,
            "speed": voice.pace,
            "response_format": "pcm",
        }
        return "audio/speech", body

    def rate_hz(self, voice: Voice) -> int:
        """See :meth:`RemoteSpeech.rate_hz`."""
        return OPENAI_HZ


def _even(data: bytes) -> tuple[bytes, bytes]:
    whole = len(data) // 2 * 2
    return data[:whole], data[whole:]
