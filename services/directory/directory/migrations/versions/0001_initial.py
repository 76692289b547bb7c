"""Reference rows of the country, participation per territory, imports."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from kit import ddl

revision = "0001"
down_revision = None

SERVICE = "directory"
REFERENCE = (
    "reference_stamp",
    "commune",
    "commune_alias",
    "professional",
    "activity",
    "search_entry",
    "structure",
    "import_run",
    "import_refusal",
    "rpps_staging",
)


def upgrade() -> None:
    op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    ddl.create_plumbing(SERVICE)
    _communes()
    _professionals()
    _structures()
    _participation()
    _imports()
    _grants()


def _texts(*names: str, nullable: bool = False) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text, nullable=nullable) for name in names]


def _arrays(*names: str) -> list[sa.Column[list[str]]]:
    return [sa.Column(name, sa.ARRAY(sa.Text), nullable=False) for name in names]


def _instant(name: str, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _versioned() -> list[sa.Column[object]]:
    return [
        sa.Column("listed", sa.Boolean, nullable=False),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        _instant("updated_at"),
    ]


def _trigrams(table: str) -> None:
    op.create_index(
        f"ix_{table}_search_name",
        table,
        ["search_name"],
        postgresql_using="gin",
        postgresql_ops={"search_name": "gin_trgm_ops"},
    )


def _communes() -> None:
    op.create_table(
        "reference_stamp",
        *_texts("name", "digest"),
        _instant("loaded_at"),
        sa.PrimaryKeyConstraint("name", name="pk_reference_stamp"),
    )
    op.create_table(
        "commune",
        *_texts("insee", "name", "search_name", "department", "region"),
        *_arrays("postal_codes"),
        sa.Column("population", sa.Integer, nullable=False),
        sa.Column("latitude", sa.Float, nullable=False),
        sa.Column("longitude", sa.Float, nullable=False),
        sa.PrimaryKeyConstraint("insee", name="pk_commune"),
    )
    _trigrams("commune")
    op.create_index("ix_commune_latitude", "commune", ["latitude"])
    op.create_index("ix_commune_postal_codes", "commune", ["postal_codes"], postgresql_using="gin")
    op.create_table(
        "commune_alias",
        *_texts("old_code", "old_name", "insee"),
        sa.PrimaryKeyConstraint("old_code", name="pk_commune_alias"),
    )


def _professionals() -> None:
    op.create_table(
        "professional",
        *_texts("rpps"),
        *_texts("title", nullable=True),
        *_texts("family_name", "given_name", "name", "search_name", "profession"),
        *_arrays("professions", "skills", "specialties"),
        *_versioned(),
        sa.PrimaryKeyConstraint("rpps", name="pk_professional"),
    )
    _trigrams("professional")
    op.create_table(
        "activity",
        *_texts("rpps"),
        sa.Column("position", sa.SmallInteger, autoincrement=False, nullable=False),
        *_texts("profession"),
        *_texts("mode", "sector", "role", "section", "kind", "structure", "finess", "site_name", nullable=True),
        *_texts("street", "postal_code", "city", "commune", "phone", nullable=True),
        sa.ForeignKeyConstraint(["rpps"], ["professional.rpps"], name="fk_activity_rpps"),
        sa.PrimaryKeyConstraint("rpps", "position", name="pk_activity"),
    )
    op.create_table(
        "search_entry",
        *_texts("place", "facet", "search_name", "rpps"),
        sa.PrimaryKeyConstraint("place", "facet", "search_name", "rpps", name="pk_search_entry"),
    )
    op.create_index("ix_search_entry_rpps", "search_entry", ["rpps"])


def _structures() -> None:
    op.create_table(
        "structure",
        *_texts("finess", "name", "search_name"),
        *_texts("sector", "postal_code", "commune", nullable=True),
        *_versioned(),
        sa.PrimaryKeyConstraint("finess", name="pk_structure"),
    )
    _trigrams("structure")
    op.create_index("ix_structure_commune", "structure", ["commune"])
    op.create_index("ix_structure_order", "structure", ["search_name", "finess"])


def _participation() -> None:
    op.create_table(
        "participation",
        *_texts("territory", "rpps"),
        sa.Column("participates", sa.Boolean, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        _instant("changed_at"),
        *_texts("changed_by"),
        sa.ForeignKeyConstraint(["rpps"], ["professional.rpps"], name="fk_participation_rpps"),
        sa.PrimaryKeyConstraint("territory", "rpps", name="pk_participation"),
    )
    ddl.tenant("participation", SERVICE, grants="SELECT, INSERT, UPDATE")


def _imports() -> None:
    op.create_table(
        "import_run",
        sa.Column("id", sa.Uuid, nullable=False),
        *_texts("source", "state", "phase", "file_name", "file_digest", "requested_by", "requested_from"),
        *_texts("merged_up_to"),
        *_texts("blob_key", "failure_code", "failure_detail", nullable=True),
        sa.Column("file_size", sa.BigInteger, nullable=False),
        sa.Column("read_bytes", sa.BigInteger, nullable=False),
        sa.Column("last_line", sa.Integer, nullable=False),
        _instant("requested_at"),
        _instant("extracted_at", nullable=True),
        _instant("started_at", nullable=True),
        _instant("finished_at", nullable=True),
        sa.Column("counts", postgresql.JSONB, nullable=False),
        sa.CheckConstraint("state IN ('queued', 'running', 'completed', 'failed')", name="ck_import_run_state"),
        sa.PrimaryKeyConstraint("id", name="pk_import_run"),
    )
    open_runs = sa.text("state IN ('queued', 'running')")
    op.create_index("ix_import_run_open", "import_run", ["requested_at"], postgresql_where=open_runs)
    op.create_table(
        "import_refusal",
        sa.Column("import_id", sa.Uuid, nullable=False),
        sa.Column("line", sa.Integer, nullable=False),
        *_texts("cause", "detail"),
        *_texts("source_column", nullable=True),
        sa.ForeignKeyConstraint(["import_id"], ["import_run.id"], name="fk_import_refusal_import_id"),
        sa.PrimaryKeyConstraint("import_id", "line", name="pk_import_refusal"),
    )
    op.create_table(
        "rpps_staging",
        sa.Column("line", sa.Integer, autoincrement=False, nullable=False),
        *_texts("rpps", "finess"),
        *_arrays("fields"),
        sa.PrimaryKeyConstraint("line", name="pk_rpps_staging"),
    )
    op.create_index("ix_rpps_staging_rpps_line", "rpps_staging", ["rpps", "line"])
    op.create_index("ix_rpps_staging_finess", "rpps_staging", ["finess"], postgresql_where=sa.text("finess <> ''"))


def _grants() -> None:
    """Requests read the national rows and ask for imports; only the jobs and the start of a process write them."""
    for table in REFERENCE:
        ddl.reference(table, SERVICE, grants="SELECT")
    op.execute(f"GRANT INSERT, UPDATE, DELETE ON {', '.join(REFERENCE)} TO directory_system")
    op.execute("GRANT TRUNCATE ON rpps_staging TO directory_system")
    op.execute("GRANT INSERT ON import_run TO directory_app")
