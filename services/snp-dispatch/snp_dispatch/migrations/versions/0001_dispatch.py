"""Slots, calls, holds, bookings."""

from alembic import op

from kit.ddl import create_plumbing, reference, tenant

revision: str = "0001"
down_revision: str | None = None
branch_labels: str | None = None
depends_on: str | None = None

SERVICE = "snp-dispatch"

REFERENCE_ROWS = """
CREATE TABLE effector (
    id text NOT NULL,
    kind text NOT NULL,
    name text NOT NULL,
    profession text,
    specialties text[] NOT NULL,
    listed boolean NOT NULL,
    version integer NOT NULL,
    CONSTRAINT pk_effector PRIMARY KEY (id),
    CONSTRAINT ck_effector_kind CHECK (kind IN ('person', 'structure'))
);
"""

OFFER = """
CREATE EXTENSION IF NOT EXISTS btree_gist;

CREATE TABLE participation (
    territory text NOT NULL,
    rpps text NOT NULL,
    participates boolean NOT NULL,
    version integer NOT NULL,
    CONSTRAINT pk_participation PRIMARY KEY (territory, rpps)
);

CREATE TABLE availability (
    id uuid NOT NULL,
    territory text NOT NULL,
    effector_id text NOT NULL,
    commune text NOT NULL,
    mode text NOT NULL,
    audience text[] NOT NULL,
    weekdays smallint[] NOT NULL,
    starts time NOT NULL,
    ends time NOT NULL,
    slot_minutes smallint NOT NULL,
    every_minutes smallint NOT NULL,
    valid_from date NOT NULL,
    valid_until date,
    materialised_until date,
    created_at timestamptz NOT NULL,
    ended_at timestamptz,
    CONSTRAINT pk_availability PRIMARY KEY (id),
    CONSTRAINT fk_availability_effector_id FOREIGN KEY (effector_id) REFERENCES effector (id),
    CONSTRAINT ck_availability_slot_minutes CHECK (slot_minutes BETWEEN 5 AND 480),
    CONSTRAINT ck_availability_every_minutes CHECK (every_minutes BETWEEN slot_minutes AND 1440)
);
CREATE INDEX ix_availability_effector ON availability (effector_id);
CREATE INDEX ix_availability_due ON availability (materialised_until) WHERE ended_at IS NULL;

CREATE TABLE slot (
    id uuid NOT NULL,
    territory text NOT NULL,
    effector_id text NOT NULL,
    profession text,
    specialties text[] NOT NULL,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    commune text NOT NULL,
    mode text NOT NULL,
    audience text[] NOT NULL,
    capacity smallint NOT NULL,
    availability_id uuid,
    created_at timestamptz NOT NULL,
    withdrawn_at timestamptz,
    withdrawn_reason text,
    version integer NOT NULL,
    CONSTRAINT pk_slot PRIMARY KEY (id),
    CONSTRAINT fk_slot_effector_id FOREIGN KEY (effector_id) REFERENCES effector (id),
    CONSTRAINT fk_slot_availability_id FOREIGN KEY (availability_id) REFERENCES availability (id),
    CONSTRAINT ck_slot_period CHECK (starts_at < ends_at),
    CONSTRAINT ck_slot_capacity CHECK (capacity BETWEEN 1 AND 50),
    CONSTRAINT ck_slot_mode CHECK (mode IN ('AMB', 'HH', 'VR')),
    CONSTRAINT ck_slot_audience CHECK (cardinality(audience) > 0),
    -- Of all territories: constraints do not know row-level security, and a person is in one place at a time.
    CONSTRAINT ex_slot_overlap EXCLUDE USING gist (effector_id WITH =, tstzrange(starts_at, ends_at) WITH &&)
        WHERE (withdrawn_at IS NULL)
);
CREATE INDEX ix_slot_search ON slot (territory, profession, commune, starts_at, id) WHERE withdrawn_at IS NULL;
CREATE INDEX ix_slot_video ON slot (territory, profession, starts_at, id)
    WHERE withdrawn_at IS NULL AND mode = 'VR';
CREATE INDEX ix_slot_calendar ON slot (territory, starts_at, id);
CREATE INDEX ix_slot_effector ON slot (effector_id, starts_at);
CREATE UNIQUE INDEX uq_slot_occurrence ON slot (availability_id, starts_at) WHERE availability_id IS NOT NULL;

CREATE TABLE seat_claim (
    slot_id uuid NOT NULL,
    seat smallint NOT NULL,
    territory text NOT NULL,
    hold_id uuid,
    booking_id uuid,
    expires_at timestamptz,
    CONSTRAINT pk_seat_claim PRIMARY KEY (slot_id, seat),
    CONSTRAINT fk_seat_claim_slot_id FOREIGN KEY (slot_id) REFERENCES slot (id),
    CONSTRAINT ck_seat_claim_owner CHECK ((hold_id IS NULL) <> (booking_id IS NULL)),
    CONSTRAINT ck_seat_claim_expiry CHECK ((hold_id IS NULL) = (expires_at IS NULL))
);
"""

