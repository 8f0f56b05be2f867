"""Receptionists' handbooks, and tenants' language models over HTTP."""

from alembic import op

revision = "0013"
down_revision = "0012"

HANDBOOKS = (
    """CREATE TABLE handbooks (
        extension_id uuid PRIMARY KEY REFERENCES extensions ON DELETE CASCADE,
        document jsonb NOT NULL CHECK (jsonb_typeof(document) = 'object'),
        changed_at timestamptz NOT NULL DEFAULT now()
    )""",
    "COMMENT ON TABLE handbooks IS"
    " 'What the receptionist of an extension knows: numbered facts, and departments with their"
    " hours. Changing it with plain SQL is supported; new calls go by it, and one that cannot be"
    " used leaves its extension as it was, and says why in extensions.status_reason.'",
    """CREATE TRIGGER notify_directory AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE
        ON handbooks FOR EACH STATEMENT EXECUTE FUNCTION notify_directory()""",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON handbooks TO ramal_api",
    "ALTER TABLE handbooks ENABLE ROW LEVEL SECURITY",
    """CREATE POLICY of_tenant ON handbooks TO ramal_api
        USING (extension_id IN (SELECT id FROM extensions))
        WITH CHECK (extension_id IN (SELECT id FROM extensions))""",
)

MODELS = (
    """ALTER TABLE language_models
        ADD has_key boolean GENERATED ALWAYS AS (api_key IS NOT NULL) STORED,
        ADD guarded boolean NOT NULL DEFAULT false""",
    "COMMENT ON COLUMN language_models.guarded IS"
    " 'Set over HTTP, by whoever may be a customer: its address is checked whenever we connect.'",
    "COMMENT ON COLUMN language_models.api_key IS"
    " 'No command and no API shows it; the role ramal_api can write this column, and not read it.'",
    """GRANT SELECT (tenant_id, base_url, models, deadline_ms, has_key, guarded, changed_at),
        INSERT (tenant_id, base_url, models, deadline_ms, api_key, guarded, changed_at),
        UPDATE (base_url, models, deadline_ms, api_key, guarded, changed_at),
        DELETE ON language_models TO ramal_api""",
    """CREATE POLICY of_tenant ON language_models TO ramal_api
        USING (ramal_sees(tenant_id)) WITH CHECK (ramal_sees(tenant_id) AND guarded)""",
)


def upgrade() -> None:
    """Apply the statements, each on its own: asyncpg prepares one at a time."""
    for statement in (*HANDBOOKS, *MODELS):
        op.get_bind().exec_driver_sql(statement)
