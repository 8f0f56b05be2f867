"""Second factors of users: a secret that is proposed, then confirmed, and codes that are spent."""

from collections.abc import Sequence
from uuid import UUID

from supervisor.database.pool import Connection


async def propose_secret(connection: Connection, user_id: UUID, secret: str) -> bool:
    """Keep a secret until it is confirmed; false where there is a confirmed one already."""
    done = await connection.execute(
        "UPDATE users SET totp_secret = $2 WHERE id = $1 AND totp_confirmed_at IS NULL",
        user_id,
        secret,
    )
    return bool(done == "UPDATE 1")


async def confirm_secret(
    connection: Connection, user_id: UUID, secret: str, step: int, recovery: Sequence[bytes]
) -> bool:
    """From now on codes are asked for; ``recovery`` are hashes of the codes for a lost telephone.

    False where another secret was proposed or confirmed meanwhile.
    """
    async with connection.transaction():
        done = await connection.execute(
            """UPDATE users SET totp_confirmed_at = now(), totp_last_step = $3
               WHERE id = $1 AND totp_secret = $2 AND totp_confirmed_at IS NULL""",
            user_id,
            secret,
            step,
        )
        if done != "UPDATE 1":
            return False
        await connection.executemany(
            "INSERT INTO recovery_codes (user_id, code_hash) VALUES ($1, $2)",
            [(user_id, each) for each in recovery],
        )
        return True


async def spend_step(connection: Connection, user_id: UUID, step: int) -> bool:
    """Take the code of a time step; false if it, or a later one, was taken before."""
    done = await connection.execute(
        "UPDATE users SET totp_last_step = $2 WHERE id = $1 AND totp_last_step < $2", user_id, step
    )
    return bool(done == "UPDATE 1")


async def spend_recovery_code(connection: Connection, user_id: UUID, code_hash: bytes) -> bool:
    """Take a recovery code; false if there is none like it, or it was taken before."""
    done = await connection.execute(
        """UPDATE recovery_codes SET used_at = now()
           WHERE user_id = $1 AND code_hash = $2 AND used_at IS NULL""",
        user_id,
        code_hash,
    )
    return bool(done == "UPDATE 1")