DEMAND = """
CREATE TABLE call (
    id uuid NOT NULL,
    territory text NOT NULL,
    state text NOT NULL,
    version integer NOT NULL,
    origin text NOT NULL,
    client text NOT NULL,
    client_organisation text,
    caller jsonb NOT NULL,
    patient jsonb NOT NULL,
    need jsonb NOT NULL,
    constraints jsonb NOT NULL,
    received_at timestamptz NOT NULL,
    earliest timestamptz NOT NULL,
    deadline timestamptz NOT NULL,
    radius_km double precision NOT NULL,
    modes text[] NOT NULL,
    audiences text[] NOT NULL,
    policy_version text NOT NULL,
    outcome text NOT NULL,
    conditions jsonb NOT NULL,
    redirect_to text,
    proposals jsonb NOT NULL,
    relaxations jsonb NOT NULL,
    closed_reason text,
    CONSTRAINT pk_call PRIMARY KEY (id),
    CONSTRAINT ck_call_state CHECK (
        state IN ('open', 'waiting', 'booked', 'refused', 'redirected', 'cancelled', 'expired')),
    CONSTRAINT ck_call_origin CHECK (origin IN ('ed', 'single_number', 'sas', 'professional'))
);
CREATE INDEX ix_call_calendar ON call (territory, received_at, id);
CREATE INDEX ix_call_due ON call (deadline) WHERE state IN ('open', 'waiting');

CREATE TABLE call_contact (
    call_id uuid NOT NULL,
    territory text NOT NULL,
    sealed bytea NOT NULL,
    purge_after timestamptz NOT NULL,
    CONSTRAINT pk_call_contact PRIMARY KEY (call_id),
    CONSTRAINT fk_call_contact_call_id FOREIGN KEY (call_id) REFERENCES call (id)
);
CREATE INDEX ix_call_contact_purge_after ON call_contact (purge_after);

CREATE TABLE contact_read (
    id uuid NOT NULL,
    territory text NOT NULL,
    call_id uuid NOT NULL,
    read_at timestamptz NOT NULL,
    client text NOT NULL,
    role text,
    organisation text,
    rpps text,
    ground text NOT NULL,
    CONSTRAINT pk_contact_read PRIMARY KEY (id)
);
CREATE INDEX ix_contact_read_call_id ON contact_read (call_id);

CREATE TABLE hold (
    id uuid NOT NULL,
    territory text NOT NULL,
    call_id uuid NOT NULL,
    slot_id uuid NOT NULL,
    token_digest bytea NOT NULL,
    state text NOT NULL,
    placed_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    ended_at timestamptz,
    CONSTRAINT pk_hold PRIMARY KEY (id),
    CONSTRAINT fk_hold_call_id FOREIGN KEY (call_id) REFERENCES call (id),
    CONSTRAINT fk_hold_slot_id FOREIGN KEY (slot_id) REFERENCES slot (id),
    CONSTRAINT ck_hold_state CHECK (state IN ('active', 'confirmed', 'released', 'expired'))
);
CREATE UNIQUE INDEX uq_hold_active_call ON hold (call_id) WHERE state = 'active';
CREATE INDEX ix_hold_due ON hold (expires_at) WHERE state = 'active';

CREATE TABLE booking (
    id uuid NOT NULL,
    territory text NOT NULL,
    call_id uuid NOT NULL,
    slot_id uuid NOT NULL,
    effector_id text NOT NULL,
    effector_kind text NOT NULL,
    origin text NOT NULL,
    patient_ref text,
    call_received_at timestamptz NOT NULL,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    commune text NOT NULL,
    mode text NOT NULL,
    audience text[] NOT NULL,
    state text NOT NULL,
    version smallint NOT NULL,
    confirmed_at timestamptz NOT NULL,
    ended_at timestamptz,
    ended_by text,
    reason text,
    absent text,
    CONSTRAINT pk_booking PRIMARY KEY (id),
    CONSTRAINT fk_booking_call_id FOREIGN KEY (call_id) REFERENCES call (id),
    CONSTRAINT fk_booking_slot_id FOREIGN KEY (slot_id) REFERENCES slot (id),
    CONSTRAINT ck_booking_state CHECK (state IN ('confirmed', 'cancelled', 'fulfilled', 'no_show'))
);
CREATE UNIQUE INDEX uq_booking_call ON booking (call_id) WHERE state <> 'cancelled';
CREATE INDEX ix_booking_calendar ON booking (territory, starts_at, id);
CREATE INDEX ix_booking_effector ON booking (effector_id, starts_at);
CREATE INDEX ix_booking_call_id ON booking (call_id);
"""

TENANT_TABLES = (
    "participation", "availability", "slot", "seat_claim", "call", "call_contact", "hold", "booking",
)  # fmt: skip


def upgrade() -> None:
    create_plumbing(SERVICE)
    for statements in (REFERENCE_ROWS, OFFER, DEMAND):
        for statement in filter(str.strip, statements.split(";\n")):
            op.execute(statement)
    reference("effector", SERVICE, "SELECT, INSERT, UPDATE")
    for table in TENANT_TABLES:
        tenant(table, SERVICE)
    # The audit of contact reads only grows.
    tenant("contact_read", SERVICE, "SELECT, INSERT")
    # The worker refreshes the statistics of these after filling them (a privilege of PostgreSQL 17).
    op.execute(
        "DO $$ BEGIN IF current_setting('server_version_num')::int >= 170000 THEN "
        "EXECUTE 'GRANT MAINTAIN ON slot, effector, participation TO snp_dispatch_system'; END IF; END $$"
    )
    # What waits and what is claimed changes by the second: keep these small tables clean and known.
    op.execute("ALTER TABLE seat_claim SET (autovacuum_vacuum_scale_factor = 0.05)")
    op.execute("ALTER TABLE hold SET (autovacuum_vacuum_scale_factor = 0.05)")
