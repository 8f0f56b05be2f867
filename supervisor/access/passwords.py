"""Passwords: which are taken, and how they are kept (Argon2id, RFC 9106)."""

import asyncio
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from supervisor.errors import OperatorError

SHORTEST: Final = 12
"""Characters. NIST SP 800-63B asks for length and against rules of composition."""
LONGEST: Final = 200
TELLING: Final = 4
"""A name or user name of so many characters must not be in the password."""
AT_ONCE: Final = 2
WAITING: Final = 32
"""Hashes that may wait for their turn; one more is refused, as each takes memory and a core."""

Result = TypeVar("Result")


class PasswordError(OperatorError):
    """A password that is not taken."""


class BusyError(Exception):
    """Too many passwords are being checked."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one hash; the defaults are the second recommended option of RFC 9106, 4."""

    memory_kib: int = 64 * 1024
    passes: int = 3
    lanes: int = 4


@dataclass(frozen=True, slots=True)
class Verdict:
    """``rehash``: it is right, and was hashed at another cost than today's."""

    right: bool
    rehash: bool = False


class Passwords:
    """Hashes and verifies in threads, a few at once: argon2 lets go of the interpreter's lock."""

    def __init__(self, cost: Cost) -> None:
        self._hasher = PasswordHasher(cost.passes, cost.memory_kib, cost.lanes)
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._waiting = 0
        self._nobodys: str | None = None

    async def hash(self, password: str) -> str:
        """What is kept of a password. Raises :class:`BusyError`."""
        return await self._in_turn(lambda: self._hasher.hash(password))

    async def verify(self, kept: str | None, password: str) -> Verdict:
        """Whether it is the password; with ``None``, of nobody, it takes the same time.

        Raises :class:`BusyError`.
        """
        if self._nobodys is None:
            self._nobodys = await self.hash(secrets.token_urlsafe())
        against = self._nobodys if kept is None else kept
        right = await self._in_turn(lambda: self._is_right(against, password))
        if kept is None or not right:
            return Verdict(False)
        return Verdict(True, self._hasher.check_needs_rehash(kept))

    def _is_right(self, kept: str, password: str) -> bool:
        try:
            return self._hasher.verify(kept, password)
        except (VerificationError, InvalidHashError):
            return False

    async def _in_turn(self, work: Callable[[], Result]) -> Result:
        if self._waiting >= WAITING:
            raise BusyError
        self._waiting += 1
        try:
            async with self._turns:
                return await asyncio.to_thread(work)
        finally:
            self._waiting -= 1


def check_password(password: str, names: Iterable[str]) -> None:
    """Raise :class:`PasswordError` for one that is too easy; ``names`` are the user's own."""
    if len(password) < SHORTEST:
        raise PasswordError(f"A password has at least {SHORTEST} characters; a sentence is good.")
    if len(password) > LONGEST:
        raise PasswordError(f"A password has at most {LONGEST} characters.")
    folded = password.casefold()
    for name in names:
        for part in name.casefold().replace("@", " ").split():
            if len(part) >= TELLING and part in folded:
                raise PasswordError("A password must not hold the user's name; choose another one.")
