"""What logging in needs of this process: passwords, signing keys, and how long logins last; and
what visitors' codes are hashed with."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from supervisor.access.passwords import Cost, Passwords
from supervisor.access.signing import GivenKeys, KeptKeys, Keyring, Signer
from supervisor.admission.secrets import SecretHash, hash_of
from supervisor.database.sessions import Lasting
from supervisor.settings import AuthSettings, VisitorSettings


@dataclass(frozen=True, slots=True)
class Identity:
    """Made once for each server."""

    passwords: Passwords
    signer: Signer
    lasting: Lasting
    visitors: Callable[[], SecretHash]
    """Raises ``OperatorError`` where its key cannot be had."""


def make_identity(
    settings: AuthSettings, data_dir: Path, visitors: VisitorSettings | None = None
) -> Identity:
    """As the settings say; keys of our own are made under ``data_dir`` when they are needed."""
    lasting_s = settings.access_minutes * 60
    keyring: Keyring
    if settings.signing_keys:
        keyring = GivenKeys([each.get_secret_value() for each in settings.signing_keys])
    else:
        keyring = KeptKeys(
            data_dir, lasting_days=settings.signing_key_days, overlap_s=float(lasting_s)
        )
    return Identity(
        Passwords(cost_of(settings)),
        Signer(keyring, lasting_s),
        Lasting(timedelta(days=settings.session_days), timedelta(days=settings.idle_days)),
        lambda: hash_of(visitors or VisitorSettings(), data_dir),
    )


def cost_of(settings: AuthSettings) -> Cost:
    """What a password's hash costs."""
    return Cost(settings.argon2_memory_mib * 1024, settings.argon2_passes, settings.argon2_lanes)
