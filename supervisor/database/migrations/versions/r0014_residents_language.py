"""The language in which a resident wants to be called."""

from alembic import op

revision = "0014"
down_revision = "0013"

STATEMENTS = (
    """ALTER TABLE residents ADD language text CHECK (language IN ('pt-BR', 'en', 'es'))""",
    "COMMENT ON COLUMN residents.language IS"
    " 'What the resident is spoken to in, where the extension speaks it; its own, without one.'",
)


def upgrade() -> None:
    """Apply the statements, each on its own: asyncpg prepares one at a time."""
    for statement in STATEMENTS:
        op.get_bind().exec_driver_sql(statement)
