"""Voices that condominiums have cloned, the consent to each, and what they are made of."""

from alembic import op

revision = "0010"
down_revision = "0009"

PROFILES = "('fast', 'balanced', 'expressive')"

VOICES = (
    f"""CREATE TABLE voices (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        condominium_id uuid NOT NULL REFERENCES condominiums ON DELETE CASCADE,
        name text NOT NULL CHECK (name ~ '^[^[:cntrl:]]{{1,100}}$' AND name !~ '^cloned:'),
        profile text NOT NULL DEFAULT 'balanced' CHECK (profile IN {PROFILES}),
        pitch double precision NOT NULL DEFAULT 0.5 CHECK (pitch BETWEEN 0 AND 1),
        speed double precision NOT NULL DEFAULT 1 CHECK (speed BETWEEN 0.5 AND 2),
        state text NOT NULL DEFAULT 'pending'
            CHECK (state IN ('pending', 'ready', 'failed', 'revoked')),
        state_reason text,
        version text CHECK (version ~ '^[0-9a-f]{{64}}$'),
        duration_s double precision NOT NULL CHECK (duration_s > 0),
        warnings text[] NOT NULL DEFAULT '{{}}',
        measures jsonb NOT NULL DEFAULT '{{}}' CHECK (jsonb_typeof(measures) = 'object'),
        consent_by text NOT NULL CHECK (consent_by <> ''),
        consent_at timestamptz NOT NULL,
        consent_statement text NOT NULL CHECK (consent_statement <> ''),
        attempts integer NOT NULL DEFAULT 0,
        try_after timestamptz NOT NULL DEFAULT now(),
        created_at timestamptz NOT NULL DEFAULT now(),
        revoked_at timestamptz,
        CHECK (state <> 'ready' OR version IS NOT NULL),
        CHECK ((state = 'revoked') = (revoked_at IS NOT NULL))
    )""",
    "COMMENT ON TABLE voices IS"
    " 'Cloned voices, and who consented to each. version is the SHA-256 of the latents; a voice"
    " speaks where an extension or its condominium has its name. Setting state to revoked (and"
    " revoked_at) is supported: triggers delete what it was made of, and tell every machine.'",
    """CREATE UNIQUE INDEX voices_name ON voices (condominium_id, name)
        WHERE state <> 'revoked'""",
    "CREATE INDEX voices_pending ON voices (try_after) WHERE state = 'pending'",
    """CREATE TABLE voice_files (
        voice_id uuid NOT NULL REFERENCES voices ON DELETE CASCADE,
        kind text NOT NULL CHECK (kind IN ('reference', 'latents', 'consent')),
        content bytea NOT NULL,
        PRIMARY KEY (voice_id, kind)
    )""",
    "COMMENT ON TABLE voice_files IS"
    " 'The reference recording (FLAC), the latents, and the recording of the consent, if there is"
    " one. The role ramal_api cannot read the contents.'",
    "ALTER TABLE voice_files ALTER COLUMN content SET STORAGE EXTERNAL",
    f"""ALTER TABLE condominiums
        ADD COLUMN voice text CHECK (voice !~ '^cloned:'),
        ADD COLUMN voice_profile text CHECK (voice_profile IN {PROFILES})""",
    "COMMENT ON COLUMN condominiums.voice IS"
    " 'Of extensions that name none: one of its cloned voices, or one of the engine''s.'",
)

CONSEQUENCES = (
    """CREATE FUNCTION ramal_forget_voice() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
    BEGIN
        IF OLD.state = 'revoked' AND NEW.state <> 'revoked' THEN
            RAISE EXCEPTION 'a voice that was revoked stays so: record a new one'
                USING ERRCODE = 'check_violation';
        END IF;
        IF NEW.state = 'revoked' THEN
            DELETE FROM voice_files WHERE voice_id = NEW.id AND kind <> 'consent';
        END IF;
        RETURN NULL;
    END $$""",
    """CREATE TRIGGER forget_voice AFTER UPDATE OF state ON voices
        FOR EACH ROW EXECUTE FUNCTION ramal_forget_voice()""",
    """CREATE FUNCTION notify_voices() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        -- who may not speak any more is named by its latents: engines know it by them
        IF TG_OP = 'DELETE' THEN
            PERFORM pg_notify('ramal_voices', coalesce(OLD.version, ''));
        ELSIF NEW.state = 'revoked' THEN
            PERFORM pg_notify('ramal_voices', coalesce(NEW.version, ''));
        ELSE
            PERFORM pg_notify('ramal_voices', '');
        END IF;
        RETURN NULL;
    END $$""",
    """CREATE TRIGGER notify_voices AFTER INSERT OR DELETE OR UPDATE OF state, version
        ON voices FOR EACH ROW EXECUTE FUNCTION notify_voices()""",
    """CREATE TRIGGER notify_directory
        AFTER INSERT OR DELETE OR UPDATE OF name, profile, pitch, speed, state, version OR TRUNCATE
        ON voices FOR EACH STATEMENT EXECUTE FUNCTION notify_directory()""",
)

OF_CONDOMINIUM = "condominium_id IN (SELECT id FROM condominiums)"
OF_VOICE = "EXISTS (SELECT FROM voices WHERE voices.id = voice_id)"
RIGHTS = (
    """GRANT SELECT, DELETE, UPDATE (name, profile, pitch, speed, state, state_reason, revoked_at),
        INSERT (condominium_id, name, profile, pitch, speed, duration_s, warnings, measures,
            consent_by, consent_at, consent_statement) ON voices TO ramal_api""",
    "GRANT SELECT (voice_id, kind), INSERT ON voice_files TO ramal_api",
    *(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY" for table in ("voices", "voice_files")),
    f"""CREATE POLICY of_tenant ON voices TO ramal_api
        USING ({OF_CONDOMINIUM}) WITH CHECK ({OF_CONDOMINIUM})""",
    f"""CREATE POLICY of_tenant ON voice_files TO ramal_api
        USING ({OF_VOICE}) WITH CHECK ({OF_VOICE})""",
)


def upgrade() -> None:
    """Apply the statements, each on its own: asyncpg prepares one at a time."""
    for statement in (*VOICES, *CONSEQUENCES, *RIGHTS):
        op.get_bind().exec_driver_sql(statement)
