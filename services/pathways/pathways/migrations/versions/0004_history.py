"""History of tenant rows."""

from kit import ddl

revision = "0004"
down_revision = "0003"

SERVICE = "pathways"


def upgrade() -> None:
    ddl.create_change(SERVICE)
