"""API keys, the audit log, and tenants kept apart by the database itself.

Connections that serve the HTTP API take the role ``ramal_api``, which owns nothing: row-level
security then shows them the tenant that the setting ``ramal.tenant`` names (``*`` is the whole
installation), and nothing where it is not set.
"""

from alembic import op

revision = "0002"
down_revision = "0001"

ROLE = (
    """DO $$ BEGIN
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'ramal_api') THEN
            BEGIN
                CREATE ROLE ramal_api NOLOGIN;
            EXCEPTION
                WHEN duplicate_object OR unique_violation THEN
                    NULL;  -- another database of this server is migrated at the same moment
                WHEN insufficient_privilege THEN
                    RAISE EXCEPTION
                        'a superuser must once say: CREATE ROLE ramal_api; GRANT ramal_api TO %',
                        current_user USING ERRCODE = 'insufficient_privilege';
            END;
        END IF;
        IF NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
            BEGIN
                EXECUTE format('GRANT ramal_api TO %I', current_user);
            EXCEPTION WHEN insufficient_privilege THEN
                IF NOT pg_has_role(current_user, 'ramal_api', 'MEMBER') THEN
                    RAISE EXCEPTION 'a superuser must once say: GRANT ramal_api TO %', current_user
                        USING ERRCODE = 'insufficient_privilege';
                END IF;
            END;
        END IF;
        EXECUTE format('GRANT USAGE ON SCHEMA %I TO ramal_api', current_schema());
    END $$""",
    """CREATE FUNCTION ramal_sees(tenant uuid) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
        SELECT coalesce(current_setting('ramal.tenant', true) IN ('*', tenant::text), false)
    $$""",
    """CREATE FUNCTION ramal_taken_port(ports integer[], besides uuid) RETURNS integer
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
        SELECT taken FROM extensions, unnest(ARRAY[port, return_port]) AS taken
        WHERE taken = ANY(ports) AND id IS DISTINCT FROM besides ORDER BY taken LIMIT 1
    $$""",
    "COMMENT ON FUNCTION ramal_taken_port IS"
    " 'One of these ports that an extension has, of whichever tenant: ports are the machine''s.'",
)

KEYS = (
    """CREATE TABLE api_keys (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        prefix text NOT NULL UNIQUE,
        secret_hash bytea NOT NULL CHECK (length(secret_hash) = 32),
        name text NOT NULL CHECK (name <> ''),
        role text NOT NULL CHECK (role IN ('admin', 'operator', 'viewer')),
        tenant_id uuid REFERENCES tenants ON DELETE CASCADE,
        created_at timestamptz NOT NULL DEFAULT now(),
        expires_at timestamptz,
        last_used_at timestamptz,
        revoked_at timestamptz
    )""",
    "COMMENT ON TABLE api_keys IS"
    " 'Keys of the HTTP API; without a tenant they are good for the whole installation."
    " secret_hash is the SHA-256 of the key, which is random and shown once.'",
    """CREATE TABLE idempotency_keys (
        key_id uuid NOT NULL REFERENCES api_keys ON DELETE CASCADE,
        key text NOT NULL,
        fingerprint bytea NOT NULL,
        status integer,
        headers jsonb,
        body text,
        created_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (key_id, key)
    )""",
    "COMMENT ON TABLE idempotency_keys IS"
    " 'What a POST with an Idempotency-Key was answered, written with what it made.'",
    """CREATE TABLE audit_log (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        at timestamptz NOT NULL DEFAULT now(),
        tenant_id uuid,
        key_id uuid NOT NULL,
        key_name text NOT NULL,
        role text NOT NULL,
        address text NOT NULL,
        request_id text NOT NULL,
        method text NOT NULL,
        path text NOT NULL,
        status integer NOT NULL,
        resource text,
        resource_id text,
        before jsonb,
        after jsonb
    )""",
    "COMMENT ON TABLE audit_log IS"
    " 'Every request with an API key, append-only; changes with what was before and after.'",
    "CREATE INDEX audit_log_by_tenant ON audit_log (tenant_id, id)",
    """CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE
        ON audit_log FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()""",
    "ALTER TABLE audit_log ENABLE ALWAYS TRIGGER append_only",
)

STREAM = (
    """ALTER TABLE events
        ADD COLUMN id bigint GENERATED ALWAYS AS IDENTITY,
        ADD COLUMN written_in xid8 NOT NULL DEFAULT pg_current_xact_id()""",
    "COMMENT ON COLUMN events.written_in IS"
    " 'The transaction: those who follow the table read what is older than every running one,"
    " in the order of (written_in, id), and miss nothing that commits late.'",
    "CREATE INDEX events_in_order ON events (written_in, id)",
    """CREATE FUNCTION notify_events() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM pg_notify('ramal_events', '');
        RETURN NULL;
    END $$""",
    """CREATE TRIGGER notify_events AFTER INSERT
        ON events FOR EACH STATEMENT EXECUTE FUNCTION notify_events()""",
    "CREATE INDEX calls_newest ON calls (started_at DESC, id DESC)",
    "CREATE INDEX visits_newest ON visits (at DESC, id DESC)",
)

OF_CONDOMINIUM = "condominium_id IN (SELECT id FROM condominiums)"
POLICIES = {
    "tenants": "ramal_sees(id)",
    "condominiums": "ramal_sees(tenant_id)",
    "units": OF_CONDOMINIUM,
    "residents": "EXISTS (SELECT FROM units WHERE units.id = unit_id)",
    "extensions": OF_CONDOMINIUM,
    "calls": f"ramal_sees(NULL) OR {OF_CONDOMINIUM}",
    "turns": "EXISTS (SELECT FROM calls WHERE calls.id = call_id)",
    "events": "EXISTS (SELECT FROM calls WHERE calls.id = call_id)",
    "visits": OF_CONDOMINIUM,
    "idempotency_keys": "key_id::text = current_setting('ramal.key', true)",
}
"""Which rows ``ramal_api`` sees and may write; a table that a rule asks is under its own rule."""

EXTENSION_COLUMNS = (
    "number, condominium_id, flow, language, voice, port, return_port, enabled, isolated, settings"
)
RIGHTS = (
    "GRANT SELECT, INSERT, UPDATE, DELETE"
    " ON tenants, condominiums, units, residents, idempotency_keys TO ramal_api",
    f"GRANT SELECT, INSERT, DELETE, UPDATE ({EXTENSION_COLUMNS}) ON extensions TO ramal_api",
    "GRANT SELECT ON calls, turns, events, visits TO ramal_api",
    "GRANT SELECT, INSERT ON audit_log TO ramal_api",
    *(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY" for table in (*POLICIES, "audit_log")),
    *(
        f"CREATE POLICY of_tenant ON {table} TO ramal_api USING ({rule}) WITH CHECK ({rule})"
        for table, rule in POLICIES.items()
    ),
    "CREATE POLICY of_tenant ON audit_log FOR SELECT TO ramal_api USING (ramal_sees(tenant_id))",
    "CREATE POLICY of_key ON audit_log FOR INSERT TO ramal_api"
    " WITH CHECK (key_id::text = current_setting('ramal.key', true))",
)


def upgrade() -> None:
    """Apply the statements, each on its own: asyncpg prepares one at a time."""
    for statement in (*ROLE, *KEYS, *STREAM, *RIGHTS):
        op.get_bind().exec_driver_sql(statement)
