"""Expected visitors with their codes, residents' PINs, and whom they let in."""

from alembic import op

revision = "0012"
down_revision = "0011"

LISTS = (
    "ALTER TABLE units ADD UNIQUE (id, condominium_id)",
    """CREATE TABLE expected_visitors (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        condominium_id uuid NOT NULL REFERENCES condominiums ON DELETE CASCADE,
        unit_id uuid NOT NULL,
        resident_id uuid REFERENCES residents ON DELETE SET NULL,
        name text NOT NULL CHECK (name <> ''),
        note text NOT NULL DEFAULT '',
        starts_at timestamptz NOT NULL DEFAULT now(),
        ends_at timestamptz NOT NULL,
        weekdays smallint[] CHECK (weekdays <@ '{1,2,3,4,5,6,7}' AND cardinality(weekdays) > 0),
        from_time time,
        until_time time,
        lets_in text NOT NULL DEFAULT 'by_code' CHECK (lets_in IN ('never', 'by_code', 'by_name')),
        most_uses integer DEFAULT 1 CHECK (most_uses > 0),
        uses integer NOT NULL DEFAULT 0,
        code_hash bytea CHECK (length(code_hash) = 32),
        has_code boolean GENERATED ALWAYS AS (code_hash IS NOT NULL) STORED,
        made_by text NOT NULL CHECK (made_by <> ''),
        created_at timestamptz NOT NULL DEFAULT now(),
        CHECK (ends_at > starts_at),
        CHECK ((from_time IS NULL) = (until_time IS NULL) AND from_time <> until_time),
        UNIQUE (condominium_id, code_hash),
        FOREIGN KEY (unit_id, condominium_id)
            REFERENCES units (id, condominium_id) ON DELETE CASCADE
    )""",
    "CREATE INDEX expected_visitors_of_unit ON expected_visitors (unit_id, ends_at)",
    "COMMENT ON TABLE expected_visitors IS"
    " 'Whom a unit expects, and when: from starts_at to ends_at, on weekdays (1 is Monday) between"
    " from_time and until_time of the condominium''s clock. Without most_uses there is no limit.'",
    "COMMENT ON COLUMN expected_visitors.lets_in IS"
    " 'never: the resident is called in any case. by_code: the code opens, the name announces."
    " by_name: the name opens too.'",
    "COMMENT ON COLUMN expected_visitors.code_hash IS"
    " 'HMAC-SHA-256 with a key that is not in the database; the code is shown once.'",
    """CREATE TABLE resident_pins (
        resident_id uuid PRIMARY KEY REFERENCES residents ON DELETE CASCADE,
        pin_hash bytea NOT NULL CHECK (length(pin_hash) = 32),
        made_by text NOT NULL CHECK (made_by <> ''),
        made_at timestamptz NOT NULL DEFAULT now()
    )""",
    "COMMENT ON TABLE resident_pins IS"
    " 'A PIN lets its resident in at their own unit, and is only taken from keys. pin_hash is made"
    " as code_hash is.'",
)

USES = (
    """CREATE TABLE admissions (
        id uuid PRIMARY KEY,
        call_id uuid NOT NULL,
        condominium_id uuid NOT NULL,
        at timestamptz NOT NULL DEFAULT now(),
        ground text NOT NULL CHECK (ground IN ('code', 'pin', 'name')),
        entry_id uuid NOT NULL,
        lets_in boolean NOT NULL,
        UNIQUE (call_id, ground, entry_id)
    )""",
    "COMMENT ON TABLE admissions IS"
    " 'Append-only: what opened a door, or announced somebody, without anybody being asked then."
    " entry_id is the row of expected_visitors, or the resident whose PIN it was; it stays when"
    " these are deleted.'",
    """CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE
        ON admissions FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()""",
    "ALTER TABLE admissions ENABLE ALWAYS TRIGGER append_only",
    "CREATE INDEX admissions_newest ON admissions (condominium_id, at DESC)",
    """CREATE TABLE wrong_codes (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        at timestamptz NOT NULL DEFAULT now(),
        extension_id uuid NOT NULL,
        unit_id uuid,
        call_id uuid NOT NULL
    )""",
    "COMMENT ON TABLE wrong_codes IS"
    " 'Codes and PINs that did not match, kept for a day: they are counted, and never stored.'",
    "CREATE INDEX wrong_codes_of_extension ON wrong_codes (extension_id, at)",
    "CREATE INDEX wrong_codes_of_unit ON wrong_codes (unit_id, at)",
)

