"""Codes and PINs: made, shown once, and kept as a hash that is of no use without our key.

Six digits can all be tried in a second by whoever has their hash, however slow it is made; so the
hash is an HMAC, whose key is a setting or a file of ours, and never in the database.
"""

import hmac
import os
import secrets
from collections.abc import Iterable
from pathlib import Path
from typing import Final
from uuid import UUID

from conversation.admission import CODE_DIGITS
from supervisor.errors import OperatorError
from supervisor.settings import VisitorSettings

KEY_BYTES: Final = 32
FILE: Final = Path("auth") / "visitor-key"
_TRIES: Final = 1000


class VisitorKeyError(OperatorError):
    """The key of codes and PINs cannot be had."""


class SecretHash:
    """Hashes what belongs to one condominium or resident: the same digits elsewhere are others."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def code(self, condominium_id: UUID, digits: str) -> bytes:
        """Of a visitor's code."""
        return self._hash(f"code:{condominium_id}:{digits}")

    def pin(self, resident_id: UUID, digits: str) -> bytes:
        """Of a resident's PIN."""
        return self._hash(f"pin:{resident_id}:{digits}")

    def _hash(self, text: str) -> bytes:
        return hmac.digest(self._key, text.encode(), "sha256")


def secret_hash(data_dir: Path, given: str | None) -> SecretHash:
    """With the key of the settings, else with one in a file that is made at its first use.

    Raises :class:`VisitorKeyError` where the file can neither be read nor made.
    """
    if given is not None:
        return SecretHash(given.encode())
    path = data_dir / FILE
    try:
        if not path.exists():
            _make(path)
        key = path.read_bytes()
    except OSError as error:
        raise VisitorKeyError(
            f"The key of visitors' codes, {path}, cannot be used ({error.strerror}): "
            "let this user read and write it, or set RAMAL_VISITORS__KEY."
        ) from error
    if len(key) != KEY_BYTES:
        raise VisitorKeyError(
            f"{path} is damaged: put its copy back, or delete it and make all codes and PINs anew."
        )
    return SecretHash(key)


def hash_of(settings: VisitorSettings, data_dir: Path) -> SecretHash:
    """As :func:`secret_hash`, of the settings."""
    key = settings.key
    return secret_hash(data_dir, key.get_secret_value() if key is not None else None)


def _make(path: Path) -> None:
    """Of two processes that do it at once, both use the first one's."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    mine = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(mine, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(secrets.token_bytes(KEY_BYTES))
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(mine, path)
    except FileExistsError:
        return
    finally:
        mine.unlink()


def new_code(unit_numbers: Iterable[str] = ()) -> str:
    """Six digits that nobody mistakes for anything else on a keypad: the first is no 0, which asks
    for a person, and none of ``unit_numbers`` begins them, where that can be had: an apartment's
    number is taken as soon as it is keyed."""
    units = tuple(unit_numbers)
    for _ in range(_TRIES):
        code = _digits()
        if not code.startswith(units) and code[: len(code) // 2] != code[len(code) // 2 :]:
            return code
    return _digits()


def _digits() -> str:
    length = CODE_DIGITS[0]
    return str(secrets.randbelow(9 * 10 ** (length - 1)) + 10 ** (length - 1))
