"""Signatures that receivers can verify: the Standard Webhooks scheme, version ``v1``.

HMAC-SHA256 over ``id.timestamp.body`` (https://www.standardwebhooks.com, specification 1.0.0), for
which there are libraries in most languages; docs/webhooks.md has snippets that need none.
"""

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Mapping, Sequence
from typing import Final

ID: Final = "Webhook-Id"
TIMESTAMP: Final = "Webhook-Timestamp"
SIGNATURE: Final = "Webhook-Signature"
PREFIX: Final = "whsec_"
SECRET_BYTES: Final = 32


def new_secret() -> str:
    """A random secret, as receivers are given it."""
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def is_secret(text: str) -> bool:
    """Whether a text has the form that :func:`new_secret` gives."""
    try:
        return text.startswith(PREFIX) and len(_key(text)) >= SECRET_BYTES
    except (binascii.Error, ValueError):
        return False


def signed(
    message_id: str, timestamp: int, body: bytes, secrets_: Sequence[str]
) -> Mapping[str, str]:
    """The three headers. ``timestamp`` is in seconds since 1970, of this attempt.

    Several secrets sign each: while one is replaced, receivers may know either.
    """
    content = f"{message_id}.{timestamp}.".encode() + body
    told = " ".join(f"v1,{_sign(secret, content)}" for secret in secrets_)
    return {ID: message_id, TIMESTAMP: str(timestamp), SIGNATURE: told}


def _sign(secret: str, content: bytes) -> str:
    return base64.b64encode(hmac.digest(_key(secret), content, hashlib.sha256)).decode()


def _key(secret: str) -> bytes:
    return base64.b64decode(secret.removeprefix(PREFIX), validate=True)
