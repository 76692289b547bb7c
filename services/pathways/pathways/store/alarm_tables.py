"""Tables of telemonitoring: platforms, the references that they know, alarms and each hand-over."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, Column, ForeignKeyConstraint, Index, Integer, LargeBinary, Text, text
from sqlmodel import Field

from pathways.store.base import Table, instant, string


class AlarmPlatform(Table, table=True):
    """Who sends alarms (*télésurveillance*). The secret before the last one serves until `previous_until`."""

    __tablename__ = "alarm_platform"
    __table_args__ = (Index("ix_alarm_platform_list", "territory", "id"),)

    id: UUID = Field(primary_key=True)
    territory: str = string()
    label: str = string()
    group_id: UUID = Field(foreign_key="duty_group.id")
    secret: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    previous: bytes | None = Field(sa_column=Column(LargeBinary))
    previous_until: datetime | None = instant(nullable=True)
    closed_at: datetime | None = instant(nullable=True)
    version: int
    changed_at: datetime = instant()
    changed_by: str = string()


class AlarmRef(Table, table=True):
    """Its id is all that a platform knows of a patient on a pathway."""

    __tablename__ = "alarm_ref"
    __table_args__ = (
        ForeignKeyConstraint(["territory", "patient_id"], ["patient.territory", "patient.id"]),
        ForeignKeyConstraint(["territory", "enrolment_id"], ["enrolment.territory", "enrolment.id"]),
        Index("ix_alarm_ref_patient", "territory", "patient_id"),
        Index(
            "ux_alarm_ref_standing",
            "enrolment_id",
            "platform_id",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: UUID = Field(primary_key=True)
    territory: str = string()
    patient_id: UUID
    enrolment_id: UUID
    platform_id: UUID = Field(foreign_key="alarm_platform.id")
    ended_at: datetime | None = instant(nullable=True)
    version: int
    changed_at: datetime = instant()
    changed_by: str = string()


class AlarmMessage(Table, table=True):
    """A message that was taken: the same one again is a replay. Forgotten once it is too old to be taken anyway."""

    __tablename__ = "alarm_message"
    __table_args__ = (Index("ix_alarm_message_received", "received_at"),)

    platform_id: UUID = Field(primary_key=True)
    message_id: str = string(primary_key=True)
    territory: str = string()
    received_at: datetime = instant()


class Alarm(Table, table=True):
    """An alarm of an episode, with the order in which people are asked and how many minutes each has.

    `source`: a platform of telemonitoring told it, by `ref_id`, or the patient, a hospital, or a professional.
    `episode_index` is the keyed digest of what the platform calls the episode.
    """

    __tablename__ = "alarm"
    __table_args__ = (
        CheckConstraint("state IN ('raised', 'acknowledged', 'closed')", "state"),
        ForeignKeyConstraint(["territory", "patient_id"], ["patient.territory", "patient.id"]),
        ForeignKeyConstraint(["territory", "enrolment_id"], ["enrolment.territory", "enrolment.id"]),
        Index("ix_alarm_patient", "territory", "patient_id", "id"),
        Index("ix_alarm_turns", "turns", postgresql_using="gin"),
        Index("ix_alarm_next", "next_at", postgresql_where=text("state = 'raised'")),
        Index(
            "ux_alarm_episode",
            "ref_id",
            "code",
            "episode_index",
            unique=True,
            postgresql_where=text("state <> 'closed'"),
        ),
        Index(
            "ux_alarm_not_taken",
            "enrolment_id",
            "code",
            unique=True,
            postgresql_where=text("source <> 'telemonitoring' AND state = 'raised'"),
        ),
        CheckConstraint("source IN ('telemonitoring', 'patient', 'hospital', 'professional')", "source"),
        CheckConstraint("(source = 'telemonitoring') = (ref_id IS NOT NULL)", "ref"),
    )

    id: UUID = Field(primary_key=True)
    territory: str = string()
    source: str = string()
    ref_id: UUID | None = Field(default=None, foreign_key="alarm_ref.id")
    patient_id: UUID
    enrolment_id: UUID
    template: str = string()
    code: str = string()
    episode_index: bytes | None = Field(sa_column=Column(LargeBinary))
    messages: int
    last_at: datetime = instant()
    state: str = string()
    turns: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    within: list[int] = Field(sa_column=Column(ARRAY(Integer), nullable=False))
    turn: int
    raised_at: datetime = instant()
    next_at: datetime | None = instant(nullable=True)
    unanswered_at: datetime | None = instant(nullable=True)
    acknowledged_at: datetime | None = instant(nullable=True)
    acknowledged_by: str | None = string(default=None)
    closed_at: datetime | None = instant(nullable=True)
    closed_by: str | None = string(default=None)
    outcome: str | None = string(default=None)
    version: int
    changed_at: datetime = instant()
    changed_by: str = string()


class AlarmHandover(Table, table=True):
    """An alarm was put to somebody, or to nobody (`rpps` null) as nobody was left. Never changed."""

    __tablename__ = "alarm_handover"
    __table_args__ = (
        ForeignKeyConstraint(["territory", "enrolment_id"], ["enrolment.territory", "enrolment.id"]),
        Index("ix_alarm_handover_alarm", "territory", "alarm_id", "id"),
        Index("ix_alarm_handover_enrolment", "enrolment_id"),
    )

    id: UUID = Field(primary_key=True)
    territory: str = string()
    alarm_id: UUID = Field(foreign_key="alarm.id")
    enrolment_id: UUID
    rpps: str | None = string(default=None)
    reason: str = string()
    at: datetime = instant()
