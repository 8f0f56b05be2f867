"""The way of every request with a key: who it is, whether they may, what they ask, and the audit.

Everything here is the same for all endpoints; what is special is in their declarations.
"""

import asyncio
import hashlib
import re
import time
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Final

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler
from pydantic import BaseModel, ValidationError

from supervisor.api.addresses import ADDRESS
from supervisor.api.backend import Backend
from supervisor.api.endpoint import (
    IDEMPOTENCY_KEY,
    JSON,
    RANKS,
    Answer,
    Ask,
    Change,
    Endpoint,
    Knock,
    Receive,
)
from supervisor.api.limits import RateLimit, Share
from supervisor.api.principal import Principal
from supervisor.api.problems import Problem, invalid, wrong
from supervisor.api.trail import Trail
from supervisor.database.api_keys import MARK, check_key
from supervisor.database.audit import Access, write_accesses
from supervisor.database.idempotency import Kept, claim, keep
from supervisor.database.pool import Connection
from supervisor.database.sessions import user_of_session
from supervisor.database.tenancy import scoped

WHO: Final = web.RequestKey("who", Principal)
SHARE: Final = web.RequestKey("share", Share)
REQUEST_ID: Final = web.RequestKey("request_id", str)
AUDITED: Final = web.RequestKey("audited", bool)
BODY_LIMIT_S: Final = 10.0
LONGEST_PATH: Final = 500
"""Characters of a path that the audit log keeps."""
MERGE: Final = "application/merge-patch+json"


class Gate:
    """Turns endpoints into handlers for aiohttp."""

    def __init__(self, backend: Backend, limit: RateLimit, trail: Trail) -> None:
        self._backend = backend
        self._limit = limit
        self._trail = trail

    def handler(self, endpoint: Endpoint) -> Handler:
        """What answers the endpoint's requests; raises ``Problem`` and database errors."""

        async def answer(request: web.Request) -> web.StreamResponse:
            form = endpoint.form is not None
            raw = b"" if form else await _read(request, endpoint.largest_bytes)
            if endpoint.receive is not None:
                return await self._receive(endpoint, endpoint.receive, request, raw)
            async with self._backend.acquire() as connection:
                who = await self._authenticate(request, connection)
                _authorise(endpoint, who)
                _check_headers(endpoint, request)
                query = _query(endpoint.query, request)
                body = _body(endpoint.body, request, raw)
                ask = Ask(request, self._backend, who, connection, query, body)
                if endpoint.handle is not None:
                    response = await _perform(endpoint, ask, raw)
                    if ask.changes:
                        request[AUDITED] = True  # in the transaction of the change
                    return response
            if endpoint.alone is not None:
                return _response(endpoint, await endpoint.alone(ask))
            if endpoint.stream is None:
                raise TypeError(f"{endpoint.name} has nothing that answers it")
            if not endpoint.accounts:
                await self._trail.add(access_of(request, HTTPStatus.OK))
                request[AUDITED] = True
            return await endpoint.stream(ask)

        return answer

    async def _receive(
        self, endpoint: Endpoint, receive: Receive, request: web.Request, raw: bytes
    ) -> web.Response:
        _check_headers(endpoint, request)
        query = _query(endpoint.query, request)
        body = _body(endpoint.body, request, raw)
        return _response(endpoint, await receive(Knock(request, self._backend, query, body)))

    async def _authenticate(self, request: web.Request, connection: Connection) -> Principal:
        scheme, _, given = request.headers.get(hdrs.AUTHORIZATION, "").partition(" ")
        who = await self._known(connection, given.strip()) if scheme.lower() == "bearer" else None
        if who is None:
            raise not_known()
        request[WHO] = who
        share = request[SHARE] = self._limit.take(str(who.id), time.monotonic())
        if share.retry_after_s:
            raise too_many(share)
        return who

    async def _known(self, connection: Connection, given: str) -> Principal | None:
        """Whose key or access token this is."""
        if given.startswith(f"{MARK}_"):
            key = await check_key(connection, given)
            return None if key is None else Principal.of_key(key)
        session_id = self._backend.identity.signer.session_of(given)
        if session_id is None:
            return None
        user = await user_of_session(connection, session_id)
        return None if user is None else Principal.of_user(user, session_id)


def not_known() -> Problem:
    """The problem of whoever shows nothing that is good."""
    return Problem(
        401,
        "This needs a key or a login that is good: Authorization: Bearer KEY.",
        headers={hdrs.WWW_AUTHENTICATE: 'Bearer realm="ramal"'},
    )


def too_many(share: Share) -> Problem:
    """The problem of one request too many; its headers come from the share."""
    return Problem(429, f"These are too many requests; wait {share.retry_after_s} s.")


