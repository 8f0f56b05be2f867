"""Webhooks: endpoints, what is delivered to them, the queue of jobs behind that; and alerts.

A delivery that is ``queued`` always has its job: a trigger adds it in the same transaction, so
whoever writes a delivery need know nothing of the queue.
"""

import re
from pathlib import Path

from alembic import op

revision = "0005"
down_revision = "0004"

QUEUE = Path(__file__).parents[1] / "pgqueuer_1_6_0.sql"
BETWEEN_STATEMENTS = re.compile(r";\s*\n\n(?=CREATE )")

OF_QUEUE = tuple(
    f"COMMENT ON TABLE {table} IS 'Of the library pgqueuer: {what}.'"
    for table, what in {
        "pgqueuer": "jobs that wait or are worked on",
        "pgqueuer_log": "what became of jobs, kept for some days",
        "pgqueuer_schedules": "not used",
        "pgqueuer_statistics": "not used",
    }.items()
)
ENDPOINTS = (
    """CREATE TABLE webhook_endpoints (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        tenant_id uuid REFERENCES tenants ON DELETE CASCADE,
        condominium_id uuid REFERENCES condominiums ON DELETE CASCADE,
        url text NOT NULL CHECK (length(url) <= 2048),
        events text[] NOT NULL DEFAULT '{}',
        description text NOT NULL DEFAULT '',
        enabled boolean NOT NULL DEFAULT true,
        disabled_reason text,
        failing_since timestamptz,
        secret text NOT NULL,
        previous_secret text,
        previous_until timestamptz,
        created_at timestamptz NOT NULL DEFAULT now()
    )""",
    "COMMENT ON TABLE webhook_endpoints IS"
    " 'Where events are sent. Without a tenant those of the whole installation; no events named"
    " are all. The secrets sign, so they are kept as they are; the API''s role cannot read them.'",
    """CREATE FUNCTION ramal_endpoint_enabled() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        NEW.disabled_reason := NULL;
        NEW.failing_since := NULL;
        RETURN NEW;
    END $$""",
    """CREATE TRIGGER enabled_again BEFORE UPDATE OF enabled ON webhook_endpoints FOR EACH ROW
        WHEN (NEW.enabled AND NOT OLD.enabled) EXECUTE FUNCTION ramal_endpoint_enabled()""",
    """CREATE FUNCTION notify_webhooks() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM pg_notify('ramal_webhooks', '');
        RETURN NULL;
    END $$""",
    """CREATE TRIGGER notify_webhooks AFTER INSERT OR DELETE OR UPDATE OF enabled
        ON webhook_endpoints FOR EACH STATEMENT EXECUTE FUNCTION notify_webhooks()""",
)

DELIVERIES = (
    """CREATE TABLE webhook_deliveries (
        id uuid PRIMARY KEY,
        endpoint_id uuid NOT NULL REFERENCES webhook_endpoints ON DELETE CASCADE,
        event text NOT NULL,
        call_id uuid,
        sequence bigint,
        body text NOT NULL,
        state text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'delivered', 'dead')),
        attempts integer NOT NULL DEFAULT 0,
        created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        queued_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        next_attempt_at timestamptz,
        finished_at timestamptz,
        job_id bigint
    )""",
    "COMMENT ON TABLE webhook_deliveries IS"
    " 'One event for one endpoint. queued_at is when it was queued or queued again; dead ones were"
    " given up. To queue one (again), set state to queued and job_id to NULL.'",
    "CREATE INDEX webhook_deliveries_newest ON webhook_deliveries"
    " (endpoint_id, created_at DESC, id DESC)",
    "CREATE INDEX webhook_deliveries_finished ON webhook_deliveries (finished_at)",
    "CREATE INDEX webhook_deliveries_queued ON webhook_deliveries (job_id) WHERE state = 'queued'",
    """CREATE TABLE webhook_attempts (
        delivery_id uuid NOT NULL REFERENCES webhook_deliveries ON DELETE CASCADE,
        number integer NOT NULL,
        at timestamptz NOT NULL,
        status integer,
        latency_ms real NOT NULL,
        response text,
        error text,
        PRIMARY KEY (delivery_id, number)
    )""",
    "COMMENT ON TABLE webhook_attempts IS"
    " 'Every request of a delivery: what was answered (its beginning), or why nothing was.'",
    """CREATE FUNCTION ramal_queue_delivery() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path FROM CURRENT AS $$
    DECLARE
        lane integer := (hashtext(coalesce(NEW.call_id, NEW.id)::text) & 2147483647) % 4;
    BEGIN
        INSERT INTO pgqueuer (priority, entrypoint, payload, status)
            VALUES (0, 'webhook:' || NEW.endpoint_id || ':' || lane,
                convert_to(NEW.id::text, 'UTF8'), 'queued')
            RETURNING id INTO NEW.job_id;
        RETURN NEW;
    END $$""",
    """CREATE TRIGGER queue_delivery BEFORE INSERT OR UPDATE ON webhook_deliveries FOR EACH ROW
        WHEN (NEW.state = 'queued' AND NEW.job_id IS NULL)
        EXECUTE FUNCTION ramal_queue_delivery()""",
    """CREATE FUNCTION ramal_forget_delivery() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path FROM CURRENT AS $$
    BEGIN
        DELETE FROM pgqueuer WHERE id = OLD.job_id AND status = 'queued';
        RETURN NULL;
    END $$""",
    """CREATE TRIGGER forget_delivery AFTER DELETE ON webhook_deliveries FOR EACH ROW
        EXECUTE FUNCTION ramal_forget_delivery()""",
)

