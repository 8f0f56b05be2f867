"""PLACEHOLDER of visitor_access."""

from alembic import op

revision = "0012"
down_revision = "0011"

STATEMENTS: tuple[str, ...] = ()


def upgrade() -> None:
    """Apply the statements, each on its own: asyncpg prepares one at a time."""
    for statement in STATEMENTS:
        op.get_bind().exec_driver_sql(statement)
