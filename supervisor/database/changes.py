"""Whether what operators look at is still as they saw it, in one cheap question."""

from supervisor.database.pool import Connection


async def fingerprints(connection: Connection) -> dict[str, str]:
    """Texts that are others once an extension or its state, or an open alert, is another."""
    row = await connection.fetchrow(
        """SELECT
            (SELECT coalesce(md5(string_agg(md5(row::text), '' ORDER BY row.id)), '')
             FROM extensions row) AS extensions,
            (SELECT coalesce(md5(string_agg(
                concat(a.id, a.times, a.acknowledged_at), '' ORDER BY a.id)), '')
             FROM alerts a WHERE a.over_at IS NULL) AS alerts"""
    )
    return dict(row)
