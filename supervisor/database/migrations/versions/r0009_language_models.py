"""Language models that tenants have asked about turns which the rules are not sure of."""

from alembic import op

revision = "0009"
down_revision = "0007"

STATEMENTS = (
    """CREATE TABLE language_models (
        tenant_id uuid PRIMARY KEY REFERENCES tenants ON DELETE CASCADE,
        base_url text NOT NULL CHECK (base_url ~ '^https?://[^[:space:]]+$'),
        models text[] NOT NULL CHECK (cardinality(models) BETWEEN 1 AND 5),
        api_key text CHECK (api_key <> ''),
        deadline_ms integer NOT NULL DEFAULT 1200 CHECK (deadline_ms BETWEEN 200 AND 5000),
        changed_at timestamptz NOT NULL DEFAULT now()
    )""",
    "COMMENT ON TABLE language_models IS"
    " 'Whom a tenant''s doormen ask about a visitor''s turn that the rules are not sure of: an API"
    " with OpenAI''s chat completions, its models in the order in which they are tried. Changing it"
    " with plain SQL is supported; new calls ask it.'",
    "COMMENT ON COLUMN language_models.api_key IS"
    " 'No command and no API shows it; the role ramal_api cannot read this table.'",
    "ALTER TABLE language_models ENABLE ROW LEVEL SECURITY",
    """CREATE TRIGGER notify_directory AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE
        ON language_models FOR EACH STATEMENT EXECUTE FUNCTION notify_directory()""",
)


def upgrade() -> None:
    """Apply the statements, each on its own: asyncpg prepares one at a time."""
    for statement in STATEMENTS:
        op.get_bind().exec_driver_sql(statement)
