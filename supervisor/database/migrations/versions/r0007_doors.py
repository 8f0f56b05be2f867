"""Doors that authorisations open, the interlock in the database, and condominiums' own texts."""

from alembic import op

revision = "0007"
down_revision = "0006"

DOORS = (
    """CREATE TABLE doors (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        condominium_id uuid NOT NULL REFERENCES condominiums ON DELETE CASCADE,
        name text NOT NULL CHECK (name ~ '^[a-z0-9][a-z0-9_-]{0,39}$'),
        driver text NOT NULL CHECK (driver IN ('dtmf', 'dialplan', 'webhook', 'none')),
        settings jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(settings) = 'object'),
        secret text CHECK (secret <> ''),
        has_secret boolean GENERATED ALWAYS AS (secret IS NOT NULL) STORED,
        is_default boolean NOT NULL DEFAULT false,
        created_at timestamptz NOT NULL DEFAULT now(),
        UNIQUE (condominium_id, name)
    )""",
    "COMMENT ON TABLE doors IS"
    " 'What a condominium has to open. Changing it with plain SQL is supported: a trigger"
    " notifies, and new calls open it in the new way.'",
    "COMMENT ON COLUMN doors.secret IS 'Signs requests of the driver webhook; no API shows it.'",
    "CREATE UNIQUE INDEX doors_default ON doors (condominium_id) WHERE is_default",
)

INTERLOCK = (
    """CREATE FUNCTION check_door_opened() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        granted bigint;
        opened bigint;
    BEGIN
        -- of two transactions that tell of the same call, one waits and then sees the other
        PERFORM pg_advisory_xact_lock(hashtextextended('ramal.door ' || NEW.call_id::text, 0));
        SELECT count(*) FILTER (WHERE kind = 'authorisation' AND data->>'id' = named
                   AND data->>'decision' IN ('yes', 'leave_at_desk')),
               count(*) FILTER (WHERE kind = 'door.opened'
                   AND data->>'authorisation' IS NOT DISTINCT FROM named)
            INTO granted, opened
            FROM events, (SELECT NEW.data->>'authorisation' AS named) AS order_of
            WHERE call_id = NEW.call_id;
        IF opened > granted THEN
            RAISE EXCEPTION 'a door cannot have opened in call % without an unused authorisation',
                NEW.call_id USING ERRCODE = 'check_violation';
        END IF;
        RETURN NULL;
    END $$""",
    "COMMENT ON FUNCTION check_door_opened IS"
    " 'An event door.opened needs a granted authorisation of the same call, and each opens once.'",
    """CREATE CONSTRAINT TRIGGER door_interlock AFTER INSERT OR UPDATE ON events
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
        WHEN (NEW.kind = 'door.opened') EXECUTE FUNCTION check_door_opened()""",
    "ALTER TABLE events ENABLE ALWAYS TRIGGER door_interlock",
)

TEXTS = (
    "ALTER TABLE condominiums ADD UNIQUE (id, tenant_id)",
    """CREATE TABLE texts (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        tenant_id uuid NOT NULL REFERENCES tenants ON DELETE CASCADE,
        condominium_id uuid,
        language text NOT NULL,
        key text NOT NULL CHECK (key <> ''),
        variants text[] NOT NULL CHECK (cardinality(variants) BETWEEN 1 AND 10),
        updated_at timestamptz NOT NULL DEFAULT now(),
        FOREIGN KEY (condominium_id, tenant_id)
            REFERENCES condominiums (id, tenant_id) ON DELETE CASCADE
    )""",
    "COMMENT ON TABLE texts IS"
    " 'What is said in place of our own sentences: in one condominium, or without one in all of"
    " the tenant''s. Changing it with plain SQL is supported; new calls say it.'",
    """CREATE UNIQUE INDEX texts_of_condominium ON texts (condominium_id, language, key)
        WHERE condominium_id IS NOT NULL""",
    """CREATE UNIQUE INDEX texts_of_tenant ON texts (tenant_id, language, key)
        WHERE condominium_id IS NULL""",
)

NOTIFIED = tuple(
    f"""CREATE TRIGGER notify_directory AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE
        ON {table} FOR EACH STATEMENT EXECUTE FUNCTION notify_directory()"""
    for table in ("doors", "texts")
)

OF_CONDOMINIUM = "condominium_id IN (SELECT id FROM condominiums)"
OF_TENANT = f"ramal_sees(tenant_id) AND (condominium_id IS NULL OR {OF_CONDOMINIUM})"
RIGHTS = (
    """GRANT
        SELECT (id, condominium_id, name, driver, settings, has_secret, is_default, created_at),
        INSERT (condominium_id, name, driver, settings, secret, is_default),
        UPDATE (name, driver, settings, secret, is_default), DELETE ON doors TO ramal_api""",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON texts TO ramal_api",
    *(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY" for table in ("doors", "texts")),
    f"""CREATE POLICY of_tenant ON doors TO ramal_api
        USING ({OF_CONDOMINIUM}) WITH CHECK ({OF_CONDOMINIUM})""",
    f"CREATE POLICY of_tenant ON texts TO ramal_api USING ({OF_TENANT}) WITH CHECK ({OF_TENANT})",
)


def upgrade() -> None:
    """Apply the statements, each on its own: asyncpg prepares one at a time."""
    for statement in (*DOORS, *INTERLOCK, *TEXTS, *NOTIFIED, *RIGHTS):
        op.get_bind().exec_driver_sql(statement)
