"""People who log in: users, their sessions, second factors, and what failed logins cost.

``ramal_api`` sees users without anything that proves who they are, and none of the other tables.
"""

from alembic import op

revision = "0004"
down_revision = "0003"

TABLES = (
    """CREATE TABLE users (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        tenant_id uuid REFERENCES tenants ON DELETE CASCADE,
        username text NOT NULL UNIQUE CHECK (username = lower(username) AND username <> ''),
        name text NOT NULL DEFAULT '',
        role text NOT NULL CHECK (role IN ('admin', 'operator', 'viewer')),
        enabled boolean NOT NULL DEFAULT true,
        password_hash text NOT NULL,
        password_changed_at timestamptz NOT NULL DEFAULT now(),
        totp_secret text,
        totp_confirmed_at timestamptz,
        totp_last_step bigint NOT NULL DEFAULT 0,
        second_factor boolean NOT NULL GENERATED ALWAYS AS (totp_confirmed_at IS NOT NULL) STORED,
        created_at timestamptz NOT NULL DEFAULT now(),
        last_login_at timestamptz
    )""",
    "COMMENT ON TABLE users IS"
    " 'Who logs in; without a tenant they have to do with the whole installation."
    " totp_last_step is the time step of the last code that was taken: none is taken twice.'",
    """CREATE TABLE recovery_codes (
        user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
        code_hash bytea NOT NULL CHECK (length(code_hash) = 32),
        used_at timestamptz,
        PRIMARY KEY (user_id, code_hash)
    )""",
    "COMMENT ON TABLE recovery_codes IS 'In place of a lost second factor; each is good once.'",
    """CREATE TABLE sessions (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
        address text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        expires_at timestamptz NOT NULL,
        revoked_at timestamptz
    )""",
    "COMMENT ON TABLE sessions IS 'A login and every refresh token that came of it.'",
    "CREATE INDEX sessions_of_user ON sessions (user_id)",
    """CREATE TABLE refresh_tokens (
        token_hash bytea PRIMARY KEY CHECK (length(token_hash) = 32),
        session_id uuid NOT NULL REFERENCES sessions ON DELETE CASCADE,
        expires_at timestamptz NOT NULL,
        used_at timestamptz
    )""",
    "COMMENT ON TABLE refresh_tokens IS"
    " 'Each is good once; one that comes again was stolen, and ends its session.'",
    "CREATE INDEX refresh_tokens_of_session ON refresh_tokens (session_id)",
    """CREATE TABLE login_attempts (
        subject bytea PRIMARY KEY,
        failures integer NOT NULL,
        last_at timestamptz NOT NULL,
        blocked_until timestamptz
    )""",
    "COMMENT ON TABLE login_attempts IS"
    " 'Failed logins by the hash of a name, whether it is somebody''s or not, or of an address.'",
    "CREATE INDEX login_attempts_by_age ON login_attempts (last_at)",
)

CONSEQUENCES = (
    """CREATE FUNCTION ramal_date_password() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF current_setting('ramal.rehash', true) IS DISTINCT FROM 'on' THEN
            NEW.password_changed_at = now();
        END IF;
        RETURN NEW;
    END $$""",
    """CREATE TRIGGER date_password BEFORE UPDATE OF password_hash ON users
        FOR EACH ROW EXECUTE FUNCTION ramal_date_password()""",
    """CREATE FUNCTION ramal_end_sessions() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
    BEGIN
        UPDATE sessions SET revoked_at = now() WHERE user_id = NEW.id AND revoked_at IS NULL;
        RETURN NULL;
    END $$""",
    """CREATE TRIGGER end_sessions AFTER UPDATE OF password_hash, enabled ON users
        FOR EACH ROW WHEN (OLD.enabled AND NOT NEW.enabled
            OR OLD.password_changed_at IS DISTINCT FROM NEW.password_changed_at)
        EXECUTE FUNCTION ramal_end_sessions()""",
    """CREATE FUNCTION ramal_forget_recovery_codes() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
    BEGIN
        DELETE FROM recovery_codes WHERE user_id = NEW.id;
        RETURN NULL;
    END $$""",
    """CREATE TRIGGER forget_recovery_codes AFTER UPDATE OF totp_confirmed_at ON users
        FOR EACH ROW WHEN (NEW.totp_confirmed_at IS NULL)
        EXECUTE FUNCTION ramal_forget_recovery_codes()""",
)

ACTORS = (
    "ALTER TABLE audit_log ALTER COLUMN key_id DROP NOT NULL",
    """ALTER TABLE audit_log ADD COLUMN actor text NOT NULL DEFAULT 'key'
        CHECK (actor IN ('key', 'user', 'nobody'))""",
    "COMMENT ON COLUMN audit_log.key_id IS"
    " 'Of the key or, as actor says, of the user; none where nobody could be told.'",
    "ALTER TABLE idempotency_keys DROP CONSTRAINT idempotency_keys_key_id_fkey",
    "COMMENT ON COLUMN idempotency_keys.key_id IS 'Of the key or the user that sent it.'",
    """CREATE FUNCTION ramal_forget_idempotency() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
    BEGIN
        DELETE FROM idempotency_keys WHERE key_id = OLD.id;
        RETURN NULL;
    END $$""",
    *(
        f"""CREATE TRIGGER forget_idempotency AFTER DELETE ON {table}
            FOR EACH ROW EXECUTE FUNCTION ramal_forget_idempotency()"""
        for table in ("api_keys", "users")
    ),
)

SHOWN = (
    "id, tenant_id, username, name, role, enabled, second_factor, password_changed_at,"
    " created_at, last_login_at"
)
GIVEN = "name, role, enabled, password_hash"
RIGHTS = (
    f"GRANT SELECT ({SHOWN}), INSERT (tenant_id, username, {GIVEN}),"
    f" UPDATE ({GIVEN}, totp_secret, totp_confirmed_at), DELETE ON users TO ramal_api",
    *(
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY"
        for table in ("users", "recovery_codes", "sessions", "refresh_tokens", "login_attempts")
    ),
    """CREATE POLICY of_tenant ON users TO ramal_api
        USING (ramal_sees(tenant_id)) WITH CHECK (ramal_sees(tenant_id))""",
)


def upgrade() -> None:
    """Apply the statements, each on its own: asyncpg prepares one at a time."""
    for statement in (*TABLES, *CONSEQUENCES, *ACTORS, *RIGHTS):
        op.get_bind().exec_driver_sql(statement)
