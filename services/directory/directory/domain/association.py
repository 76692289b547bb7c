"""The rules of a CPTS's association (`deploy/territories/<slug>/association.yaml`): members, bodies, votes.

Source of the shape: projet de santé du Pays de Redon (2021), chapter 4.1. Shares and majorities are exact fractions.
"""

from datetime import date
from fractions import Fraction
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, PlainValidator, StringConstraints, model_validator

from directory.domain.meeting_documents import DocumentKind

MemberKind = Literal["adherent", "associate"]
"""*Membre adhérent* (may vote, in one college) or *membre associé* (does not vote)."""

Basis = Literal["expressed", "cast", "present"]
"""What a majority is counted on: for and against; with abstentions; or everyone present and represented."""

EmptyCollege = Literal["redistribute", "lost"]
BodyKind = Literal["assembly", "board", "bureau", "commission", "other"]
BOARD, BUREAU = "board", "bureau"


def _fraction(value: Any) -> Fraction:
    if isinstance(value, Fraction):
        return value
    if not isinstance(value, str):
        raise ValueError("write a fraction in quotes, for instance '1/2' or '65/100'")
    try:
        found = Fraction(value)
    except (ValueError, ZeroDivisionError):
        raise ValueError("not a fraction, for instance '1/2'") from None
    if not 0 <= found <= 1:
        raise ValueError("between 0 and 1")
    return found


Share = Annotated[Fraction, PlainValidator(_fraction, json_schema_input_type=str), PlainSerializer(str, str)]
Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,39}$")]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)


class College(_Part):
    """A college of the assembly (*collège*): its share of the votes and its seats on the board."""

    number: int = Field(ge=1, le=20)
    label: str
    vote_share: Share
    seats: int = Field(ge=0)


class Category(_Part):
    """What somebody is a member as; it settles the college of an adherent."""

    label: str
    kinds: tuple[MemberKind, ...] = Field(min_length=1)
    college: int | None = None


class Board(_Part):
    """The board (*conseil d'administration*)."""

    most: int = Field(ge=1)
    years: int = Field(ge=1, description="Of a mandate")
    renewals: int = Field(ge=0, description="How often somebody may be renewed, all mandates counted")


class BureauRole(_Part):
    """A function of the bureau; `college` when only its members may hold it."""

    label: str
    college: int | None = None


class Proxies(_Part):
    """Votes by proxy (*pouvoirs*)."""

    most: int = Field(ge=0, description="That one holder may carry")
    same_college: bool


class VoteRules(_Part):
    """How a body decides."""

    weighted: bool = Field(description="By the shares of the colleges; else a head a vote")
    majority: Share = Field(description="More than this share carries a resolution")
    basis: Basis
    quorum: Share | None = Field(default=None, description="Of those entitled, present or represented")
    empty_college: EmptyCollege = "redistribute"
    change_until_closed: bool = Field(default=False, description="Of an open vote; a secret one never changes")
    proxies: Proxies = Proxies(most=0, same_college=False)


class MeetingKind(_Part):
    """A kind of meeting, of which body it is, and how it votes (None: it does not)."""

    label: str
    body: BodyKind
    votes: VoteRules | None = None
    notice_days: int | None = Field(default=None, ge=0, le=90, description="Clear days between convocation and meeting")
    late_notice: Literal["flagged", "refused"] = "flagged"


class MinutesRules(_Part):
    """How minutes are approved: by a vote, by signatures of officers, on paper; whichever comes first."""

    vote: bool = True
    signatures: tuple[Code, ...] = Field(default=(), description="Functions of the bureau that may sign")
    needed: int = Field(default=0, ge=0, description="How many of them; 0: signatures do not approve")
    paper: bool = Field(default=True, description="A signed copy, put before the meeting as a document")


class Association(_Part):
    """The rules of one territory. Without a file: no colleges; members are kept, nothing is put to the vote."""

    version: str = "none"
    source: str | None = None
    categories: dict[Code, Category] = {
        "professional": Category(label="Professionnel de santé", kinds=("adherent", "associate")),
        "organisation": Category(label="Structure, association ou collectivité", kinds=("adherent", "associate")),
    }
    colleges: tuple[College, ...] = ()
    board: Board | None = None
    bureau: dict[Code, BureauRole] = {}
    commissions: dict[Code, str] = {}
    meetings: dict[Code, MeetingKind] = {"meeting": MeetingKind(label="Réunion", body="other")}
    documents: dict[Code, DocumentKind] = Field(
        default={}, description="By kind of agenda item: the document that a vote on it is about, and cannot do without"
    )
    minutes: MinutesRules = MinutesRules()
    yearly_fee: Annotated[str, StringConstraints(pattern=r"^\d{1,6}\.\d\d$")] | None = Field(
        default=None, description="Euros a calendar year"
    )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        numbers = [it.number for it in self.colleges]
        if len(set(numbers)) != len(numbers):
            raise ValueError("colleges: a number stands twice")
        if self.colleges and sum(it.vote_share for it in self.colleges) != 1:
            raise ValueError("colleges: the vote shares do not sum to 1")
        if self.board and sum(it.seats for it in self.colleges) > self.board.most:
            raise ValueError("colleges: more seats than `board.most`")
        named = {it.college for it in self.categories.values()} | {it.college for it in self.bureau.values()}
        unknown = named - {None, *numbers}
        if unknown:
            raise ValueError(f"no college {sorted(map(str, unknown))}")
        if self.colleges and any("adherent" in it.kinds and it.college is None for it in self.categories.values()):
            raise ValueError("categories: an adherent's category needs a college")
        if set(self.commissions) & {BOARD, BUREAU}:
            raise ValueError("commissions: `board` and `bureau` are bodies already")
        if self.minutes.needed > len(set(self.minutes.signatures)) or set(self.minutes.signatures) - set(self.bureau):
            raise ValueError("minutes: signed by functions of the bureau, at least as many as are needed")
        if not self.colleges and any(it.votes and it.votes.weighted for it in self.meetings.values()):
            raise ValueError("meetings: weighted votes need colleges")
        return self

    def college(self, number: int | None) -> College | None:
        return next((it for it in self.colleges if it.number == number), None)

    def college_of(self, kind: MemberKind, category: str) -> int | None:
        """The one college of a member; None for an associate, or where there are none."""
        return self.categories[category].college if kind == "adherent" else None

    def bodies(self) -> dict[str, BodyKind]:
        """Codes of the bodies somebody can sit on."""
        found: dict[str, BodyKind] = {BOARD: "board"} if self.board else {}
        if self.bureau:
            found[BUREAU] = "bureau"
        return found | dict.fromkeys(self.commissions, "commission")


def years_later(day: date, years: int) -> date:
    """The same day some years later; 28 February for a 29th that is not there."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)
