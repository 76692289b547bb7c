"""What the routes on hospital stays answer."""

from datetime import date
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field

from pathways.domain.hospital import Entry, StayKind
from pathways.usecases.keep_stay import Outcome


class TownOut(BaseModel):
    """The one contact in town (*interlocuteur unique*)."""

    label: str
    phone: str | None
    email: str | None
    rpps: str | None = Field(description="Of the member of the care team to be called: /v1/professionals names them")
    role: str | None = Field(description="What they are in the care team")


class StayAnswerOut(BaseModel):
    """What became of a stay."""

    stay_id: UUID
    outcome: Outcome
    followed: bool = Field(
        description="True only to an establishment of the patient's care team; false does not say that nobody follows"
    )
    town_contact: TownOut


class StayOut(BaseModel):
    """A visit or stay, as the establishment told it last."""

    id: UUID
    finess: str
    kind: StayKind
    motive: str
    entry: Entry | None
    arrived_on: date
    left_on: date | None
    destination: str | None
    readmission: bool | None = Field(description="It began soon after another one ended (*réhospitalisation*)")
    cancelled: bool
    rules_version: str
    version: int


class RefusedLineOut(BaseModel):
    """A line that was refused, and why; nothing of what it says."""

    number: int
    column: str | None
    cause: str


class StayImportOut(BaseModel):
    """A file. `lines` = added + changed + unchanged + refused + pending."""

    id: UUID
    finess: str
    lines: int
    added: int
    changed: int
    unchanged: int
    refused: int
    pending: int = Field(description="Good lines that are not taken yet")
    imported_at: AwareDatetime = Field(description="When the file came")


class StayImportDetailOut(StayImportOut):
    """With the lines that were refused."""

    refusals: list[RefusedLineOut]
