"""PLACEHOLDER of synthesis_jobs."""

from alembic import op

revision = "0011"
down_revision = "0010"

STATEMENTS: tuple[str, ...] = ()


def upgrade() -> None:
    """Apply the statements, each on its own: asyncpg prepares one at a time."""
    for statement in STATEMENTS:
        op.get_bind().exec_driver_sql(statement)
