"""Synthesis jobs: texts that are spoken into files, beside the calls.

An item that is ``queued`` always has its job in pgqueuer's table: a trigger adds it in the same
transaction, as for webhooks. Whoever changes an item locks the job's row first, and takes its next
``version`` along: so versions appear in the order of commits, and progress can be read on from one.
"""

from alembic import op

revision = "0011"
down_revision = "0010"

JOBS = (
    """CREATE TABLE synthesis_jobs (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        tenant_id uuid REFERENCES tenants ON DELETE CASCADE,
        name text NOT NULL DEFAULT '',
        format text NOT NULL CHECK (format IN ('wav', 'mp3', 'opus', 'slin', 'slin16')),
        state text NOT NULL DEFAULT 'queued'
            CHECK (state IN ('queued', 'running', 'done', 'failed', 'cancelled', 'expired')),
        items integer NOT NULL CHECK (items > 0),
        done integer NOT NULL DEFAULT 0,
        dead integer NOT NULL DEFAULT 0,
        characters bigint NOT NULL,
        version bigint NOT NULL DEFAULT 1,
        created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        started_at timestamptz,
        finished_at timestamptz,
        expires_at timestamptz
    )""",
    "COMMENT ON TABLE synthesis_jobs IS"
    " 'Texts to be spoken into files. failed: at least one item was given up. expired: files and"
    " texts are deleted. version grows with every change of the job or of one of its items.'",
    "CREATE INDEX synthesis_jobs_newest ON synthesis_jobs (created_at DESC, id DESC)",
    "CREATE INDEX synthesis_jobs_of_tenant ON synthesis_jobs (tenant_id, created_at)",
    "CREATE INDEX synthesis_jobs_expiring ON synthesis_jobs (expires_at) WHERE state <> 'expired'",
    """CREATE FUNCTION ramal_notify_synthesis() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM pg_notify('ramal_synthesis', NEW.id || ' ' || NEW.state);
        RETURN NULL;
    END $$""",
    """CREATE TRIGGER notify_synthesis AFTER INSERT OR UPDATE OF version, state ON synthesis_jobs
        FOR EACH ROW EXECUTE FUNCTION ramal_notify_synthesis()""",
)

ITEMS = (
    """CREATE TABLE synthesis_items (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        job_id uuid NOT NULL REFERENCES synthesis_jobs ON DELETE CASCADE,
        number integer NOT NULL,
        name text NOT NULL DEFAULT '',
        text text NOT NULL,
        voice text,
        voice_id uuid,
        profile text NOT NULL DEFAULT 'balanced',
        language text NOT NULL,
        speed real NOT NULL DEFAULT 1,
        state text NOT NULL DEFAULT 'queued'
            CHECK (state IN ('queued', 'running', 'done', 'dead', 'cancelled')),
        warning text,
        passages integer NOT NULL,
        passages_done integer NOT NULL DEFAULT 0,
        attempts integer NOT NULL DEFAULT 0,
        error text,
        next_attempt_at timestamptz,
        holder uuid,
        queue_id bigint,
        changed bigint NOT NULL DEFAULT 1,
        machine text,
        file text,
        sha256 bytea CHECK (length(sha256) = 32),
        size_bytes bigint,
        duration_ms bigint,
        finished_at timestamptz,
        UNIQUE (job_id, number)
    )""",
    "COMMENT ON TABLE synthesis_items IS"
    " 'One text, and the file that it became, below data_dir/synthesis on the machine. voice_id is"
    " of a cloned voice, whose revocation deletes the file; its row may be gone. dead: given"
    " up, error says why. attempts counts those without any progress. To have one made (again), set"
    " state to queued and queue_id to NULL.'",
    "CREATE INDEX synthesis_items_changed ON synthesis_items (job_id, changed)",
    "CREATE INDEX synthesis_items_cloned ON synthesis_items (voice_id)"
    " WHERE voice_id IS NOT NULL AND state <> 'dead'",
    "CREATE INDEX synthesis_items_open ON synthesis_items (queue_id)"
    " WHERE state IN ('queued', 'running')",
    """CREATE FUNCTION ramal_queue_synthesis() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path FROM CURRENT AS $$
    BEGIN
        INSERT INTO pgqueuer (priority, entrypoint, payload, status)
            VALUES (-NEW.number, 'synthesis', convert_to(NEW.id::text, 'UTF8'), 'queued')
            RETURNING id INTO NEW.queue_id;
        RETURN NEW;
    END $$""",
    "COMMENT ON FUNCTION ramal_queue_synthesis IS"
    " 'The first items of all jobs come before the second ones: nobody waits for a long batch.'",
    """CREATE TRIGGER queue_synthesis BEFORE INSERT OR UPDATE ON synthesis_items FOR EACH ROW
        WHEN (NEW.state = 'queued' AND NEW.queue_id IS NULL)
        EXECUTE FUNCTION ramal_queue_synthesis()""",
    """CREATE FUNCTION ramal_forget_synthesis() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path FROM CURRENT AS $$
    BEGIN
        DELETE FROM pgqueuer WHERE id = OLD.queue_id AND status = 'queued';
        RETURN NULL;
    END $$""",
    """CREATE TRIGGER forget_synthesis AFTER DELETE ON synthesis_items FOR EACH ROW
        EXECUTE FUNCTION ramal_forget_synthesis()""",
    """CREATE TRIGGER forget_cancelled_synthesis AFTER UPDATE OF state ON synthesis_items
        FOR EACH ROW WHEN (NEW.state = 'cancelled' AND OLD.state = 'queued')
        EXECUTE FUNCTION ramal_forget_synthesis()""",
)

OF_JOB = "EXISTS (SELECT FROM synthesis_jobs WHERE synthesis_jobs.id = job_id)"
POLICIES = {"synthesis_jobs": "ramal_sees(tenant_id)", "synthesis_items": OF_JOB}
RIGHTS = (
    "GRANT SELECT, INSERT ON synthesis_jobs TO ramal_api",
    "GRANT UPDATE (state, version, done, dead, started_at, finished_at, expires_at)"
    " ON synthesis_jobs TO ramal_api",
    "GRANT SELECT, INSERT, DELETE ON synthesis_items TO ramal_api",
    "GRANT UPDATE (state, changed, queue_id, attempts, error, next_attempt_at, holder, file,"
    " finished_at) ON synthesis_items TO ramal_api",
    *(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY" for table in POLICIES),
    *(
        f"CREATE POLICY of_tenant ON {table} TO ramal_api USING ({rule}) WITH CHECK ({rule})"
        for table, rule in POLICIES.items()
    ),
)

STATEMENTS = (*JOBS, *ITEMS, *RIGHTS)


def upgrade() -> None:
    """Apply the statements, each on its own: asyncpg prepares one at a time."""
    for statement in STATEMENTS:
        op.get_bind().exec_driver_sql(statement)
