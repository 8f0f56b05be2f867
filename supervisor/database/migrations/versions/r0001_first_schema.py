"""Tenants, condominiums and who lives there; extensions; calls, what was said, and the visit log.

Only upwards: going back is restoring a backup, which unlike a downgrade keeps the visit log whole.
"""

from alembic import op

revision = "0001"
down_revision = None

PLACES = (
    """CREATE TABLE tenants (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        name text NOT NULL UNIQUE CHECK (name <> ''),
        created_at timestamptz NOT NULL DEFAULT now()
    )""",
    "COMMENT ON TABLE tenants IS 'Management companies; everything else belongs to one.'",
    """CREATE TABLE condominiums (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        tenant_id uuid NOT NULL REFERENCES tenants,
        name text NOT NULL CHECK (name <> ''),
        language text NOT NULL DEFAULT 'pt-BR',
        timezone text NOT NULL DEFAULT 'America/Sao_Paulo',
        settings jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(settings) = 'object'),
        created_at timestamptz NOT NULL DEFAULT now(),
        UNIQUE (tenant_id, name)
    )""",
    "COMMENT ON TABLE condominiums IS 'Places with a gate; timezone decides the greeting.'",
    """CREATE TABLE units (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        condominium_id uuid NOT NULL REFERENCES condominiums ON DELETE CASCADE,
        block text NOT NULL DEFAULT '',
        number text NOT NULL CHECK (number <> ''),
        notes text NOT NULL DEFAULT '',
        UNIQUE (condominium_id, block, number)
    )""",
    "COMMENT ON TABLE units IS 'Apartments and houses; block is empty where there are no blocks.'",
    """CREATE TABLE residents (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        unit_id uuid NOT NULL REFERENCES units ON DELETE CASCADE,
        position integer NOT NULL CHECK (position >= 1),
        name text NOT NULL CHECK (name <> ''),
        phones text[] NOT NULL DEFAULT '{}',
        notes text NOT NULL DEFAULT '',
        UNIQUE (unit_id, position)
    )""",
    "COMMENT ON TABLE residents IS"
    " 'Who lives in a unit: called in the order of position, each on phones in their order.'",
)

EXTENSIONS = (
    """CREATE TABLE extensions (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        number text NOT NULL UNIQUE CHECK (number ~ '^[0-9A-Za-z_*#+-]+$'),
        condominium_id uuid NOT NULL REFERENCES condominiums,
        flow text NOT NULL DEFAULT 'doorman',
        language text NOT NULL DEFAULT 'pt-BR',
        voice text,
        port integer NOT NULL CHECK (port BETWEEN 1 AND 65535),
        return_port integer NOT NULL CHECK (return_port BETWEEN 1 AND 65535),
        enabled boolean NOT NULL DEFAULT true,
        isolated boolean NOT NULL DEFAULT false,
        settings jsonb NOT NULL DEFAULT '{}',
        status text NOT NULL DEFAULT 'new'
            CHECK (status IN ('new', 'listening', 'disabled', 'failed')),
        status_reason text,
        status_at timestamptz,
        created_at timestamptz NOT NULL DEFAULT now(),
        CHECK (port <> return_port)
    )""",
    "COMMENT ON TABLE extensions IS"
    " 'Desired state: what is to be listened on. Changing it with plain SQL is supported:"
    " a trigger notifies ramal_extensions. The status columns are written by the supervisor.'",
    "COMMENT ON COLUMN extensions.port IS 'Visitors arrive here (AudioSocket).'",
    "COMMENT ON COLUMN extensions.return_port IS 'Answered legs of our own calls arrive here.'",
    "COMMENT ON COLUMN extensions.isolated IS 'Wants a worker process of its own.'",
    """CREATE FUNCTION notify_extensions() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM pg_notify('ramal_extensions', coalesce(NEW.id, OLD.id)::text);
        RETURN NULL;
    END $$""",
    """CREATE TRIGGER notify_extensions
        AFTER INSERT OR DELETE OR UPDATE OF number, condominium_id, flow, language, voice, port,
            return_port, enabled, isolated, settings
        ON extensions FOR EACH ROW EXECUTE FUNCTION notify_extensions()""",
    """CREATE FUNCTION notify_directory() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM pg_notify('ramal_directory', '');
        RETURN NULL;
    END $$""",
    *(
        f"""CREATE TRIGGER notify_directory AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE
            ON {table} FOR EACH STATEMENT EXECUTE FUNCTION notify_directory()"""
        for table in ("condominiums", "units", "residents")
    ),
)

CALLS = (
    """CREATE TABLE calls (
        id uuid PRIMARY KEY,
        extension_id uuid REFERENCES extensions ON DELETE SET NULL,
        condominium_id uuid REFERENCES condominiums,
        caller text,
        started_at timestamptz NOT NULL,
        ended_at timestamptz,
        end_reason text
    )""",
    "COMMENT ON TABLE calls IS 'One row per call; id is the AudioSocket UUID.'",
    "CREATE INDEX calls_by_start ON calls (condominium_id, started_at DESC)",
    """CREATE TABLE events (
        call_id uuid NOT NULL,
        sequence bigint NOT NULL CHECK (sequence >= 1),
        at timestamptz NOT NULL,
        kind text NOT NULL,
        data jsonb NOT NULL,
        PRIMARY KEY (call_id, sequence)
    )""",
    "COMMENT ON TABLE events IS"
    " 'Everything that happened in a call, in order. The key makes a second delivery harmless;"
    " calls, turns and visits are derived from it.'",
    """CREATE TABLE turns (
        call_id uuid NOT NULL REFERENCES calls ON DELETE CASCADE,
        sequence bigint NOT NULL,
        at timestamptz NOT NULL,
        party text NOT NULL,
        speaker text NOT NULL,
        text text NOT NULL,
        data jsonb NOT NULL DEFAULT '{}',
        PRIMARY KEY (call_id, sequence)
    )""",
    "COMMENT ON TABLE turns IS"
    " 'What was said: party is the leg (visitor, resident), speaker is the party or agent;"
    " data holds confidence and latencies in ms.'",
)

VISITS = (
    """CREATE TABLE visits (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        condominium_id uuid NOT NULL REFERENCES condominiums,
        position bigint NOT NULL CHECK (position >= 1),
        call_id uuid NOT NULL,
        sequence bigint NOT NULL,
        at timestamptz NOT NULL,
        outcome text NOT NULL,
        data jsonb NOT NULL,
        record text NOT NULL,
        prev_hash bytea NOT NULL CHECK (length(prev_hash) = 32),
        hash bytea NOT NULL CHECK (hash = sha256(convert_to(record, 'UTF8'))),
        UNIQUE (condominium_id, position),
        UNIQUE (call_id, sequence)
    )""",
    "COMMENT ON TABLE visits IS"
    " 'The visit log, append-only. hash is the SHA-256 of record, the entry as canonical JSON,"
    " which holds the hash of the condominium''s entry before it (zeros for the first).'",
    """CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION '% is append-only: % is refused', TG_TABLE_NAME, TG_OP
            USING ERRCODE = 'insufficient_privilege';
    END $$""",
    """CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE
        ON visits FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()""",
    "ALTER TABLE visits ENABLE ALWAYS TRIGGER append_only",
)


def upgrade() -> None:
    """Apply the statements, each on its own: asyncpg prepares one at a time."""
    for statement in (*PLACES, *EXTENSIONS, *CALLS, *VISITS):
        op.get_bind().exec_driver_sql(statement)
