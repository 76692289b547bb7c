"""What the routes of the action plan take and answer."""

from datetime import date, datetime
from typing import Annotated, Any, get_args

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from indicators.api.schemas import FigureOut
from indicators.domain.action_plan import STEP_PATTERN, ActionPlan, Calendar, Means, Sheet
from indicators.domain.maturity import LABELS, Level, MaturityEntry
from indicators.domain.movement import Movement
from indicators.domain.plan_progress import State, StepStanding
from indicators.usecases.show_plan import Followed, SheetStanding
from kit.work import Record

_STATES: tuple[State, ...] = get_args(State)
Note = Annotated[str, StringConstraints(min_length=1, max_length=2000, strip_whitespace=True)]
Proof = Annotated[str, StringConstraints(min_length=1, max_length=500, strip_whitespace=True)]


class MaturityOut(BaseModel):
    """A level on the CMMI scale, 1 to 5: who noted it, when and why. Number 0 is the plan's own."""

    number: int
    level: Level = Field(examples=[3])
    label_fr: str = Field(examples=["Défini"])
    was: Level | None
    reason: str
    noted_by: str | None
    noted_at: datetime

    @classmethod
    def of(cls, entry: MaturityEntry) -> "MaturityOut":
        return cls(label_fr=LABELS[entry.level], **vars(entry))


class MaturityIn(BaseModel):
    """A level, and why. The same level again is an assessment that confirms it."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"level": 4, "reason": "Suivi trimestriel en place depuis un an"}]},
    )

    level: Level
    reason: Note


class ProofOut(BaseModel):
    """What shows it: an address, or where it is kept."""

    link: str | None
    reference: str | None


class ProofIn(BaseModel):
    """An address (http or https), or where it is kept: minutes, an archive number. One suffices."""

    model_config = ConfigDict(extra="forbid")

    link: Annotated[Proof, StringConstraints(pattern=r"^https?://[^\s]+$")] | None = None
    reference: Proof | None = Field(default=None, examples=["PV du conseil d'administration du 12/10/2026"])


class ProgressIn(BaseModel):
    """What happened, on the sheet or on one of its steps. No patient is named here."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "text": "Liste diffusée aux 52 généralistes",
                    "step": "1.1.2",
                    "state": "done",
                    "on_day": "2026-11-20",
                    "proof": {"reference": "Liste n° 3, envoi du 20/11/2026"},
                }
            ]
        },
    )

    text: Note
    step: Annotated[str, StringConstraints(pattern=STEP_PATTERN)] | None = None
    state: State | None = Field(default=None, description="The state that the step reaches; `done` needs a proof")
    on_day: date | None = Field(default=None, description="When it happened; today when left out")
    proof: ProofIn | None = None


class ProgressOut(BaseModel):
    """A note of progress, as it was written."""

    number: int
    step: str | None
    state: State | None
    on_day: date
    text: str
    proof: ProofOut | None
    noted_by: str
    noted_at: datetime

    @classmethod
    def of(cls, row: Record) -> "ProgressOut":
        names = ("number", "step", "state", "on_day", "text", "noted_by", "noted_at")
        link, reference = row["proof_link"], row["proof_reference"]
        proof = ProofOut(link=link, reference=reference) if link or reference else None
        return cls(proof=proof, **{name: row[name] for name in names})


class StepOut(BaseModel):
    """A step (*objectif opérationnel*) on that day. `late`: not done after its last day."""

    number: str = Field(examples=["1.1.2"])
    label_fr: str
    calendar: Calendar | None
    indicators: tuple[str, ...]
    state: State
    since: date | None = Field(description="When it reached its state; null when nothing was noted")
    late: bool
    days_late: int | None = Field(description="To that day, or to the day it was done; null without a calendar")

    @classmethod
    def of(cls, standing: StepStanding) -> "StepOut":
        step = standing.step
        return cls(
            number=step.number,
            label_fr=step.label,
            calendar=step.calendar,
            indicators=step.indicators,
            state=standing.state,
            since=standing.since,
            late=standing.late,
            days_late=standing.days_late,
        )


