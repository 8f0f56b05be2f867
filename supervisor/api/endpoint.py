"""What an endpoint is: a declaration that requests are checked by and OpenAPI is generated from."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal, TypeAlias
from uuid import UUID

from aiohttp import web
from pydantic import BaseModel

from supervisor.api.backend import Backend
from supervisor.api.principal import Principal
from supervisor.api.uploads import Form
from supervisor.database.api_keys import Role
from supervisor.database.pool import Connection
from supervisor.database.tenancy import Scope

JSON: Final = "application/json"
RANKS: Final[Mapping[Role, int]] = {"viewer": 0, "operator": 1, "admin": 2}
"""Each role may do what the ones before it may."""


@dataclass(frozen=True, slots=True)
class Change:
    """What a request changed, for the audit log. ``None`` is nothing: it was made or removed."""

    resource: str
    resource_id: UUID
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Ask:
    """A request that was let in: everything in it has the declared form.

    ``connection`` is in a transaction that sees what ``who`` may see; reading endpoints cannot
    write on it. Streams have none, and open transactions of their own (:meth:`Backend.scoped`).
    """

    request: web.Request
    backend: Backend
    who: Principal
    connection: Connection
    query: Any
    body: Any
    changes: list[Change] = field(default_factory=list)

    @property
    def scope(self) -> Scope:
        """What whoever asks may see."""
        return Scope(self.who.tenant_id, self.who.id)

    def id(self, name: str = "id") -> UUID:
        """An id of the path."""
        return UUID(self.request.match_info[name])


@dataclass(frozen=True, slots=True)
class Knock:
    """A request of somebody who is nobody yet: to log in, or to stay so. It has no connection, and
    leaves its own trace in the audit log."""

    request: web.Request
    backend: Backend
    query: Any
    body: Any


@dataclass(frozen=True, slots=True)
class Answer:
    """What a request is answered; without a ``body`` there is none."""

    body: BaseModel | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Header:
    """A header that a request may or must have; ``pattern`` says which values are taken."""

    name: str
    meaning: str
    pattern: str
    required: bool = False


IDEMPOTENCY_KEY: Final = Header(
    "Idempotency-Key",
    "A request that is sent again with it is carried out once",
    r"^[!-~]([ -~]{0,253}[!-~])?$",
)
IF_MATCH: Final = Header(
    "If-Match",
    "The ETag of what is changed, as it was read; * for whatever it is now",
    r"^[!-~]([ -~]*[!-~])?$",
)


Handle: TypeAlias = Callable[[Ask], Awaitable[Answer]]
Stream: TypeAlias = Callable[[Ask], Awaitable[web.StreamResponse]]
Receive: TypeAlias = Callable[[Knock], Awaitable[Answer]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """An operation of the API. Give it ``handle``, or ``stream`` for an answer without an end, or
    ``alone`` for one that must not hold a connection while it thinks, and that writes its own
    audit; or ``receive`` for whoever has neither key nor login yet.

    ``path`` holds ids in braces. ``role`` is the least that may use it; with ``installation`` a
    key must belong to no tenant. ``errors`` are further statuses that it may answer.
    """

    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
    path: str
    name: str
    summary: str
    tag: str
    handle: Handle | None = None
    stream: Stream | None = None
    alone: Handle | None = None
    receive: Receive | None = None
    role: Role = "viewer"
    installation: bool = False
    query: type[BaseModel] | None = None
    body: type[BaseModel] | None = None
    form: Form | None = None
    """What comes instead of a ``body``; its handler receives it, once whoever asks is known."""
    answer: type[BaseModel] | None = None
    media: str = JSON
    other_media: tuple[str, ...] = ()
    """What a stream may answer besides ``media``."""
    status: int = 200
    if_match: Literal["required", "allowed"] | None = None
    idempotent: bool = False
    tagged: bool = False
    """Whether the answer has an ETag."""
    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Parts of the path that are one of these names, and no ids."""
    headers: tuple["Header", ...] = ()
    """Further headers that are read."""
    errors: frozenset[int] = frozenset()
    also: tuple[int, ...] = ()
    """Further statuses of answers that are no errors."""
    largest_bytes: int | None = None
    """Of a body that may be larger than others'."""
    accounts: bool = False
    """Whether a stream writes its own entry into the audit log, before it answers."""

    @property
    def all_headers(self) -> tuple[Header, ...]:
        """Every header that is read, besides Authorization and those of HTTP itself."""
        told = list(self.headers)
        if self.if_match is not None:
            told.append(replace(IF_MATCH, required=self.if_match == "required"))
        if self.idempotent:
            told.append(IDEMPOTENCY_KEY)
        return tuple(told)
