"""What the routes on group sessions take and answer."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from pathways.api.fields import Body, Code, Line, Profession, Rpps
from pathways.usecases.hold_session import MOST_LINES, Audience, KeptLine
from pathways.usecases.session_documents import DocumentKind

SessionState = Literal["planned", "held", "cancelled"]


def _example(**values: Any) -> ConfigDict:
    return ConfigDict(extra="forbid", json_schema_extra={"examples": [values]})


class SessionIn(Body):
    """A session to plan. The topic follows from the theme when only that is given."""

    model_config = _example(
        kind="epu",
        theme="chemotherapy-at-home",
        title="Suites de chimiothérapie : que surveiller en ville ?",
        starts_at="2026-12-03T20:00:00+01:00",
        ends_at="2026-12-03T22:00:00+01:00",
        place="Centre hospitalier, salle des conférences",
        capacity=40,
    )

    kind: Code = Field(description="See /v1/activity-codes")
    topic: Code | None = None
    theme: Code | None = None
    title: Line
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    place: Line | None = None
    capacity: int | None = Field(default=None, ge=1, le=10_000, description="Seats; null is without limit")


class SessionOut(BaseModel):
    """A session as it stands."""

    id: UUID
    kind: str
    topic: str | None
    theme: str | None
    title: str
    starts_at: datetime
    ends_at: datetime
    place: str | None
    capacity: int | None
    state: SessionState
    cancel_reason: str | None
    codes_version: str
    version: int


class CancelIn(Body):
    """Why it will not take place."""

    model_config = _example(reason="Intervenant empêché")

    reason: Line


class InvitationsIn(Body):
    """Whom to invite."""

    model_config = _example(rpps=["99000000093"])

    rpps: list[Rpps] = Field(min_length=1, max_length=500)


class AnswerIn(Body):
    """Whether they come."""

    model_config = _example(comes=True)

    comes: bool


class InvitationOut(BaseModel):
    """A professional who is invited, and what they answered."""

    id: UUID
    rpps: str
    state: Literal["invited", "accepted", "declined", "withdrawn"]
    changed_at: datetime


class LineIn(Body):
    """Who came. A professional by profession, and number or name; others counted."""

    audience: Audience = "professional"
    rpps: Rpps | None = None
    profession: Profession | None = Field(default=None, description="Code of TRE_G15, of a professional only")
    name: Line | None = Field(default=None, description="For the certificate; kept encrypted, told to nobody")
    speaker: bool = Field(default=False, description="Led it (*animateur*)")
    people: int = Field(default=1, ge=1, le=10_000, description="More than one: a group, without number or name")


class SheetIn(Body):
    """The attendance sheet (*feuille d'émargement*), whole."""

    model_config = _example(
        lines=[
            {"rpps": "99000000093", "profession": "10", "speaker": True},
            {"profession": "60", "name": "Exemple Dominique"},
            {"audience": "student", "people": 6},
        ]
    )

    lines: Annotated[list[LineIn], Field(min_length=1, max_length=MOST_LINES)]


class LineOut(BaseModel):
    """A line of the sheet."""

    id: UUID
    audience: str
    rpps: str | None
    profession: str | None
    name: str | None
    speaker: bool
    people: int


class SheetOut(BaseModel):
    """The sheet as it stands."""

    lines: list[LineOut]


class DocumentOut(BaseModel):
    """A document of a session. `sha256` is the digest of its bytes."""

    id: UUID
    kind: DocumentKind
    name: str
    media_type: str
    size: int
    sha256: str
    withdrawn_at: datetime | None
    changed_at: datetime


def sheet_out(lines: list[KeptLine]) -> SheetOut:
    """The sheet, its names opened."""
    return SheetOut(lines=[LineOut(id=it.id, **vars(it.line)) for it in lines])
