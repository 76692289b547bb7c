"""Practitioners who volunteer to be asked, and what they were asked."""

from alembic import op

from kit.ddl import tenant

revision: str = "0021"
down_revision: str | None = "0020"
branch_labels: str | None = None
depends_on: str | None = None

STATEMENTS = (
    """
    CREATE TABLE volunteer (
        territory text NOT NULL,
        effector_id text NOT NULL,
        commune text NOT NULL,
        radius_km double precision NOT NULL,
        modes text[] NOT NULL,
        weekdays smallint[] NOT NULL,
        starts time NOT NULL,
        ends time NOT NULL,
        visit_minutes smallint NOT NULL,
        max_per_week smallint NOT NULL,
        stated_at timestamptz NOT NULL,
        CONSTRAINT pk_volunteer PRIMARY KEY (territory, effector_id),
        CONSTRAINT fk_volunteer_effector_id FOREIGN KEY (effector_id) REFERENCES effector (id),
        CONSTRAINT ck_volunteer_hours CHECK (starts < ends)
    )
    """,
    """
    CREATE TABLE volunteer_offer (
        id uuid NOT NULL,
        territory text NOT NULL,
        call_id uuid NOT NULL,
        effector_id text NOT NULL,
        terms jsonb NOT NULL,
        commune text NOT NULL,
        distance_km double precision,
        modes text[] NOT NULL,
        visit_minutes smallint NOT NULL,
        state text NOT NULL,
        version integer NOT NULL,
        made_at timestamptz NOT NULL,
        expires_at timestamptz NOT NULL,
        ended_at timestamptz,
        reason text,
        booking_id uuid,
        CONSTRAINT pk_volunteer_offer PRIMARY KEY (id),
        CONSTRAINT fk_volunteer_offer_call_id FOREIGN KEY (call_id) REFERENCES call (id),
        CONSTRAINT fk_volunteer_offer_effector_id FOREIGN KEY (effector_id) REFERENCES effector (id),
        CONSTRAINT ck_volunteer_offer_state CHECK (state IN ('open', 'accepted', 'declined', 'expired', 'closed')),
        CONSTRAINT ck_volunteer_offer_booked CHECK ((booking_id IS NOT NULL) = (state = 'accepted'))
    )
    """,
    "CREATE UNIQUE INDEX uq_volunteer_offer_asked ON volunteer_offer (call_id, effector_id)",
    "CREATE INDEX ix_volunteer_offer_effector ON volunteer_offer (territory, effector_id, made_at, id)",
    "CREATE INDEX ix_volunteer_offer_list ON volunteer_offer (territory, made_at, id)",
    "CREATE INDEX ix_volunteer_offer_open ON volunteer_offer (call_id) WHERE state = 'open'",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
    tenant("volunteer", "snp-dispatch")
    # What was asked is kept.
    tenant("volunteer_offer", "snp-dispatch", "SELECT, INSERT, UPDATE")
