"""The routes of OpenAI's API that our engines answer: its clients can use them as they are."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from typing import Any, Final

import numpy as np
from aiohttp import BodyPartReader, web

from audiosocket.resampling import Resampler
from engines.admission import Priority, RefusedError
from engines.audio_files import (
    FILE_FORMATS,
    OPENAI_HZ,
    UnreadableAudioError,
    can_write,
    pieces,
    read,
    written,
)
from engines.recognition import open_stream, transcribed
from engines.serving import SERVED, AnswerError, Served, Terms, json_body
from engines.synthesis import Sound, sounding, stream, text_of, voice_of
from stt.recogniser import Hints, Transcript
from stt.vad import Samples
from tts.engine import SynthesisError

SLIN: Final = {"slin": 8000, "slin16": 16000}
"""Formats of our own: raw int16 mono for a telephone."""
FILE_HZ: Final = 16_000
LARGEST_FILE_BYTES: Final = 25 << 20
"""OpenAI's own limit."""
PRIORITY: Final = "X-Ramal-Priority"
"""A header: ``live`` or ``background``. These routes are background unless it says otherwise."""


async def speech(request: web.Request) -> web.StreamResponse:
    """``POST /v1/audio/speech``; ``pcm``, ``slin`` and ``slin16`` come as they are made."""
    fields = await json_body(request)
    text = text_of(fields, "input")
    wanted = fields.get("response_format", "mp3")
    if wanted not in ("pcm", *SLIN, *FILE_FORMATS):
        known = ", ".join(("pcm", *SLIN, *FILE_FORMATS))
        raise AnswerError(400, f"response_format is one of {known}, not {wanted!r}")
    if wanted in FILE_FORMATS and not can_write(wanted):
        raise AnswerError(400, f"this machine's libsndfile cannot write {wanted}; ask for wav")
    if fields.get("stream_format", "audio") != "audio":
        raise AnswerError(400, "stream_format is audio: there are no server-sent events here")
    served = request.app[SERVED]
    voice = voice_of(served, fields, SLIN.get(wanted, FILE_HZ))
    async with sounding(served, text, voice, _terms(request, fields)) as sound:
        if wanted == "pcm":
            chunks = _at_openais_rate(sound)
            return await stream(request, chunks, "audio/pcm", OPENAI_HZ)
        if wanted in SLIN:
            return await stream(request, sound.chunks(), "audio/x-slin", SLIN[wanted])
        return await _file(sound, wanted)


async def _at_openais_rate(sound: Sound) -> AsyncIterator[bytes]:
    resampler = Resampler(FILE_HZ, OPENAI_HZ)
    async for chunk in sound.chunks():
        yield resampler.process(np.frombuffer(chunk, "<i2").astype(np.int16)).tobytes()


async def _file(sound: Sound, wanted: str) -> web.Response:
    try:
        slin = b"".join([chunk async for chunk in sound.chunks()])
    except (SynthesisError, TimeoutError) as error:
        raise AnswerError(500, str(error) or "the engine stopped in mid-text") from error
    body = await asyncio.to_thread(written, slin, FILE_HZ, wanted)
    return web.Response(body=body, content_type=FILE_FORMATS[wanted][2])


async def transcriptions(request: web.Request) -> web.StreamResponse:
    """``POST /v1/audio/transcriptions``: ``json``, ``text`` or ``verbose_json``; with ``stream``,
    events as the pieces of the file are recognised."""
    fields, file = await _form(request)
    wanted = fields.get("response_format", "json")
    if wanted not in ("json", "text", "verbose_json"):
        raise AnswerError(400, f"response_format is json, text or verbose_json, not {wanted!r}")
    served = request.app[SERVED]
    language = fields.get("language", "pt-BR")
    rate_hz = served.has_recogniser.best_hz
    try:
        samples = await asyncio.to_thread(read, file, rate_hz)
    except UnreadableAudioError as error:
        raise AnswerError(400, str(error)) from error
    recognising = _recognised(served, samples, rate_hz, language, _terms(request, fields))
    if fields.get("stream", "").lower() == "true":
        return await _told_as_heard(request, recognising)
    heard = [each async for each in recognising]
    text = " ".join(each.text for _, _, each in heard if each.text)
    if wanted == "text":
        return web.Response(text=text + "\n")
    if wanted == "json":
        return web.json_response({"text": text})
    duration_s = len(samples) / rate_hz
    return web.json_response(_verbose(text, language, duration_s, heard))