ALERTS = (
    """CREATE TABLE alerts (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        tenant_id uuid REFERENCES tenants ON DELETE CASCADE,
        kind text NOT NULL,
        subject text NOT NULL DEFAULT '',
        text text NOT NULL,
        facts jsonb NOT NULL DEFAULT '{}',
        raised_at timestamptz NOT NULL,
        last_at timestamptz NOT NULL,
        times bigint NOT NULL DEFAULT 1,
        over_at timestamptz,
        acknowledged_at timestamptz,
        acknowledged_by text
    )""",
    "COMMENT ON TABLE alerts IS"
    " 'What somebody should look at, from raised_at on, last raised at last_at. Without a tenant it"
    " is the installation''s.'",
    """CREATE UNIQUE INDEX alerts_open ON alerts (kind, subject) WHERE over_at IS NULL""",
    "CREATE INDEX alerts_newest ON alerts (raised_at DESC, id DESC)",
)

SHOWN = (
    "id, tenant_id, condominium_id, url, events, description, enabled, disabled_reason,"
    " failing_since, previous_until, created_at"
)
OF_ENDPOINT = "EXISTS (SELECT FROM webhook_endpoints WHERE webhook_endpoints.id = endpoint_id)"
POLICIES = {
    "webhook_endpoints": "ramal_sees(tenant_id)",
    "webhook_deliveries": OF_ENDPOINT,
    "webhook_attempts": "EXISTS (SELECT FROM webhook_deliveries d WHERE d.id = delivery_id)",
    "alerts": "ramal_sees(tenant_id)",
}
RIGHTS = (
    f"GRANT SELECT ({SHOWN}), INSERT, DELETE ON webhook_endpoints TO ramal_api",
    "GRANT UPDATE (url, events, description, enabled, condominium_id)"
    " ON webhook_endpoints TO ramal_api",
    "GRANT SELECT, INSERT ON webhook_deliveries TO ramal_api",
    "GRANT UPDATE (state, job_id, queued_at, next_attempt_at, finished_at)"
    " ON webhook_deliveries TO ramal_api",
    "GRANT SELECT ON webhook_attempts TO ramal_api",
    "GRANT SELECT, UPDATE (acknowledged_at, acknowledged_by) ON alerts TO ramal_api",
    """CREATE FUNCTION ramal_rotate_webhook_secret(endpoint uuid, given text, overlap interval)
    RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path FROM CURRENT AS $$
        UPDATE webhook_endpoints SET secret = given, previous_secret = secret,
            previous_until = now() + overlap
        WHERE id = endpoint AND ramal_sees(tenant_id)
    $$""",
    "COMMENT ON FUNCTION ramal_rotate_webhook_secret IS"
    " 'Replaces a secret, for roles that cannot read the one that stays good for a while.'",
    *(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY" for table in POLICIES),
    *(
        f"CREATE POLICY of_tenant ON {table} TO ramal_api USING ({rule}) WITH CHECK ({rule})"
        for table, rule in POLICIES.items()
    ),
)


def upgrade() -> None:
    """Apply the statements, each on its own: asyncpg prepares one at a time."""
    queue = BETWEEN_STATEMENTS.split(QUEUE.read_text())
    for statement in (*queue, *OF_QUEUE, *ENDPOINTS, *DELIVERIES, *ALERTS, *RIGHTS):
        op.get_bind().exec_driver_sql(statement)
