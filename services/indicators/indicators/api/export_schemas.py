"""What the routes of exports take and answer."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from indicators.domain.exports import FormatName, Schedule, What

RunState = Literal["waiting", "building", "delivering", "delivered", "failed", "waiting_for_approval"]
Row = Mapping[str, Any]


class ExportOrder(BaseModel):
    """An export by hand."""

    model_config = ConfigDict(extra="forbid")

    what: What = Field(examples=["quarterly_dashboard"])
    period: Annotated[str, StringConstraints(max_length=80)] = Field(
        description="A period that fits: 2026-Q4, 2026-H2, 2026, or 2026-<campaign>", examples=["2026-Q4"]
    )
    formats: list[FormatName] = Field(min_length=1, max_length=8, examples=[["pdf", "xlsx"]])
    inside: bool = Field(default=True, description="False: it is for readers outside, and waits for the approval")


class ExportScheduleOut(BaseModel):
    """What an organisation is owed."""

    id: str = Field(examples=["cpam-quarterly-dashboard"])
    recipient: str
    inside: bool = Field(description="The CPTS's own office, which also gets what nobody has approved yet")
    what: What
    when: str = Field(description="Cron, in the time of the territory", examples=["0 7 10 1,4,7,10 *"])
    formats: list[FormatName]
    destination: str = Field(examples=["download"])
    next_due_at: datetime | None

    @classmethod
    def of(cls, schedule: Schedule, next_due_at: datetime | None) -> "ExportScheduleOut":
        return cls(
            id=schedule.id,
            recipient=schedule.recipient,
            inside=schedule.inside,
            what=schedule.what,
            when=schedule.when,
            formats=list(schedule.formats),
            destination=schedule.destination.kind,
            next_due_at=next_due_at,
        )


class ExportFileOut(BaseModel):
    """One file. `fetched_at`: its first download through the API."""

    name: str = Field(examples=["pays-de-redon_quarterly_dashboard_2026-Q4.pdf"])
    media_type: str
    size: int = Field(description="Bytes")
    sha256: str
    url: str = Field(examples=["/v1/export-runs/0193b1f0-0000-7000-8000-000000000000/files/report.pdf"])
    fetched_at: datetime | None

    @classmethod
    def of(cls, row: Row) -> "ExportFileOut":
        kept = {name: row[name] for name in ("name", "media_type", "size", "sha256", "fetched_at")}
        return cls(url=f"/v1/export-runs/{row['run_id']}/files/{row['name']}", **kept)


class Progress(BaseModel):
    """Steps of the run: the figures, one for each format, the delivery."""

    done: int
    total: int


class ExportRunOut(BaseModel):
    """One export of one period."""

    id: UUID
    schedule: str | None = Field(description="Null: ordered by hand")
    due_at: datetime | None
    recipient: str | None
    inside: bool = Field(description="False: it goes to readers outside, once its period is approved")
    what: What
    period: str
    formats: list[FormatName]
    destination: str
    rules_version: str
    state: RunState
    progress: Progress
    requested_at: datetime
    built_at: datetime | None
    delivered_at: datetime | None
    receipt: str | None = Field(description="What the destination said, or the digest of what stands there")
    tries: int
    next_at: datetime | None = Field(description="When it is taken next; while it runs, when its lease is over")
    error: str | None = Field(description="Code of the last failure", examples=["unreachable"])
    purged_at: datetime | None = Field(description="When its files were given up; their checksums stay")
    provisional: bool | None = Field(description="Made of figures that nobody had approved; null until it is made")
    waiting_because: Literal["period_not_approved"] | None
    waiting_since: datetime | None = Field(description="When it was held back for that")
    files: list[ExportFileOut]

    @classmethod
    def of(cls, row: Row, files: Sequence[Row]) -> "ExportRunOut":
        return cls(**_run(row, files))


class ExportAttemptOut(BaseModel):
    """One attempt to deliver. Without an end it runs, or was cut off."""

    begun_at: datetime
    ended_at: datetime | None
    outcome: str | None = Field(examples=["delivered"])
    receipt: str | None


class ExportRunDetail(ExportRunOut):
    """One export with every attempt to deliver it."""

    attempts: list[ExportAttemptOut]

    @classmethod
    def with_attempts(cls, row: Row, files: Sequence[Row], attempts: Sequence[Row]) -> "ExportRunDetail":
        told = [
            ExportAttemptOut(**{it: attempt[it] for it in ("begun_at", "ended_at", "outcome", "receipt")})
            for attempt in attempts
        ]
        return cls(**_run(row, files), attempts=told)


_SAME = (
    *("id", "schedule", "due_at", "recipient", "what", "period", "formats", "rules_version", "state", "requested_at"),
    *("built_at", "delivered_at", "receipt", "tries", "next_at", "error", "inside", "provisional", "purged_at"),
)


def _run(row: Row, files: Sequence[Row]) -> dict[str, Any]:
    return {name: row[name] for name in _SAME} | {
        "destination": row["destination"]["kind"],
        "waiting_because": "period_not_approved" if row["state"] == "waiting_for_approval" else None,
        "waiting_since": row["waits_since"],
        "progress": Progress(done=row["steps_done"], total=row["steps_total"]),
        "files": [ExportFileOut.of(it) for it in files],
    }