def access_of(request: web.Request, status: int, change: Change | None = None) -> Access:
    """The audit log's entry for an authenticated request."""
    who = request[WHO]
    return Access(
        at=datetime.now(UTC),
        tenant_id=who.tenant_id,
        key_id=who.id,
        key_name=who.name,
        role=who.role,
        address=request[ADDRESS],
        request_id=request[REQUEST_ID],
        method=request.method,
        path=_printable(request.raw_path)[:LONGEST_PATH],
        status=int(status),
        resource=change.resource if change else None,
        resource_id=str(change.resource_id) if change else None,
        before=change.before if change else None,
        after=change.after if change else None,
        actor=who.kind,
    )


def _printable(path: str) -> str:
    """A path may hold any bytes; PostgreSQL takes none that are no text."""
    return path.encode("ascii", "backslashreplace").decode()


async def _read(request: web.Request, largest_bytes: int | None) -> bytes:
    """The whole body, before a connection to the database is taken for it."""
    if not request.body_exists:
        return b""
    source = request.clone(client_max_size=largest_bytes) if largest_bytes else request
    try:
        async with asyncio.timeout(BODY_LIMIT_S):
            return await source.read()
    except TimeoutError:
        raise Problem(408, f"The body did not arrive within {BODY_LIMIT_S:g} s.") from None


def _authorise(endpoint: Endpoint, who: Principal) -> None:
    if RANKS[who.role] < RANKS[endpoint.role]:
        raise Problem(
            403,
            f'This needs the role "{endpoint.role}"; the role of this {who.kind} is {who.role}.',
        )
    if endpoint.installation and who.tenant_id is not None:
        raise Problem(
            403, f"This is for the whole installation; this {who.kind} belongs to a tenant."
        )


def _query(model: type[BaseModel] | None, request: web.Request) -> BaseModel | None:
    given = {name: request.query.getall(name)[-1] for name in request.query}
    repeated = [name for name in request.query if len(request.query.getall(name)) > 1]
    if repeated or (given and model is None):
        raise Problem(422, f"query.{(repeated or list(given))[0]}: this cannot be asked here.")
    if model is None:
        return None
    try:
        return model.model_validate(given)
    except ValidationError as error:
        raise invalid("query", error) from None


def _body(model: type[BaseModel] | None, request: web.Request, raw: bytes) -> BaseModel | None:
    if model is None:
        return None
    if request.content_type not in ({JSON, MERGE} if request.method == "PATCH" else {JSON}):
        raise Problem(415, f"The body must be JSON, with Content-Type: {JSON}.")
    try:
        return model.model_validate_json(raw)
    except ValidationError as error:
        raise invalid("body", error) from None


async def _perform(endpoint: Endpoint, ask: Ask, raw: bytes) -> web.Response:
    """Carry it out in one transaction with its audit and what a repetition is answered."""
    reading = endpoint.method == "GET"
    idempotency = ask.request.headers.get(IDEMPOTENCY_KEY.name) if endpoint.idempotent else None
    async with scoped(ask.connection, ask.scope, readonly=reading):
        if idempotency is None:
            return await _carry_out(endpoint, ask)
        fingerprint = hashlib.sha256(f"{ask.request.path}\n".encode() + raw).digest()
        kept = await claim(ask.connection, ask.who.id, idempotency, fingerprint)
        if kept is not None:
            return _again(kept, fingerprint)
        response = await _carry_out(endpoint, ask)
        headers = {
            str(name): response.headers[name] for name in _REPEATED if name in response.headers
        }
        kept = Kept(fingerprint, response.status, headers, response.text or "")
        await keep(ask.connection, ask.who.id, idempotency, kept)
        return response


_REPEATED: Final = (hdrs.ETAG, hdrs.LOCATION)


async def _carry_out(endpoint: Endpoint, ask: Ask) -> web.Response:
    if endpoint.handle is None:
        raise TypeError(f"{endpoint.name} is a stream")
    answer = await endpoint.handle(ask)
    if ask.changes:
        accesses = [access_of(ask.request, endpoint.status, each) for each in ask.changes]
        await write_accesses(ask.connection, accesses)
    return _response(endpoint, answer)


def _response(endpoint: Endpoint, answer: Answer) -> web.Response:
    if answer.body is None:
        return web.Response(status=HTTPStatus.NO_CONTENT, headers=answer.headers)
    return web.Response(
        status=endpoint.status,
        text=answer.body.model_dump_json(),
        content_type=endpoint.media,
        headers=answer.headers,
    )


def _again(kept: Kept, fingerprint: bytes) -> web.Response:
    if kept.fingerprint != fingerprint:
        raise Problem(
            409, "This Idempotency-Key came with another request before; use a new one for this."
        )
    headers = {**kept.headers, "Idempotent-Replayed": "true"}
    return web.Response(status=kept.status, text=kept.body, content_type=JSON, headers=headers)


def _check_headers(endpoint: Endpoint, request: web.Request) -> None:
    for header in endpoint.all_headers:
        given = request.headers.get(header.name)
        if given is None and header.required:
            raise Problem(428, f"{header.name} is missing: {header.meaning}.")
        if given is not None and not re.fullmatch(header.pattern, given):
            raise wrong(header.name, "this is not what the header is for")
