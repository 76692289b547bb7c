"""What migrations say in one line: plumbing tables, tenant tables with row-level security, reference tables."""

from alembic import op
from sqlalchemy import MetaData

from kit.tables import NAMING, plumbing
from kit.tables import history as kept_changes


def _roles(service: str) -> tuple[str, str]:
    prefix = service.replace("-", "_")
    return f"{prefix}_app", f"{prefix}_system"


def create_plumbing(service: str) -> None:
    """Outbox, inbox, idempotency and job tables. Requests may add events but not read or change them."""
    metadata = MetaData(naming_convention=NAMING)
    plumbing(metadata)
    metadata.create_all(op.get_bind())
    app, system = _roles(service)
    op.execute(f"GRANT INSERT ON outbox TO {app}")
    op.execute(f"GRANT SELECT, INSERT ON inbox TO {app}")
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON outbox, outbox_daily, inbox, idempotency, job_run TO {system}")
    tenant("idempotency", service)


def tenant(table: str, service: str, grants: str = "SELECT, INSERT, UPDATE, DELETE") -> None:
    """Rows of a territory: the application role sees those of `app.territory` only, the system role all of them."""
    app, system = _roles(service)
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(
        f"CREATE POLICY {table}_own_territory ON {table} TO {app} "
        "USING (territory = current_setting('app.territory', true)) "
        "WITH CHECK (territory = current_setting('app.territory', true))"
    )
    op.execute(f"CREATE POLICY {table}_system ON {table} TO {system} USING (true) WITH CHECK (true)")
    op.execute(f"GRANT {grants} ON {table} TO {app}, {system}")


def reference(table: str, service: str, grants: str = "SELECT, INSERT, UPDATE, DELETE") -> None:
    """National reference rows: of no territory, without row-level security."""
    app, system = _roles(service)
    op.execute(f"GRANT {grants} ON {table} TO {app}, {system}")


def create_change(service: str) -> None:
    """The table `change` and the function that fills it. Requests may add by the triggers and read, nothing else."""
    metadata = MetaData(naming_convention=NAMING)
    kept_changes(metadata)
    metadata.create_all(op.get_bind())
    tenant("change", service, grants="SELECT, INSERT")
    create_history()


def create_history() -> None:
    """The function behind `history`: a change of a row becomes a line of `change`, in the same transaction."""
    op.execute(_RECORD)


def history(table: str, *key: str, hidden: tuple[str, ...] = ()) -> None:
    """Every insert and update of this tenant table is told in `change`; a row is never deleted, it ends.

    The table has `territory`, `version`, `changed_at`, `changed_by`; `key` are the columns that name a row within
    its territory. `hidden` columns (secrets, sealed fields) are left out.
    """
    told = ", ".join(f"'{it}'" for it in (",".join(key), ",".join(hidden)))
    op.execute(
        f"CREATE TRIGGER {table}_history AFTER INSERT OR UPDATE ON {table} "
        f"FOR EACH ROW EXECUTE FUNCTION record_change({told})"
    )


_RECORD = """
CREATE FUNCTION record_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    hidden text[] := string_to_array(TG_ARGV[1], ',');
    after jsonb := to_jsonb(NEW) - hidden;
    before jsonb := CASE WHEN TG_OP = 'UPDATE' THEN to_jsonb(OLD) - hidden END;
BEGIN
    IF TG_OP = 'INSERT' OR NEW IS DISTINCT FROM OLD THEN
        INSERT INTO change (territory, entity, key, version, changed_at, changed_by, before, after)
        SELECT NEW.territory, TG_TABLE_NAME, string_agg(after ->> name, ':' ORDER BY place), NEW.version,
               NEW.changed_at, NEW.changed_by, before, after
          FROM unnest(string_to_array(TG_ARGV[0], ',')) WITH ORDINALITY AS k (name, place);
    END IF;
    RETURN NULL;
END $$
"""
