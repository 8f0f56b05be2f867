"""Cloned voices at an engines process: recordings become latents, and latents speak."""

import base64
from dataclasses import replace
from http import HTTPStatus
from typing import Final

from aiohttp import web

from engines.admission import Priority
from engines.serving import SERVED, AnswerError, Served, Terms
from tts.cloning import LARGEST_LATENTS_BYTES, CloningError, VoiceCloner, digest_of
from tts.engine import Cast, Voice

UNKNOWN_VOICE: Final = HTTPStatus.FAILED_DEPENDENCY
"""424, a status of our own use: ask again with the latents."""
LARGEST_REFERENCE_BYTES: Final = 8 << 20
"""A minute of FLAC at 22,050 Hz has 2.7 MB at most."""
CLONING_S: Final = 60.0
_UNITS: Final = 100
"""Cloning counts like so many characters: XTTS takes a second for it on a CPU."""


def with_latents(served: Served, voice: Voice, sent: str | None) -> Voice:
    """A cloned voice as its engine needs it, with latents that are known or were ``sent`` (in
    base64). Raises :class:`~engines.serving.AnswerError`, with :data:`UNKNOWN_VOICE` for want of
    them."""
    if not isinstance(served.speech, VoiceCloner):
        raise AnswerError(404, f"the engine {_name(served)} speaks with no cloned voices")
    if sent is not None:
        _learn(served, voice.version, sent)
    latents = served.voices.latents(voice.version)
    if latents is None:
        raise AnswerError(UNKNOWN_VOICE, "this voice is not known here: ask with its latents")
    return replace(voice, latents=latents)


def _learn(served: Served, version: str, sent: str) -> None:
    try:
        latents = base64.b64decode(sent, validate=True)
    except ValueError:
        raise AnswerError(400, "latents are base64") from None
    if len(latents) > LARGEST_LATENTS_BYTES or digest_of(latents) != version:
        raise AnswerError(400, "these latents have another digest than version says")
    served.voices.learn(latents)


async def clone(request: web.Request) -> web.Response:
    """``POST /v1/voices``: a recording in, latents out; they are known here from then on."""
    served = request.app[SERVED]
    speech, _ = served.has_speech
    if not isinstance(speech, VoiceCloner):
        raise AnswerError(501, f"the engine {_name(served)} clones no voices")
    reference = await _body(request, LARGEST_REFERENCE_BYTES)
    async with served.place("tts", Terms(Priority.BACKGROUND, CLONING_S), _UNITS):
        try:
            latents = await speech.clone(reference)
        except CloningError as error:
            raise AnswerError(400, str(error)) from error
    digest = served.voices.learn(latents)
    headers = {"X-Voice-Version": digest}
    return web.Response(body=latents, content_type="application/octet-stream", headers=headers)


async def listed(request: web.Request) -> web.Response:
    """``GET /v1/voices``: the names that the engine itself has, in its order."""
    speech, _ = request.app[SERVED].has_speech
    names = list(speech.voices) if isinstance(speech, Cast) else []
    return web.json_response({"engine": speech.name, "voices": names})


async def forget(request: web.Request) -> web.Response:
    """``DELETE /v1/voices/DIGEST``: whose consent was revoked speaks no more."""
    served, digest = request.app[SERVED], request.match_info["digest"]
    served.voices.forget(digest)
    if isinstance(served.speech, VoiceCloner):
        served.speech.forget(digest)
    return web.Response(status=204)


async def _body(request: web.Request, most_bytes: int) -> bytes:
    data = bytearray()
    async for chunk in request.content.iter_any():
        data += chunk
        if len(data) > most_bytes:
            raise AnswerError(413, f"the body is larger than {most_bytes} bytes")
    if not data:
        raise AnswerError(400, "the body is empty")
    return bytes(data)


def _name(served: Served) -> str:
    return served.speech.name if served.speech is not None else "that is loading"
