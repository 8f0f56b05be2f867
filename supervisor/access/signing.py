"""Access tokens: JSON Web Tokens (RFC 7519) that say which session a request belongs to.

The keys are settings, or are made under the data directory and replaced every month. A token names
its key (``kid``); the newest signs, and one that was replaced verifies until its tokens are over.
"""

import fcntl
import hashlib
import json
import os
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol
from uuid import UUID

import jwt
import structlog

from supervisor.errors import OperatorError

ALGORITHM: Final = "HS256"
ISSUER: Final = "ramal"
KEY_BYTES: Final = 32
FOLDER: Final = "auth"
FILE: Final = "signing-keys.json"
DAY_S: Final = 86400.0
_log = structlog.get_logger(__name__)


class SigningKeyError(OperatorError):
    """The keys that sign access tokens cannot be had."""


@dataclass(frozen=True, slots=True)
class SigningKey:
    """``made_at`` is Unix time; ``id`` is told in the open, and is no part of the secret."""

    secret: str
    made_at: float = 0.0

    @property
    def id(self) -> str:
        """The ``kid``: a hash, of which nobody learns the secret."""
        return hashlib.sha256(f"kid:{self.secret}".encode()).hexdigest()[:16]


class Keyring(Protocol):
    """Where keys come from, the newest first."""

    def current(self) -> Sequence[SigningKey]:
        """Those that verify; the first one signs. Raises :class:`SigningKeyError`."""

    def read_again(self) -> None:
        """Another process may have made a key."""


class GivenKeys:
    """Keys of the settings, for several machines that take each other's tokens."""

    def __init__(self, secrets_: Sequence[str]) -> None:
        self._keys = tuple(SigningKey(each) for each in secrets_)

    def current(self) -> Sequence[SigningKey]:
        """As they were given."""
        return self._keys

    def read_again(self) -> None:
        """They do not change."""


class KeptKeys:
    """Keys in a file of ours that nobody else may read, made and replaced as they are needed."""

    def __init__(
        self,
        data_dir: Path,
        *,
        lasting_days: float,
        overlap_s: float,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._folder = data_dir / FOLDER
        self._lasting_s = lasting_days * DAY_S
        self._overlap_s = overlap_s
        self._now = now
        self._keys: tuple[SigningKey, ...] = ()

    def current(self) -> Sequence[SigningKey]:
        """Read once; a new one is made when the newest is too old."""
        if not self._keys or self._is_due(self._keys):
            self._keys = self._renewed()
        return self._keys

    def read_again(self) -> None:
        """Forget what was read."""
        self._keys = ()

    def _is_due(self, keys: Sequence[SigningKey]) -> bool:
        return not keys or keys[0].made_at + self._lasting_s <= self._now()

    def _renewed(self) -> tuple[SigningKey, ...]:
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with (self._folder / "lock").open("w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                keys = self._read()
                if self._is_due(keys):
                    now = self._now()
                    fresh = SigningKey(secrets.token_urlsafe(KEY_BYTES), now)
                    until = self._lasting_s + self._overlap_s
                    good = (fresh, *(each for each in keys if each.made_at + until > now))
                    keys = self._kept_of(good, keys)
                return keys
        except OSError as error:
            _log.error("auth.no_keys", folder=str(self._folder), reason=error.strerror)
            raise SigningKeyError(
                f"The keys of logins in {self._folder} cannot be kept ({error.strerror}); let this "
                "user write there, or set auth.signing_keys."
            ) from None

    def _kept_of(
        self, new: tuple[SigningKey, ...], old: tuple[SigningKey, ...]
    ) -> tuple[SigningKey, ...]:
        """The new ones, if they can be kept; else logins go on with the old, if there are any."""
        try:
            self._write(new)
        except OSError as error:
            if not old:
                raise
            _log.error("auth.key_not_replaced", folder=str(self._folder), reason=error.strerror)
            return old
        return new

    def _read(self) -> tuple[SigningKey, ...]:
        path = self._folder / FILE
        if not path.exists():
            return ()
        try:
            rows: list[dict[str, Any]] = json.loads(path.read_text())
            return tuple(SigningKey(row["secret"], float(row["made_at"])) for row in rows)
        except (ValueError, KeyError, TypeError):
            _log.error("auth.keys_damaged", file=str(path))
            raise SigningKeyError(
                f"{path} is damaged; remove it, and everybody has to log in again."
            ) from None

    def _write(self, keys: Sequence[SigningKey]) -> None:
        rows = [{"secret": each.secret, "made_at": each.made_at} for each in keys]
        write_private(self._folder / FILE, json.dumps(rows))


def write_private(path: Path, text: str) -> None:
    """Write a file that only this user may read, whole or not at all. Raises ``OSError``."""
    draft = path.with_name(f"{path.name}.{os.getpid()}.new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


class Signer:
    """Makes and reads access tokens. ``lasting_s``: how long one is good."""

    def __init__(
        self, keyring: Keyring, lasting_s: int, now: Callable[[], float] = time.time
    ) -> None:
        self._keyring = keyring
        self._now = now
        self.lasting_s = lasting_s

    def sign(self, session_id: UUID, user_id: UUID) -> str:
        """An access token for a session."""
        key = self._keyring.current()[0]
        now = int(self._now())
        claims = {
            "iss": ISSUER,
            "sub": str(user_id),
            "sid": str(session_id),
            "iat": now,
            "exp": now + self.lasting_s,
        }
        return jwt.encode(claims, key.secret, ALGORITHM, headers={"kid": key.id})

    def session_of(self, token: str) -> UUID | None:
        """The session that a token is for; ``None`` for one that is not ours, or over."""
        try:
            key = self._key(str(jwt.get_unverified_header(token).get("kid")))
            if key is None:
                return None
            claims = jwt.decode(
                token,
                key.secret,
                [ALGORITHM],
                issuer=ISSUER,
                options={
                    "require": ["exp", "sid", "sub"],
                    "verify_exp": False,
                    "verify_iat": False,
                },
            )
            return UUID(claims["sid"]) if claims["exp"] > self._now() else None
        except (jwt.InvalidTokenError, ValueError, TypeError):
            return None

    def _key(self, kid: str) -> SigningKey | None:
        for _ in range(2):
            for key in self._keyring.current():
                if key.id == kid:
                    return key
            self._keyring.read_again()
        return None