async def models(request: web.Request) -> web.Response:
    """``GET /v1/models``: what is loaded, by the names that requests may give (and need not)."""
    served = request.app[SERVED]
    names = [each.name for each in (served.recogniser, served.speech) if each is not None]
    data = [{"id": name, "object": "model", "created": 0, "owned_by": "ramal"} for name in names]
    return web.json_response({"object": "list", "data": data})


def _terms(request: web.Request, fields: Mapping[str, Any]) -> Terms:
    """OpenAI's requests know neither priority nor deadline: ours may add both."""
    named = request.headers.get(PRIORITY)
    return Terms.of({**fields, **({"priority": named} if named else {})}, Priority.BACKGROUND)


async def _form(request: web.Request) -> tuple[dict[str, str], bytes]:
    if not request.content_type.startswith("multipart/"):
        raise AnswerError(400, "the body is multipart/form-data with a file")
    fields: dict[str, str] = {}
    file: bytes | None = None
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader) or part.name is None:
            raise AnswerError(400, "each part of the form has a name")
        if part.name == "file":
            file = await _read_part(part, LARGEST_FILE_BYTES)
        else:
            fields[part.name] = (await _read_part(part, 1 << 16)).decode(errors="replace")
    if file is None:
        raise AnswerError(400, "the form has no file")
    return fields, file


async def _read_part(part: BodyPartReader, most_bytes: int) -> bytes:
    data = bytearray()
    while chunk := await part.read_chunk(1 << 16):
        data += chunk
        if len(data) > most_bytes:
            raise AnswerError(413, f"{part.name} is larger than {most_bytes} bytes")
    return bytes(data)


_Heard = tuple[float, float, Transcript]
"""Start and end in seconds, and what was said between them."""


async def _recognised(
    served: Served, samples: Samples, rate_hz: int, language: str, terms: Terms
) -> AsyncIterator[_Heard]:
    at = 0
    for piece in pieces(samples, rate_hz):
        recogniser_stream, _ = open_stream(served, language, Hints(), rate_hz)
        try:
            recogniser_stream.feed(piece)
            seconds = len(piece) / rate_hz
            transcript = await transcribed(served, recogniser_stream, seconds, terms)
        finally:
            await recogniser_stream.close()
        yield at / rate_hz, (at + len(piece)) / rate_hz, transcript
        at += len(piece)


async def _told_as_heard(
    request: web.Request, recognising: AsyncIterator[_Heard]
) -> web.StreamResponse:
    """Server-sent events as OpenAI's; what fails before the first is an answer like any other."""
    first = await anext(recognising, None)
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    await response.prepare(request)
    text = ""
    try:
        async for _, _, heard in _again(first, recognising):
            if heard.text:
                delta = f" {heard.text}" if text else heard.text
                text += delta
                await _tell(response, "transcript.text.delta", delta=delta)
        await _tell(response, "transcript.text.done", text=text)
    except (AnswerError, RefusedError) as error:
        await _tell(response, "error", error={"message": str(error)})
    await response.write_eof()
    return response


async def _again(first: _Heard | None, rest: AsyncIterator[_Heard]) -> AsyncIterator[_Heard]:
    if first is not None:
        yield first
    async for each in rest:
        yield each


async def _tell(response: web.StreamResponse, kind: str, **facts: Any) -> None:
    event = json.dumps({"type": kind, **facts}, ensure_ascii=False)
    await response.write(f"event: {kind}\ndata: {event}\n\n".encode())


def _verbose(text: str, language: str, duration_s: float, heard: list[_Heard]) -> dict[str, Any]:
    segments = [
        {
            "id": number,
            "seek": 0,
            "start": start_s,
            "end": end_s,
            "text": each.text,
            "tokens": [],
            "temperature": 0.0,
            "avg_logprob": float(np.log(max(each.confidence, 1e-6))),
            "compression_ratio": 1.0,
            "no_speech_prob": 0.0 if each.text else 1.0,
        }
        for number, (start_s, end_s, each) in enumerate(heard)
    ]
    words = [
        {
            "word": word.text,
            "start": start_s + word.start_ms / 1000,
            "end": start_s + word.end_ms / 1000,
        }
        for start_s, _, each in heard
        for word in each.words
    ]
    whole = {"task": "transcribe", "language": language, "duration": duration_s, "text": text}
    return {**whole, "segments": segments, "words": words}
