"""Keys are made, rotated and revoked over HTTP: their secrets' hashes stay out of sight."""

from alembic import op

revision = "0003"
down_revision = "0002"

SHOWN = "id, prefix, name, role, tenant_id, created_at, expires_at, last_used_at, revoked_at"

STATEMENTS = (
    f"GRANT SELECT ({SHOWN}), INSERT, UPDATE (expires_at, revoked_at) ON api_keys TO ramal_api",
    "ALTER TABLE api_keys ENABLE ROW LEVEL SECURITY",
    """CREATE POLICY of_tenant ON api_keys TO ramal_api
        USING (ramal_sees(tenant_id)) WITH CHECK (ramal_sees(tenant_id))""",
)


def upgrade() -> None:
    """Apply the statements, each on its own: asyncpg prepares one at a time."""
    for statement in STATEMENTS:
        op.get_bind().exec_driver_sql(statement)
