"""``POST /v1/synthesis``: text in, slin out as it is made; closing the connection cancels it."""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing, asynccontextmanager, suppress
from dataclasses import replace
from http import HTTPStatus
from typing import Any, Final

from aiohttp import web

from engines.admission import Place, Priority, RefusedError
from engines.serving import SERVED, AnswerError, Served, Terms, json_body, number
from engines.voices import with_latents
from tts.cloning import CLONED
from tts.engine import (
    EngineBusyError,
    RefusedTextError,
    SynthesisError,
    UnknownVoiceError,
    Voice,
    another_take,
)
from tts.profiles import PROFILES, ProfileName

LONGEST_TEXT: Final = 4096
"""Characters, as in OpenAI's API."""
STALL_LIMIT_S: Final = 20.0
"""An engine that gives nothing for so long in mid-text has failed."""
RATES_HZ: Final = (8000, 16000)
ONLY_AHEAD: Final = HTTPStatus.TOO_EARLY
"""425, a status of our own use: this engine makes prompts ahead, and speaks in no call."""
UNKNOWN_NAME: Final = HTTPStatus.NOT_ACCEPTABLE
"""406: the engine is well, and has no voice of this name."""
MOST_TAKES: Final = 1000


def text_of(fields: Mapping[str, Any], name: str) -> str:
    """The text to speak. Raises :class:`~engines.serving.AnswerError`."""
    text = fields.get(name)
    if not isinstance(text, str) or not text.strip():
        raise AnswerError(400, f"{name} is the text to speak, and is not empty")
    if len(text) > LONGEST_TEXT:
        raise AnswerError(400, f"{name} has {len(text)} characters; {LONGEST_TEXT} are the most")
    return text


def voice_of(served: Served, fields: Mapping[str, Any], rate_hz: int) -> Voice:
    """The voice that a request asks for; a cloned one has its latents.

    Raises :class:`~engines.serving.AnswerError`.
    """
    _, make_voice = served.has_speech
    name = _word(fields, "voice")
    is_cloned = name is not None and name.startswith(CLONED)
    voice = make_voice(None if is_cloned else name)
    if name is not None and is_cloned:
        version = _word(fields, "version") or ""
        voice = with_latents(
            served, replace(voice, name=name, version=version), _word(fields, "latents")
        )
    return replace(
        voice,
        language=_word(fields, "language") or voice.language,
        profile=_profile(fields, voice.profile),
        speed=number(fields, "speed", voice.speed, 0.25, 4.0),
        pitch=number(fields, "pitch", voice.pitch, 0.0, 1.0),
        rate_hz=rate_hz,
    )


def _word(fields: Mapping[str, Any], name: str) -> str | None:
    word = fields.get(name)
    if word is not None and not isinstance(word, str):
        raise AnswerError(400, f"{name} is a text, not {word!r}")
    return word or None


def _profile(fields: Mapping[str, Any], usual: ProfileName) -> ProfileName:
    given = _word(fields, "profile")
    for name in PROFILES:
        if given == name:
            return name
    if given is not None:
        raise AnswerError(400, f"profile is one of {', '.join(PROFILES)}, not {given!r}")
    return usual


class Sound:
    """A synthesis that has its first sound; iterate :meth:`chunks` for all of it."""

    def __init__(self, first: bytes, rest: AsyncGenerator[bytes, None], place: Place) -> None:
        self._first = first
        self._rest = rest
        self._place = place

    async def chunks(self) -> AsyncIterator[bytes]:
        """Slin as it is made. Raises :class:`tts.engine.SynthesisError` and ``TimeoutError``."""
        yield self._first
        while True:
            await self._place.give_way()
            try:
                async with asyncio.timeout(STALL_LIMIT_S):
                    chunk = await anext(self._rest)
            except StopAsyncIteration:
                return
            except SynthesisError as error:
                self._place.error = error  # whoever reads this may take it for an end
                raise
            yield chunk


@asynccontextmanager
async def sounding(served: Served, text: str, voice: Voice, terms: Terms) -> AsyncIterator[Sound]:
    """A synthesis from its first sound on; it is cancelled where the block is left early.

    Raises :class:`~engines.admission.RefusedError`, and :class:`~engines.serving.AnswerError`
    where the deadline passes or the engine fails before anything is heard.
    """
    engine, _ = served.has_speech
    if served.is_slow and terms.priority is Priority.LIVE:
        raise AnswerError(ONLY_AHEAD, f"it takes {served.slowness:.1f} s for 1 s of speech here")
    began = time.monotonic()
    async with (
        served.place("tts", terms, len(text)) as place,
        aclosing(engine.synthesise(text, voice)) as rest,
    ):
        try:
            async with asyncio.timeout(terms.deadline_s - (time.monotonic() - began)):
                first = await anext(rest)
        except TimeoutError:
            late = f"there was no sound within {terms.deadline_s:.2f} s"
            raise AnswerError(504, late) from None
        except StopAsyncIteration:
            raise AnswerError(500, "the engine made no sound") from None
        except EngineBusyError as busy:
            raise RefusedError(str(busy), 0.0) from busy
        except UnknownVoiceError as error:
            raise AnswerError(UNKNOWN_NAME, str(error)) from error
        except RefusedTextError as error:
            raise AnswerError(422, str(error)) from error
        except SynthesisError as error:
            raise AnswerError(500, str(error)) from error
        served.sounded(place, terms, began)
        yield Sound(first, rest, place)


async def synthesise(request: web.Request) -> web.StreamResponse:
    """The handler of ``POST /v1/synthesis``: ``text``, ``voice`` (a cloned one with its
    ``version`` and, where they are not known, ``latents``), ``language``, ``profile``, ``speed``,
    ``pitch``, ``rate_hz``, ``take``, ``priority``, ``deadline_ms``."""
    fields = await json_body(request)
    text = text_of(fields, "text")
    rate_hz = fields.get("rate_hz", RATES_HZ[0])
    if rate_hz not in RATES_HZ:
        raise AnswerError(400, f"rate_hz is 8000 or 16000, not {rate_hz!r}")
    served = request.app[SERVED]
    voice = voice_of(served, fields, rate_hz)
    terms = Terms.of(fields, Priority.LIVE)
    take = int(number(fields, "take", 0, 0, MOST_TAKES))
    with another_take(take):
        async with sounding(served, text, voice, terms) as sound:
            return await stream(request, sound.chunks(), "audio/x-slin", rate_hz)


async def stream(
    request: web.Request, chunks: AsyncIterator[bytes], content_type: str, rate_hz: int
) -> web.StreamResponse:
    """Send audio as it comes; one that breaks off leaves the answer without its proper end."""
    headers = {"Content-Type": content_type, "X-Sample-Rate": str(rate_hz)}
    response = web.StreamResponse(headers=headers)
    await response.prepare(request)
    try:
        async for chunk in chunks:
            await response.write(chunk)
    except ConnectionResetError:  # the client left, which our server tells a moment later
        return response
    except (SynthesisError, TimeoutError):
        if request.transport is not None:
            request.transport.abort()
        return response
    with suppress(ConnectionResetError):
        await response.write_eof()
    return response
