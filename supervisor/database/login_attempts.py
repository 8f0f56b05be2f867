"""The ``login_attempts`` table: who guesses passwords has to wait, longer each time.

An attempt is counted before it is checked, so that many at once are no way around; a login that
succeeds takes its name's count away. A name is counted whether it is somebody's or not.
"""

import hashlib
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from typing import Final

from supervisor.database.pool import Connection


@dataclass(frozen=True, slots=True)
class Patience:
    """``free`` attempts cost nothing; each further one doubles the wait, up to ``longest_s``."""

    free: int
    longest_s: int


NAME: Final = Patience(free=5, longest_s=300)
"""Five minutes keep guessing at 12 tries an hour, and are no way to lock an admin out for long."""
ADDRESS: Final = Patience(free=30, longest_s=900)
"""An office behind one address mistypes more often."""
FORGOTTEN: Final = "1 hour"


async def begin_attempt(connection: Connection, username: str, address: str) -> int:
    """Count an attempt. Returns 0 if it may be made, or the seconds that are to be waited."""
    subjects = ((_of_address(address), ADDRESS), (_of_name(username), NAME))
    for subject, patience in subjects:
        if wait_s := await _take(connection, subject, patience):
            return wait_s
    return 0


async def attempt_succeeded(connection: Connection, username: str) -> None:
    """Forget what failed under this name before; the address's count stays."""
    await connection.execute("DELETE FROM login_attempts WHERE subject = $1", _of_name(username))


async def _take(connection: Connection, subject: bytes, patience: Patience) -> int:
    async with connection.transaction():
        await connection.execute(
            f"""DELETE FROM login_attempts WHERE subject IN (SELECT subject FROM login_attempts
                WHERE last_at < now() - interval '{FORGOTTEN}' ORDER BY last_at LIMIT 10
                FOR UPDATE SKIP LOCKED)"""  # noqa: S608
        )
        counted = await connection.fetchval(
            """INSERT INTO login_attempts AS a (subject, failures, last_at) VALUES ($1, 1, now())
               ON CONFLICT (subject) DO UPDATE SET failures = a.failures + 1, last_at = now(),
                   blocked_until = CASE WHEN a.failures >= $2 THEN now() + interval '1 second'
                       * least($3::float8, power(2, least(a.failures - $2, 30))) END
               WHERE a.blocked_until IS NULL OR a.blocked_until <= now() RETURNING true""",
            subject,
            patience.free,
            patience.longest_s,
        )
        if counted:
            return 0
        wait_s: int = await connection.fetchval(
            """SELECT ceil(extract(epoch FROM blocked_until - now()))::integer
               FROM login_attempts WHERE subject = $1""",
            subject,
        )
        return max(1, wait_s)


def _of_name(username: str) -> bytes:
    return _hash("name", username)


def _of_address(address: str) -> bytes:
    """An IPv6 client has a whole /64 to itself."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return _hash("address", address)
    if isinstance(parsed, IPv6Address):
        return _hash("address", parsed.packed[:8].hex())
    return _hash("address", str(parsed))


def _hash(kind: str, value: str) -> bytes:
    return hashlib.sha256(f"{kind}:{value}".encode()).digest()
