"""To whom published lists are sent, and who received which version."""

import sqlalchemy as sa
from alembic import op

from kit import ddl

revision = "0019"
down_revision = "0018"

SERVICE = "directory"


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text, nullable=False) for name in names]


def _ids(*names: str) -> list[sa.Column[object]]:
    return [sa.Column(name, sa.Uuid, nullable=False) for name in names]


def _changed() -> list[sa.Column[object]]:
    return [
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.Text, nullable=False),
    ]


def upgrade() -> None:
    op.create_table(
        "diffusion_list",
        *_ids("id"),
        *_texts("territory", "name"),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        *_changed(),
        sa.PrimaryKeyConstraint("id", name="pk_diffusion_list"),
    )
    standing = sa.text("ended_at IS NULL")
    op.create_index(
        "uq_diffusion_list_name", "diffusion_list", ["territory", "name"], unique=True, postgresql_where=standing
    )
    _recipients()
    _diffusion()
    for table, key in (
        ("diffusion_list", ("id",)),
        ("diffusion_recipient", ("id",)),
        ("diffusion", ("publication_id", "recipient")),
    ):
        ddl.tenant(table, SERVICE, grants="SELECT, INSERT, UPDATE")
        ddl.history(table, *key, hidden=("address",))


def _recipients() -> None:
    op.create_table(
        "diffusion_recipient",
        *_ids("id", "list_id", "recipient"),
        *_texts("territory", "kind", "name", "owner_kind", "owner"),
        sa.Column("address", sa.LargeBinary),
        sa.Column("since", sa.Date, nullable=False),
        sa.Column("until", sa.Date),
        *_changed(),
        sa.PrimaryKeyConstraint("id", name="pk_diffusion_recipient"),
        sa.ForeignKeyConstraint(["list_id"], ["diffusion_list.id"], name="fk_diffusion_recipient_list_id"),
        sa.CheckConstraint(
            "kind IN ('professional', 'establishment', 'cpam', 'msa', 'other')", name="ck_diffusion_recipient_kind"
        ),
        sa.CheckConstraint(
            "owner_kind IN ('rpps', 'finess', 'partner', 'email')", name="ck_diffusion_recipient_owner_kind"
        ),
    )
    standing = sa.text("until IS NULL")
    columns = ["list_id", "recipient"]
    op.create_index(
        "uq_diffusion_recipient_person", "diffusion_recipient", columns, unique=True, postgresql_where=standing
    )


def _diffusion() -> None:
    op.create_table(
        "diffusion",
        *_ids("publication_id", "recipient", "recipient_id"),
        *_texts("territory"),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("message_id", sa.Uuid),
        *_changed(),
        sa.PrimaryKeyConstraint("publication_id", "recipient", name="pk_diffusion"),
        sa.ForeignKeyConstraint(["publication_id"], ["publication.id"], name="fk_diffusion_publication_id"),
        sa.ForeignKeyConstraint(["recipient_id"], ["diffusion_recipient.id"], name="fk_diffusion_recipient_id"),
    )
    waiting = sa.text("message_id IS NULL")
    op.create_index("ix_diffusion_waiting", "diffusion", ["requested_at"], postgresql_where=waiting)
