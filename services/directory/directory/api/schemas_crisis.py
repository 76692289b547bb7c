"""What the routes on crisis plans, activations, exercises and lessons take and answer."""

from datetime import date, datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field, StringConstraints, model_validator

from directory.api.fields import Body, Code, Finess, Line, Note, Rpps
from directory.domain.crisis_plans import CallUpRules, PlanState, PlanType, ReviewState

LinkTo = Annotated[
    str,
    StringConstraints(max_length=500, pattern=r"^https://[^\s\x00-\x20/@?#]+\.[^\s\x00-\x20@]+$"),
    Field(examples=["https://www.example.org/plan-blanc.pdf"]),
]
LessonState = Literal["open", "done", "dropped"]
ExerciseState = Literal["planned", "held", "cancelled"]


class CrisisCodesOut(BaseModel):
    """Codes with their French labels, and the rules of the caller's territory."""

    version: str
    roster_kinds: dict[str, str]
    plan_types: dict[str, PlanType]
    document_kinds: dict[str, str]
    exercise_kinds: dict[str, str]
    journal_kinds: dict[str, str]
    review_months: int
    review_notice_days: int
    call_up: CallUpRules


class Step(Body):
    """One action of a plan, and who answers for it."""

    action: Note = Field(examples=["Prévenir les cabinets de la commune"])
    role: Line = Field(description="A role (*fonction*), not a person", examples=["Coordinatrice"])
    within_minutes: int | None = Field(default=None, ge=0, le=100_000, description="After the plan is in force")


class PlanIn(Body):
    """A plan, whole."""

    type: Code = Field(description="GET /v1/crisis-codes", examples=["amavi"])
    title: Line = Field(examples=["Afflux de victimes sur le bassin de Redon"])
    responsible: Line = Field(description="A role, not a person", examples=["Référent crises de la CPTS"])
    steps: list[Step] = Field(default=[], max_length=200)


class PlanOut(BaseModel):
    """A plan as it is written now. What is in force is its version `number`."""

    id: UUID
    type: str
    title: str
    responsible: str
    steps: list[Step]
    state: PlanState = Field(description="`revised`: adopted, and its next version is being written")
    number: int = Field(description="Of the adopted version, 0 before the first")
    review_on: date | None
    review: ReviewState = Field(description="Whether it is due to be read again")
    withdrawn_reason: str | None
    version: int
    changed_at: datetime
    changed_by: str


class AdoptIn(Body):
    """When it is to be read again; by default as the territory's rules say."""

    review_on: date | None = None


class ReasonIn(Body):
    """Why."""

    reason: Note = Field(description="Nothing about a patient", examples=["Accident de car sur la N137"])


class FrozenDocument(BaseModel):
    """A document as it belonged to a version; `digest` (SHA-256) tells a file, null for a link."""

    id: UUID
    kind: str
    title: str
    digest: str | None


class PlanVersionOut(BaseModel):
    """A version as it was adopted."""

    number: int
    type: str
    title: str
    responsible: str
    steps: list[Step]
    documents: list[FrozenDocument]
    adopted_on: date
    adopted_by: str
    review_on: date
    codes_version: str


class TypeCount(BaseModel):
    """Adopted plans of a type that stand."""

    type: str
    orsan: bool
    count: int


class PlanCounts(BaseModel):
    """What I-62 looks at."""

    counts: list[TypeCount]


class DocumentIn(Body):
    """A document that stands elsewhere."""

    kind: Code = Field(examples=["plan-blanc"])
    title: Line = Field(examples=["Plan Blanc du centre hospitalier"])
    finess: Finess | None = Field(default=None, description="Whose it is")
    url: LinkTo


class DocumentOut(BaseModel):
    """A link (`url`) or a file (`media_type`, `size`, `digest`)."""

    id: UUID
    plan_id: UUID
    kind: str
    title: str
    finess: str | None
    url: str | None
    media_type: str | None
    size: int | None
    digest: str | None = Field(description="SHA-256 of the file")
    ended_at: datetime | None
    version: int
    changed_at: datetime
    changed_by: str


class ActivationOut(BaseModel):
    """A version of a plan, in force from `started_at` to `ended_at`."""

    id: UUID
    plan_id: UUID
    number: int
    type: str
    reason: str
    started_at: datetime
    ended_at: datetime | None
    end_reason: str | None
    version: int


class LineIn(Body):
    """One line of the journal."""

    kind: Code = Field(examples=["decision"])
    text: Note = Field(description="Nothing about a patient", examples=["Deux cabinets restent ouverts jusqu'à 22 h"])
    happened_at: AwareDatetime | None = Field(default=None, description="Now unless said")


class LineOut(BaseModel):
    """A line of the journal, with who wrote it and when."""

    id: UUID
    kind: str
    text: str
    happened_at: datetime
    written_at: datetime
    written_by: str


class ExerciseIn(Body):
    """An exercise to come."""

    kind: Code = Field(examples=["tabletop"])
    title: Line
    planned_on: date
    plan_id: UUID | None = None


class HeldIn(Body):
    """That it took place, and who took part: all of them."""

    held_on: date
    professionals: list[Rpps] = Field(default=[], max_length=1000)
    structures: list[Finess] = Field(default=[], max_length=200)


class ExerciseOut(BaseModel):
    """An exercise."""

    id: UUID
    plan_id: UUID | None
    kind: str
    title: str
    planned_on: date
    held_on: date | None
    state: ExerciseState
    professionals: list[str]
    structures: list[str]
    version: int


class ListedExerciseOut(ExerciseOut):
    """With how many of its lessons are open today."""

    open_lessons: int


class LessonIn(Body):
    """What an exercise or an activation taught."""

    exercise_id: UUID | None = None
    activation_id: UUID | None = None
    text: Note = Field(examples=["La liste d'appel des infirmiers n'était pas à jour"])
    owner: Line = Field(description="Who sees to it", examples=["Assistante de coordination"])
    due_on: date

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if (self.exercise_id is None) is (self.activation_id is None):
            raise ValueError("name an exercise or an activation")
        return self


class LessonChange(Body):
    """What is not given stays."""

    state: LessonState | None = None
    owner: Line | None = None
    due_on: date | None = None


class LessonOut(BaseModel):
    """A lesson."""

    id: UUID
    exercise_id: UUID | None
    activation_id: UUID | None
    text: str
    owner: str
    due_on: date
    state: LessonState
    overdue: bool = Field(description="Open, and its day is over")
    closed_on: date | None
    version: int
