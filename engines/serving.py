"""What an engines process serves, and under which conditions: shared by all its routes."""

import asyncio
import hmac
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from aiohttp import web

from engines.admission import Admission, Place, Priority, RefusedError
from engines.counting import EngineFigures
from engines.known_voices import KnownVoices
from engines.lost_device import DeviceWatch
from stt.recogniser import Recogniser
from tts.engine import TtsEngine, Voice

LIVE_DEADLINE_S: Final = 3.0
"""Where a live request names none: a caller who waits longer hangs up or repeats himself."""
BACKGROUND_DEADLINE_S: Final = 60.0
LONGEST_DEADLINE_S: Final = 600.0
SLOWEST_LIVE: Final = 1.5
"""Seconds for a second of speech: more is no hurry of the machine at the start, but too slow."""
OPEN_PATHS: Final = frozenset({"/healthz", "/readyz"})


@dataclass(slots=True)
class Served:
    """The engines of this process; those that are still loading, or that it has not, are None.

    ``make_voice`` gives the voice of a name, or the settings' own.
    """

    kinds: frozenset[str]
    token: str | None = None
    recogniser: Recogniser | None = None
    speech: TtsEngine | None = None
    make_voice: Callable[[str | None], Voice] | None = None
    listening: Admission = field(default_factory=lambda: Admission(2))
    speaking: Admission = field(default_factory=lambda: Admission(2))
    figures: EngineFigures = field(default_factory=EngineFigures)
    slowness: float = 0.0
    """Seconds that a second of speech takes, when one text alone is spoken."""
    voices: KnownVoices = field(default_factory=KnownVoices)
    watches_device: bool = True
    device: DeviceWatch = field(default_factory=DeviceWatch)
    device_lost: asyncio.Event = field(default_factory=asyncio.Event)
    """Set once every request to the engines would fail until the process ends."""

    @property
    def is_slow(self) -> bool:
        """Whether speech takes longer to make than to hear, so that no call can use it."""
        return self.slowness > SLOWEST_LIVE

    @property
    def missing(self) -> list[str]:
        """Engines that this process is to have and that are not warm yet."""
        ready = {"stt": self.recogniser is not None, "tts": self.speech is not None}
        return [kind for kind in sorted(self.kinds) if not ready[kind]]

    @property
    def has_recogniser(self) -> Recogniser:
        """Raises :class:`AnswerError`."""
        if self.recogniser is None:
            raise self._absent("stt")
        return self.recogniser

    @property
    def has_speech(self) -> "tuple[TtsEngine, Callable[[str | None], Voice]]":
        """Raises :class:`AnswerError`."""
        if self.speech is None or self.make_voice is None:
            raise self._absent("tts")
        return self.speech, self.make_voice

    def _absent(self, kind: str) -> "AnswerError":
        if kind in self.kinds:
            return AnswerError(503, f"the {kind} engine is loading", retry_after_s=1)
        return AnswerError(404, f"this process has no {kind} engine")

    @asynccontextmanager
    async def place(self, kind: str, terms: "Terms", units: float) -> AsyncIterator[Place]:
        """A place at an engine, counted. Raises :class:`~engines.admission.RefusedError`."""
        admission = self.listening if kind == "stt" else self.speaking
        labels = {"kind": kind, "priority": terms.priority.name.lower()}
        began = time.monotonic()
        outcome = "cancelled"
        try:
            async with admission.place(terms.priority, units, terms.deadline_s) as place:
                yield place
                took_s = time.monotonic() - began
            outcome = "done" if place.error is None else "failed"
            if place.error is None:
                self.device.worked()
            else:
                self._failed(place.error)
            if not place.is_answered:
                self.figures.answer_seconds.labels(**labels).observe(took_s)
        except RefusedError:
            outcome = "refused"
            raise
        except Exception as error:
            outcome = "failed"
            self._failed(error)
            raise
        finally:
            self.figures.requests.labels(**labels, outcome=outcome).inc()

    def _failed(self, error: Exception) -> None:
        """An engine did not do what it was asked."""
        if self.watches_device:
            self.device.failed(error)
        if self.device.reason is not None:
            self.device_lost.set()

    def sounded(self, place: Place, terms: "Terms", began: float) -> None:
        """The first sound of a synthesis that began then is there."""
        place.answered()
        labels = {"kind": "tts", "priority": terms.priority.name.lower()}
        self.figures.answer_seconds.labels(**labels).observe(time.monotonic() - began)