class SheetSummaryOut(BaseModel):
    """An action sheet (*fiche action*) in a line. `late`: one of its steps is."""

    number: str = Field(examples=["1.1"])
    axis: int
    title_fr: str
    state: State
    maturity: MaturityOut | None = Field(description="Null before the plan was adopted")
    late: bool
    steps_by_state: dict[State, int] = Field(description="How many of its steps are in each state")
    late_steps: list[str]
    indicators: tuple[str, ...]

    @classmethod
    def of(cls, standing: SheetStanding) -> "SheetSummaryOut":
        return cls(**_summary(standing))


def _summary(standing: SheetStanding) -> dict[str, Any]:
    sheet, states = standing.sheet, [step.state for step in standing.steps]
    return {
        "number": sheet.number,
        "axis": standing.axis.number,
        "title_fr": sheet.title,
        "state": standing.state,
        "maturity": MaturityOut.of(standing.maturity) if standing.maturity else None,
        "late": bool(standing.late),
        "steps_by_state": {state: states.count(state) for state in _STATES},
        "late_steps": [step.step.number for step in standing.late],
        "indicators": sheet.indicators,
    }


class FollowedOut(BaseModel):
    """A figure of the period beside that of the period before."""

    figure: FigureOut
    before: FigureOut | None = Field(description="Null for the first campaign of its name")
    movement: Movement | None = Field(description="From the period before; null when one of the two is unknown")

    @classmethod
    def of(cls, followed: Followed) -> "FollowedOut":
        before = FigureOut.of(followed.before) if followed.before else None
        return cls(figure=FigureOut.of(followed.figure), before=before, movement=followed.movement)


class SheetOut(SheetSummaryOut):
    """The progress view of a sheet: what it says, how far it is, the figures of its indicators."""

    objective_fr: str
    context_fr: str | None
    population_fr: str
    existing_fr: str | None
    effects_fr: tuple[str, ...]
    actors: tuple[str, ...]
    partners: tuple[str, ...]
    means: Means
    calendar: Calendar | None
    evaluation_fr: tuple[str, ...]
    as_of: date
    steps: list[StepOut]
    figures: list[FollowedOut]
    maturity_history: list[MaturityOut] = Field(description="The latest first, at most 50; `.../maturity` has all")
    progress: list[ProgressOut] = Field(description="The latest first, at most 50; `.../progress` has all")

    @classmethod
    def whole(
        cls,
        standing: SheetStanding,
        *,
        figures: list[FollowedOut],
        history: list[MaturityOut],
        progress: list[ProgressOut],
    ) -> "SheetOut":
        return cls(
            **_summary(standing),
            **_written(standing.sheet),
            as_of=standing.day,
            steps=[StepOut.of(step) for step in standing.steps],
            figures=figures,
            maturity_history=history,
            progress=progress,
        )


def _written(sheet: Sheet) -> dict[str, Any]:
    same = ("actors", "partners", "means", "calendar")
    french = ("objective", "context", "population", "existing", "effects", "evaluation")
    return {name: getattr(sheet, name) for name in same} | {f"{name}_fr": getattr(sheet, name) for name in french}


class AxisOut(BaseModel):
    """An axis of the plan with its sheets."""

    number: int
    label_fr: str
    objective_fr: str
    mission: str | None = Field(description="Mission of the agreement (ACI) that it answers", examples=["access"])
    sheets: list[SheetSummaryOut]


class PlanOut(BaseModel):
    """The action plan (*plan d'actions*) on a day."""

    version: str
    title_fr: str
    source: str
    adopted_on: date
    as_of: date
    sheets: int
    late_sheets: int
    steps_by_state: dict[State, int]
    axes: list[AxisOut]

    @classmethod
    def of(cls, plan: ActionPlan, standings: list[SheetStanding], as_of: date) -> "PlanOut":
        summaries = [SheetSummaryOut.of(it) for it in standings]
        axes = [
            AxisOut(
                number=axis.number,
                label_fr=axis.label,
                objective_fr=axis.objective,
                mission=axis.mission,
                sheets=[it for it in summaries if it.axis == axis.number],
            )
            for axis in plan.axes
        ]
        return cls(
            version=plan.version,
            title_fr=plan.title,
            source=plan.source,
            adopted_on=plan.adopted_on,
            as_of=as_of,
            sheets=len(summaries),
            late_sheets=sum(it.late for it in summaries),
            steps_by_state={state: sum(it.steps_by_state[state] for it in summaries) for state in _STATES},
            axes=axes,
        )
