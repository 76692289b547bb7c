"""What migrations say in one line: plumbing tables, tenant tables with row-level security, reference tables."""

from alembic import op
from sqlalchemy import MetaData

from kit.tables import NAMING, plumbing


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
