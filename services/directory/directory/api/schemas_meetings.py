"""What the routes on meetings and votes take and answer. Weights are exact fractions, with percent to read."""

from datetime import UTC, datetime
from fractions import Fraction
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field

from directory.api.fields import Body
from directory.api.schemas_association import Short
from directory.domain.association import Code
from directory.domain.attendance import Presence
from directory.domain.ballot_text import percent
from directory.domain.meeting_documents import DocumentKind

ItemKind = Literal[
    "information", "minutes", "activity", "accounts", "budget", "funding", "election", "statutes", "other"
]
# The ends of the calendar have no day in Paris.
Start = Annotated[AwareDatetime, Field(ge=datetime(1990, 1, 1, tzinfo=UTC), le=datetime(2100, 12, 31, tzinfo=UTC))]
Choice = Annotated[str, Field(min_length=1, max_length=40, pattern=r"^[a-z0-9-]+$")]


class AgendaItem(Body):
    """A point of the agenda (*ordre du jour*)."""

    kind: ItemKind
    title: Short


class MeetingIn(Body):
    """A meeting to convene."""

    kind: Code = Field(description="Code of the territory's rules, for instance `ordinary-assembly`")
    title: Short
    starts_at: Start
    place: Short | None = None
    agenda: list[AgendaItem] = Field(default=[], max_length=50)


class AttendeeIn(Body):
    """A line of the attendance sheet. `holder_id` carries the proxy of who is `represented`."""

    member_id: UUID
    status: Presence
    holder_id: UUID | None = None


class AttendanceIn(Body):
    """The whole sheet."""

    sheet: list[AttendeeIn] = Field(max_length=2000)


class AttendeeOut(AttendeeIn):
    """With name and college."""

    name: str | None
    college: int | None


class VotedDocumentOut(BaseModel):
    """The document that a vote is about, as it was then: nobody can change it since."""

    id: UUID
    kind: DocumentKind
    name: str
    edition: int
    sha256: str


class BallotOut(BaseModel):
    """A vote."""

    id: UUID
    meeting_id: UUID
    item: int
    question: str
    secret: bool
    seats: int | None
    college: int | None
    options: list[str]
    state: Literal["open", "closed"]
    opened_at: datetime
    closed_at: datetime | None
    document: VotedDocumentOut | None = None


class MeetingOut(BaseModel):
    """A meeting."""

    id: UUID
    kind: str
    title: str
    starts_at: datetime
    place: str | None
    state: Literal["convened", "held", "cancelled"]
    version: int


class MeetingDetailOut(MeetingOut):
    """With agenda, attendance and votes."""

    agenda: list[AgendaItem]
    attendance: list[AttendeeOut]
    ballots: list[BallotOut]


class EndIn(Body):
    """Whether the meeting took place."""

    held: bool


class BallotIn(Body):
    """A question: a resolution, or an election of `candidates` (members) to `seats` by a `college`."""

    item: int = Field(ge=1, le=50, description="Of the agenda, from 1")
    question: Short
    secret: bool = False
    candidates: list[UUID] = Field(default=[], max_length=100)
    seats: int | None = Field(default=None, ge=1, le=30)
    college: int | None = Field(default=None, ge=1, le=20)
    document_id: UUID | None = Field(default=None, description="What it is about; asked for by some kinds of item")


class VoteIn(Body):
    """The vote of one member: `for`, `against`, `abstain`; in an election up to `seats` candidates, or `blank`."""

    member_id: UUID
    choices: list[Choice] = Field(min_length=1, max_length=30)


class UrnIn(Body):
    """Papers of a secret vote, counted by college (0 where the body is not weighted)."""

    college: int = Field(ge=0, le=20)
    members: list[UUID] = Field(min_length=1, max_length=2000)
    papers: dict[Choice, Annotated[int, Field(ge=0, le=2000)]] = Field(max_length=101)


class CastOut(BaseModel):
    """The vote is counted. What was chosen is not repeated."""

    ballot_id: UUID
    counted: int


class WeightOut(BaseModel):
    """An exact fraction of the whole, and percent to read."""

    fraction: str = Field(examples=["3/10"])
    percent: str = Field(examples=["30.00"])

    @classmethod
    def of(cls, value: Fraction) -> "WeightOut":
        return cls(fraction=str(value), percent=percent(value))


class StepOut(BaseModel):
    """What one college contributes: its share split over the votes that count."""

    college: int
    entitled: int = Field(description="Present or represented")
    cast: int
    votes: dict[str, int]
    counted: int = Field(description="Votes that the share is split over, by the basis of the majority")
    statutory_share: WeightOut
    share: WeightOut = Field(description="After the shares of colleges without votes were spread, or not")
    weights: dict[str, WeightOut]
    sentence: str


class QuorumOut(BaseModel):
    """Whether enough were there; `needed` null: none is asked."""

    enrolled: int
    needed: str | None
    present_or_represented: int
    reached: bool


class ElectionOut(BaseModel):
    """Who is elected; who is tied for the `open_seats` is put to a second ballot."""

    elected: list[UUID]
    tied: list[UUID]
    open_seats: int


class ResultOut(BaseModel):
    """The result and how it came about."""

    ballot: BallotOut
    rules_version: str
    entitled: int
    cast: int
    votes: dict[str, int]
    majority: str
    basis: str
    quorum: QuorumOut | None
    steps: list[StepOut]
    totals: dict[str, WeightOut]
    lost: WeightOut | None
    adopted: bool | None
    election: ElectionOut | None
    sentence: str
