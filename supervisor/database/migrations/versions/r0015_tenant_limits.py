"""What each tenant may ask for."""

from alembic import op

revision = "0015"
down_revision = "0014"

LIMITS = (
    """ALTER TABLE tenants
        ADD synthesis_jobs integer CHECK (synthesis_jobs >= 0),
        ADD synthesis_characters_per_day integer CHECK (synthesis_characters_per_day >= 0)""",
    "COMMENT ON COLUMN tenants.synthesis_jobs IS"
    " 'Synthesis jobs that may be unfinished at once; NULL for the setting"
    " synthesis.jobs_per_tenant, 0 for none.'",
    "COMMENT ON COLUMN tenants.synthesis_characters_per_day IS"
    " 'Characters of synthesis jobs by the calendar of UTC; NULL for the setting"
    " synthesis.characters_per_day, 0 for none.'",
)


def upgrade() -> None:
    """Apply the statements, each on its own: asyncpg prepares one at a time."""
    for statement in LIMITS:
        op.get_bind().exec_driver_sql(statement)
