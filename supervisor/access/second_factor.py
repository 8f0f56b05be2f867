"""The second factor: codes of a telephone's app (TOTP, RFC 6238), and some for its loss."""

import base64
import hashlib
import hmac
import re
import secrets
import time
from typing import Final

import pyotp

STEP_S: Final = 30
DRIFT_STEPS: Final = 1
"""A telephone's clock may be so far off."""
RECOVERY_CODES: Final = 10
RECOVERY_BYTES: Final = 10
"""80 random bits: a plain SHA-256 of them tells nobody the code."""
ISSUER: Final = "Ramal"


def new_secret() -> str:
    """160 random bits, in base 32."""
    return pyotp.random_base32()


def enrolment_uri(secret: str, username: str) -> str:
    """What a telephone's app reads, mostly as a QR code (``otpauth:``)."""
    return pyotp.TOTP(secret, name=username, issuer=ISSUER, interval=STEP_S).provisioning_uri()


def step_of(secret: str, code: str, now: float | None = None) -> int | None:
    """The time step whose code this is, near ``now`` (Unix time); ``None`` if it is wrong."""
    totp = pyotp.TOTP(secret, interval=STEP_S)
    current = int((time.time() if now is None else now) // STEP_S)
    found = None
    for step in range(current - DRIFT_STEPS, current + DRIFT_STEPS + 1):
        if hmac.compare_digest(totp.generate_otp(step).encode(), code.encode()):
            found = step
    return found


def new_recovery_codes() -> list[str]:
    """Codes such as ``ABCD-EFGH-IJKL-MNOP``, each good once."""
    drawn = [
        base64.b32encode(secrets.token_bytes(RECOVERY_BYTES)).decode()
        for _ in range(RECOVERY_CODES)
    ]
    return ["-".join(re.findall("....", each)) for each in drawn]


def recovery_hash(code: str) -> bytes:
    """What is kept of a recovery code, however it is written."""
    return hashlib.sha256(re.sub(r"[\s-]", "", code).upper().encode()).digest()