INTERLOCK = (
    """CREATE OR REPLACE FUNCTION check_door_opened() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        granted bigint;
        opened bigint;
        founded boolean;
    BEGIN
        -- of two transactions that tell of the same call, one waits and then sees the other
        PERFORM pg_advisory_xact_lock(hashtextextended('ramal.door ' || NEW.call_id::text, 0));
        SELECT count(*) FILTER (WHERE kind = 'authorisation' AND data->>'id' = named
                   AND data->>'decision' IN ('yes', 'leave_at_desk', 'leave_in_locker')),
               count(*) FILTER (WHERE kind = 'door.opened'
                   AND data->>'authorisation' IS NOT DISTINCT FROM named)
            INTO granted, opened
            FROM events, (SELECT NEW.data->>'authorisation' AS named) AS order_of
            WHERE call_id = NEW.call_id;
        IF opened > granted THEN
            RAISE EXCEPTION 'a door cannot have opened in call % without an unused authorisation',
                NEW.call_id USING ERRCODE = 'check_violation';
        END IF;
        -- what was given beforehand needs what the database itself took down when it was shown,
        -- in this call and on that ground, and opens one door
        SELECT bool_and(
                EXISTS (SELECT FROM admissions a
                    WHERE a.id::text = given.data->>'admission' AND a.call_id = NEW.call_id
                      AND a.ground = given.data->>'by' AND a.lets_in)
                AND (SELECT count(*) FROM events door JOIN events word
                        ON word.call_id = door.call_id AND word.kind = 'authorisation'
                       AND word.data->>'id' = door.data->>'authorisation'
                    WHERE door.call_id = NEW.call_id AND door.kind = 'door.opened'
                      AND word.data->>'admission' = given.data->>'admission') <= 1)
            INTO founded
            FROM events given
            WHERE given.call_id = NEW.call_id AND given.kind = 'authorisation'
              AND given.data->>'id' = NEW.data->>'authorisation'
              AND given.data->>'by' IN ('code', 'pin', 'name');
        IF NOT coalesce(founded, true) THEN
            RAISE EXCEPTION 'a door cannot have opened in call % on an unknown or used admission',
                NEW.call_id USING ERRCODE = 'check_violation';
        END IF;
        RETURN NULL;
    END $$""",
)

OF_CONDOMINIUM = "condominium_id IN (SELECT id FROM condominiums)"
OF_RESIDENT = "EXISTS (SELECT FROM residents WHERE residents.id = resident_id)"
SHOWN = (
    "id, condominium_id, unit_id, resident_id, name, note, starts_at, ends_at, weekdays,"
    " from_time, until_time, lets_in, most_uses, uses, has_code, made_by, created_at"
)
GIVEN = (
    "resident_id, name, note, starts_at, ends_at, weekdays, from_time, until_time, lets_in,"
    " most_uses"
)
RIGHTS = (
    f"""GRANT SELECT ({SHOWN}), INSERT (condominium_id, unit_id, made_by, {GIVEN}),
        UPDATE ({GIVEN}, uses, code_hash), DELETE ON expected_visitors TO ramal_api""",
    """GRANT SELECT (resident_id, made_by, made_at), INSERT (resident_id, pin_hash, made_by),
        UPDATE (pin_hash, made_by, made_at), DELETE ON resident_pins TO ramal_api""",
    "GRANT SELECT ON admissions TO ramal_api",
    *(
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY"
        for table in ("expected_visitors", "resident_pins", "admissions", "wrong_codes")
    ),
    f"""CREATE POLICY of_tenant ON expected_visitors TO ramal_api
        USING ({OF_CONDOMINIUM}) WITH CHECK ({OF_CONDOMINIUM})""",
    f"""CREATE POLICY of_tenant ON resident_pins TO ramal_api
        USING ({OF_RESIDENT}) WITH CHECK ({OF_RESIDENT})""",
    f"CREATE POLICY of_tenant ON admissions TO ramal_api USING ({OF_CONDOMINIUM})",
)


def upgrade() -> None:
    """Apply the statements, each on its own: asyncpg prepares one at a time."""
    for statement in (*LISTS, *USES, *INTERLOCK, *RIGHTS):
        op.get_bind().exec_driver_sql(statement)
