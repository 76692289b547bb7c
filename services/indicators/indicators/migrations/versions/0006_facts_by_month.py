"""Facts in a partition a month; projections know between which instants their facts lie (docs/adr/0049)."""

from alembic import op
from sqlalchemy import text

from kit import ddl

revision = "0006"
down_revision = "0005"

SERVICE = "indicators"

_FACT_MONTH = """
CREATE FUNCTION fact_month(month date) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp SET lock_timeout = '2s' AS $$
DECLARE
    since timestamptz := date_trunc('month', month::timestamp) AT TIME ZONE 'UTC';
    until timestamptz := (date_trunc('month', month::timestamp) + interval '1 month') AT TIME ZONE 'UTC';
    name text := to_char(month, '"fact_"YYYY"_"MM');
BEGIN
    PERFORM pg_advisory_xact_lock(7063);
    IF to_regclass(name) IS NOT NULL THEN
        RETURN false;
    END IF;
    -- At once what ATTACH will want: whoever waits for a stronger lock than it holds can wait in a circle.
    LOCK TABLE fact_default IN ACCESS EXCLUSIVE MODE;
    EXECUTE format('CREATE TABLE %I (LIKE fact INCLUDING ALL)', name);
    EXECUTE format('WITH moved AS (DELETE FROM fact_default WHERE occurred_at >= %L AND occurred_at < %L RETURNING *) '
                   'INSERT INTO %I SELECT * FROM moved', since, until, name);
    EXECUTE format('ALTER TABLE fact ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', name, since, until);
    RETURN true;
END $$
"""
_COPY = """
DO $$
DECLARE
    copied bigint;
BEGIN
    PERFORM fact_month(month::date) FROM (
        SELECT date_trunc('month', occurred_at AT TIME ZONE 'UTC') FROM fact_before
        UNION SELECT date_trunc('month', now() AT TIME ZONE 'UTC') + make_interval(months => n)
              FROM generate_series(0, 3) AS ahead (n)
    ) AS wanted (month);
    INSERT INTO fact SELECT * FROM fact_before;
    GET DIAGNOSTICS copied = ROW_COUNT;
    IF copied <> (SELECT count(*) FROM fact_before) THEN
        RAISE EXCEPTION 'not every fact was copied';
    END IF;
END $$
"""
_RANGE = """
UPDATE {table} SET told_from = told.first, told_until = told.last FROM (
    SELECT territory, {key}, min(occurred_at) AS first, max(occurred_at) AS last FROM fact
    WHERE {key} IS NOT NULL AND {kinds} GROUP BY territory, {key}
) AS told WHERE told.territory = {table}.territory AND told.{key} = {table}.{key}
"""
_KINDS = {
    "slot": "kind IN ('slot.published', 'slot.withdrawn')",
    "call": "kind IN ('call.received', 'call.screened')",
    "booking": "kind LIKE 'booking.%' AND kind <> 'booking.reminder_due'",
}


def upgrade() -> None:
    _partitioned()
    _months()
    op.execute(_COPY)
    op.execute("DROP TABLE fact_before")
    for name, kinds in _KINDS.items():
        op.execute(f"ALTER TABLE {name}_fact ADD told_from timestamptz, ADD told_until timestamptz")
        op.execute(_RANGE.format(table=f"{name}_fact", key=f"{name}_id", kinds=kinds))


def _partitioned() -> None:
    """The table with its columns and indexes, whatever revisions before this one have added."""
    found = text("SELECT indexdef FROM pg_indexes WHERE tablename = 'fact' AND schemaname = 'public'")
    indexes = [it for it in op.get_bind().scalars(found) if "pk_fact" not in it]
    op.execute("ALTER TABLE fact RENAME TO fact_before")
    op.execute("ALTER TABLE fact_before RENAME CONSTRAINT pk_fact TO pk_fact_before")
    for definition in indexes:
        op.execute(f"DROP INDEX {definition.split()[2]}")
    op.execute("CREATE TABLE fact (LIKE fact_before INCLUDING ALL EXCLUDING INDEXES) PARTITION BY RANGE (occurred_at)")
    op.execute("ALTER TABLE fact ADD CONSTRAINT pk_fact PRIMARY KEY (event_id, occurred_at)")
    for definition in indexes:
        op.execute(definition)
    # Written once: nobody may change or remove a fact.
    ddl.tenant("fact", SERVICE, grants="SELECT, INSERT")


def _months() -> None:
    op.execute("CREATE TABLE fact_default PARTITION OF fact DEFAULT")
    op.execute(f"GRANT SELECT ON fact_default TO {SERVICE}_system")
    op.execute(_FACT_MONTH)
    op.execute("REVOKE EXECUTE ON FUNCTION fact_month(date) FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION fact_month(date) TO {SERVICE}_system")
