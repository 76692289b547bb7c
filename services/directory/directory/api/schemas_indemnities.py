"""What the routes on indemnities, their statements and payments take and answer. Amounts in euros."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from directory.api.fields import Body, Rpps
from directory.api.schemas_association import Day, Short
from directory.domain.association import Code
from directory.domain.payments import PERIOD, LineKind

State = Literal["declared", "approved", "refused", "paid"]
CutReason = Literal["yearly_ceiling", "own_cap"]
Minutes = Annotated[int, Field(ge=1, le=1440)]
Period = Annotated[str, Field(pattern=PERIOD, description="A month or a quarter", examples=["2026-03", "2026-Q1"])]


class TimeIn(Body):
    """Time spent."""

    rpps: Rpps
    mission: Code
    day: Day
    minutes: Minutes


class RefusalIn(Body):
    """Why the time is refused."""

    reason: Short


class PaidIn(Body):
    """When it was paid."""

    paid_on: Day


class CorrectionIn(Body):
    """The minutes that were right (0: none), and why."""

    minutes: int = Field(ge=0, le=1440)
    reason: Short


class IndemnityOut(BaseModel):
    """Declared time; amounts in euros once approved, `payable` under the ceiling of the year."""

    id: UUID
    rpps: str
    profession: str
    mission: str
    day: date
    minutes: int
    late: bool = Field(description="Declared after the time that the territory's rules give")
    state: State
    kind: Literal["lost_income", "mission"] | None
    per_hour: Decimal | None
    amount: Decimal | None
    payable: Decimal | None
    cut_reason: CutReason | None = Field(description="Why `payable` is less than `amount`")
    rules_version: str | None
    reason: str | None
    paid_on: date | None
    version: int


class CorrectionOut(BaseModel):
    """A correction: differences to what stood before, negative where too much was validated."""

    id: UUID
    indemnity_id: UUID
    rpps: str
    day: date
    minutes: int
    amount: Decimal
    payable: Decimal
    cut_reason: CutReason | None
    reason: str


class StatementOut(BaseModel):
    """A calendar year of one person: the time declared. Corrections and compensations stand in the ceiling."""

    rpps: str
    year: int
    yearly_cap: Decimal | None
    amount: Decimal
    payable: Decimal
    paid: Decimal
    over_the_cap: Decimal
    lines: list[IndemnityOut]


class EntryOut(BaseModel):
    """Something that uses the ceiling. `cut` is what of the amount is never paid, and why."""

    kind: LineKind
    source_id: UUID = Field(description="Declaration, correction, or booking of the dispatch")
    day: date
    amount: Decimal
    payable: Decimal
    cut: Decimal
    cut_reason: CutReason | None
    batch: int | None = Field(description="Number of the batch of payments that has it")


class WaitingOut(BaseModel):
    """A compensation that no batch has taken: what is paid of it is settled then."""

    booking_id: UUID
    day: date
    amount: Decimal
    final_on: date = Field(description="First day on which the outcome of the visit can no longer be taken back")


class CeilingOut(BaseModel):
    """The one yearly ceiling of a person (PASS, or less by the territory's rules): used, left, what was cut and why."""

    rpps: str
    year: int
    social_security_ceiling: Decimal | None = Field(description="PASS; null when that of the year is not known")
    yearly_cap: Decimal | None
    used: Decimal
    left: Decimal | None
    cut: Decimal
    entries: list[EntryOut]
    waiting: list[WaitingOut]


class BatchIn(Body):
    """The period to close."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"period": "2026-03"}]})

    period: Period


class BatchOut(BaseModel):
    """A closed batch. It never changes; what was wrong is corrected in a later one."""

    id: UUID
    number: int
    period: str
    last_day: date
    people: int
    lines: int
    total: Decimal
    closed_at: datetime
    closed_by: str | None = Field(default=None, description="Who changed it last: closed it, or noted the payment")
    paid_on: date | None


class LineOut(BaseModel):
    """A line of a batch. `late`: of a period before, or declared late."""

    kind: LineKind
    source_id: UUID
    rpps: str
    mission: str | None
    day: date
    minutes: int | None
    amount: Decimal
    payable: Decimal
    cut_reason: CutReason | None
    late: bool


class PreviewOut(BaseModel):
    """What a batch would hold if it were closed now."""

    period: str
    people: int
    total: Decimal
    lines: list[LineOut]
