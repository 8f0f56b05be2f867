"""What synthesis jobs made, where every machine can read it, and what is revoked goes at once."""

from alembic import op

revision = "0016"
down_revision = "0015"

AUDIO = (
    """CREATE TABLE synthesis_audio (
        item_id uuid NOT NULL REFERENCES synthesis_items ON DELETE CASCADE,
        part integer NOT NULL,
        content bytea NOT NULL,
        PRIMARY KEY (item_id, part)
    )""",
    "COMMENT ON TABLE synthesis_audio IS"
    " 'The file of each item that is done, in parts of a mebibyte from 0. It goes when its item is"
    " not done any more (cancelled, expired), and in the transaction that revokes its voice.'",
    # audio does not become smaller: do not try
    "ALTER TABLE synthesis_audio ALTER content SET STORAGE EXTERNAL",
    """CREATE FUNCTION ramal_drop_synthesis_audio() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path FROM CURRENT AS $$
    BEGIN
        DELETE FROM synthesis_audio WHERE item_id = NEW.id;
        RETURN NULL;
    END $$""",
    """CREATE TRIGGER drop_synthesis_audio AFTER UPDATE OF state ON synthesis_items
        FOR EACH ROW WHEN (OLD.state = 'done' AND NEW.state <> 'done')
        EXECUTE FUNCTION ramal_drop_synthesis_audio()""",
    """CREATE FUNCTION ramal_drop_audio_of_voice() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path FROM CURRENT AS $$
    BEGIN
        DELETE FROM synthesis_audio USING synthesis_items AS item
            WHERE item.id = item_id AND voice_id = OLD.id AND item.state <> 'dead';
        RETURN NULL;
    END $$""",
    """CREATE TRIGGER drop_audio_of_revoked_voice AFTER UPDATE OF state ON voices
        FOR EACH ROW WHEN (NEW.state = 'revoked')
        EXECUTE FUNCTION ramal_drop_audio_of_voice()""",
    """CREATE TRIGGER drop_audio_of_deleted_voice AFTER DELETE ON voices
        FOR EACH ROW EXECUTE FUNCTION ramal_drop_audio_of_voice()""",
)
# files on the machines that made them are not handed out any more, and are removed there
OLD_FILES = (
    "DELETE FROM synthesis_items WHERE job_id IN"
    " (SELECT id FROM synthesis_jobs WHERE state IN ('done', 'failed'))",
    """UPDATE synthesis_jobs SET state = 'expired', version = version + 1, expires_at = now()
        WHERE state IN ('done', 'failed')""",
    """UPDATE synthesis_items SET state = 'queued', queue_id = NULL, holder = NULL, attempts = 0
        WHERE state = 'done'""",
    "UPDATE synthesis_jobs SET done = 0 WHERE state IN ('queued', 'running')",
    "ALTER TABLE synthesis_items DROP file",
    "COMMENT ON TABLE synthesis_items IS"
    " 'One text; what it became is in synthesis_audio. voice_id is of a cloned voice, whose"
    " revocation deletes that; its row may be gone. dead: given up, error says why. machine is who"
    " made it. attempts counts those without any progress. To have one made (again), set state to"
    " queued and queue_id to NULL.'",
)
OF_ITEM = "EXISTS (SELECT FROM synthesis_items WHERE synthesis_items.id = item_id)"
RIGHTS = (
    "GRANT SELECT ON synthesis_audio TO ramal_api",
    "ALTER TABLE synthesis_audio ENABLE ROW LEVEL SECURITY",
    f"CREATE POLICY of_tenant ON synthesis_audio TO ramal_api USING ({OF_ITEM})",
)


def upgrade() -> None:
    """Apply the statements, each on its own: asyncpg prepares one at a time."""
    for statement in (*AUDIO, *OLD_FILES, *RIGHTS):
        op.get_bind().exec_driver_sql(statement)
