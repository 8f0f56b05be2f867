"""Recordings of calls: whose are made, where they are, and for how long they are kept."""

from alembic import op

revision = "0006"
down_revision = "0005"

STATEMENTS = (
    """ALTER TABLE condominiums
        ADD COLUMN recording text NOT NULL DEFAULT 'nobody'
            CHECK (recording IN ('nobody', 'visitors', 'everyone')),
        ADD COLUMN recording_notice boolean NOT NULL DEFAULT true,
        ADD COLUMN recording_days integer NOT NULL DEFAULT 90
            CHECK (recording_days BETWEEN 1 AND 3650)""",
    "COMMENT ON COLUMN condominiums.recording IS"
    " 'Whose legs are recorded; an extension''s settings may say otherwise.'",
    "COMMENT ON COLUMN condominiums.recording_notice IS"
    " 'Whether those who are recorded are told so before anything else.'",
    "COMMENT ON COLUMN condominiums.recording_days IS 'After so many days they are deleted.'",
    """CREATE TABLE recordings (
        name text PRIMARY KEY,
        call_id uuid NOT NULL REFERENCES calls ON DELETE RESTRICT,
        party text NOT NULL CHECK (party IN ('visitor', 'resident')),
        started_at timestamptz NOT NULL,
        machine text NOT NULL,
        file text,
        kept_at timestamptz,
        rate_hz integer,
        duration_ms bigint,
        size_bytes bigint,
        sha256 bytea CHECK (length(sha256) = 32),
        pcm_sha256 bytea CHECK (length(pcm_sha256) = 32),
        deleted_at timestamptz,
        removed_at timestamptz
    )""",
    "COMMENT ON TABLE recordings IS"
    " 'One row for each connection that was recorded. kept_at: it is whole, in file. deleted_at:"
    " nobody gets it any more; removed_at: the file is gone. sha256 is of the file, pcm_sha256 of"
    " its samples.'",
    "CREATE INDEX recordings_by_call ON recordings (call_id, party, started_at)",
    "CREATE INDEX recordings_by_age ON recordings (started_at) WHERE deleted_at IS NULL",
    """CREATE INDEX recordings_to_remove ON recordings (name)
        WHERE deleted_at IS NOT NULL AND removed_at IS NULL""",
    "GRANT SELECT, UPDATE (deleted_at) ON recordings TO ramal_api",
    "ALTER TABLE recordings ENABLE ROW LEVEL SECURITY",
    """CREATE POLICY of_tenant ON recordings TO ramal_api
        USING (EXISTS (SELECT FROM calls WHERE calls.id = call_id))
        WITH CHECK (EXISTS (SELECT FROM calls WHERE calls.id = call_id))""",
)


def upgrade() -> None:
    """Apply the statements, each on its own: asyncpg prepares one at a time."""
    for statement in STATEMENTS:
        op.get_bind().exec_driver_sql(statement)