SERVED: Final = web.AppKey("served", Served)


@dataclass(frozen=True, slots=True)
class Terms:
    """How urgent a request is; ``deadline_s`` from now, for the answer or its first sound."""

    priority: Priority = Priority.LIVE
    deadline_s: float = LIVE_DEADLINE_S

    @classmethod
    def of(cls, fields: Mapping[str, Any], priority: Priority = Priority.LIVE) -> "Terms":
        """From ``priority`` and ``deadline_ms``. Raises :class:`AnswerError`."""
        named = fields.get("priority", priority.name.lower())
        if named not in ("live", "background"):
            raise AnswerError(400, f"priority is live or background, not {named!r}")
        chosen = Priority.LIVE if named == "live" else Priority.BACKGROUND
        usual_s = LIVE_DEADLINE_S if chosen is Priority.LIVE else BACKGROUND_DEADLINE_S
        deadline_s = number(fields, "deadline_ms", usual_s * 1000, 1, LONGEST_DEADLINE_S * 1000)
        return cls(chosen, deadline_s / 1000)


class AnswerError(Exception):
    """A request that is answered with ``status`` and a sentence."""

    def __init__(self, status: int, reason: str, *, retry_after_s: float | None = None) -> None:
        super().__init__(reason)
        self.status = status
        self.retry_after_s = retry_after_s


def number(
    fields: Mapping[str, Any], name: str, default: float, least: float, most: float
) -> float:
    """A number of a request, in bounds. Raises :class:`AnswerError`."""
    try:
        value = float(fields.get(name, default))
    except (TypeError, ValueError):
        raise AnswerError(400, f"{name} is a number, not {fields[name]!r}") from None
    if not least <= value <= most:
        raise AnswerError(400, f"{name} is between {least:g} and {most:g}, not {value:g}")
    return value


async def json_body(request: web.Request) -> dict[str, Any]:
    """A request's JSON object. Raises :class:`AnswerError`."""
    try:
        body = await request.json()
    except (ValueError, UnicodeDecodeError):
        body = None
    if not isinstance(body, dict):
        raise AnswerError(400, "the body is a JSON object")
    return body


Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@web.middleware
async def answer_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Everything that goes wrong is JSON as OpenAI's clients read it, with our sentence in it."""
    try:
        _let_in(request)
        return await handler(request)
    except AnswerError as error:
        return problem(error.status, str(error), error.retry_after_s)
    except RefusedError as refused:
        return problem(503, str(refused), refused.retry_after_s)
    except web.HTTPException as error:
        return problem(error.status, error.text or error.reason)


def problem(status: int, reason: str, retry_after_s: float | None = None) -> web.Response:
    """The answer that says so."""
    kind = {401: "authentication_error", 503: "overloaded_error", 504: "timeout_error"}
    error = {"message": reason, "type": kind.get(status, "invalid_request_error")}
    headers = {"Retry-After": f"{retry_after_s:.0f}"} if retry_after_s is not None else {}
    body = {"error": {**error, "param": None, "code": None}}
    return web.json_response(body, status=status, headers=headers, dumps=_dumps)


def _dumps(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _let_in(request: web.Request) -> None:
    token = request.app[SERVED].token
    if token is None or request.path in OPEN_PATHS:
        return
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not hmac.compare_digest(given.encode(errors="replace"), token.encode()):
        raise AnswerError(401, "this needs the engines' token: Authorization: Bearer TOKEN")
