"""Routes on who accepts new patients (*accepte de nouveaux patients*)."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query, Response
from pydantic import BaseModel, ConfigDict, Field, StrictBool, TypeAdapter

from directory.api.answers import coded, place_out
from directory.api.params import (
    CodeQuery,
    CommuneQuery,
    Reader,
    ReferenceDep,
    RppsPath,
    RulesDep,
    TerritoryQuery,
    Writer,
)
from directory.api.schemas import Code, PlaceOut
from directory.domain.acceptance import Code as PatientCode
from directory.domain.acceptance import Rules, Source
from directory.domain.as_of import standing_day
from directory.domain.nomenclature import Nomenclature
from directory.store.acceptances import Filters
from directory.usecases.declare_acceptance import Said, change_acceptance
from directory.usecases.locate import Where
from directory.usecases.show_acceptances import Listed, Standing, list_acceptances, show_acceptance
from kit.as_of import AsOfDep
from kit.http import IfMatch, WorkDep, service_router
from kit.pagination import Page, PageDep, page_of
from kit.problems import problem_responses
from kit.work import Record

router = service_router(tags=["acceptances"])

_KEY = TypeAdapter(tuple[str, str])


class AcceptanceIn(BaseModel):
    """The answer. Without `valid_until` it holds as long as the territory says (GET /v1/acceptances/rules)."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"accepts": True, "capacity": 20, "patients": ["ald", "children"]}]},
    )

    accepts: StrictBool
    capacity: int | None = Field(default=None, ge=1, le=5000, description="How many more patients; not said when null")
    patients: list[PatientCode] = Field(default=[], max_length=20, description="Whom it is for; empty is anyone")
    valid_until: date | None = Field(default=None, description="Last day on which it holds, a year ahead at most")
    source: Literal["coordinator", "phone"] | None = Field(
        default=None, description="`phone`: the coordinator asked by phone. A practitioner's own is `self`"
    )


class AcceptanceOut(BaseModel):
    """What was said. Version 0: nothing was."""

    rpps: str
    accepts: bool | None = Field(description="Null when nothing was said, or when what was said no longer holds")
    capacity: int | None
    patients: list[Code]
    valid_until: date | None
    holds: bool = Field(description="False after `valid_until`: nobody knows any more")
    source: Source | None
    campaign_id: UUID | None
    declared_at: datetime | None
    version: int


class ListedAcceptanceOut(AcceptanceOut):
    """With who it is of and where they practise. `accepts` is what was said, whether it holds or not."""

    name: str
    profession: Code
    specialties: list[Code]
    places: list[PlaceOut]


class AcceptanceRulesOut(BaseModel):
    """What the territory asks, of whom, and how long an answer holds."""

    version: str
    question: str
    specialties: list[Code]
    patients: list[Code]
    reminder_days: list[int]
    holds_days: int
    publication_day: int | None = Field(description="Day of the quarter on which the list is published by itself")


@router.get(
    "/professionals/{rpps}/acceptance",
    operation_id="getAcceptance",
    summary="Does this professional accept new patients?",
    responses=problem_responses(404),
)
async def get_acceptance(
    *, caller: Reader, work: WorkDep, rules: RulesDep, rpps: RppsPath, until: AsOfDep, response: Response
) -> AcceptanceOut:
    """On the caller's territory. What no longer holds is answered with `accepts` null and `holds` false."""
    standing = await show_acceptance(work, rpps, until)
    return _answer(standing, rpps, rules, response)


@router.put(
    "/professionals/{rpps}/acceptance",
    operation_id="declareAcceptance",
    summary="Say whether this professional accepts new patients",
    responses=problem_responses(404, 412),
)
async def put_acceptance(
    *,
    caller: Writer,
    work: WorkDep,
    rules: RulesDep,
    rpps: RppsPath,
    body: AcceptanceIn,
    response: Response,
    if_match: IfMatch = None,
) -> AcceptanceOut:
    """A practitioner for themself, a coordinator for anyone: it counts as their answer to the campaign under way.

    422 `patients_unknown`, `valid_until_refused`, `accepts_nobody`; 403 `not_own_entry`; 412 `version_mismatch`.
    """
    said = Said(body.accepts, body.capacity, tuple(body.patients), body.valid_until)
    row = await change_acceptance(work, caller, rules, rpps, said, source=body.source, if_match=if_match)
    return _answer(Standing(row, standing_day(work.now, None)), rpps, rules, response)


@router.get("/acceptances", operation_id="listAcceptances", summary="Who accepts new patients")
async def get_acceptances(
    *,
    caller: Reader,
    work: WorkDep,
    reference: ReferenceDep,
    rules: RulesDep,
    page: PageDep,
    until: AsOfDep,
    commune: CommuneQuery = None,
    territory: TerritoryQuery = None,
    accepts: bool | None = None,
    holds: Annotated[bool | None, Query(description="False: those that lapsed; leave out for both")] = True,
    profession: CodeQuery = None,
    specialty: CodeQuery = None,
    patients: Annotated[CodeQuery, Query(description="Accepts these: everybody does who names none")] = None,
    source: Source | None = None,
) -> Page[ListedAcceptanceOut]:
    """What was said on the caller's territory and still holds, by name, today or as it was (`at`).

    `commune` and `territory` are where the professional practises. Unknown codes are 422, which names the field.
    """
    filters = Filters(standing_day(work.now, until), holds, accepts, profession, specialty, None, patients, source)
    rows = await list_acceptances(
        work,
        reference,
        rules,
        filters,
        where=Where(commune=commune, territory=territory),
        until=until,
        after=page.key(_KEY),
        limit=page.limit + 1,
    )
    kept, following = page_of(rows, page, key=lambda it: [it.row["search_name"], it.row["rpps"]])
    return Page(items=[_listed(it, rules, reference.nomenclature) for it in kept], next=following)


@router.get("/acceptances/rules", operation_id="getAcceptanceRules", summary="What is asked, and of whom")
async def get_rules(*, caller: Reader, reference: ReferenceDep, rules: RulesDep) -> AcceptanceRulesOut:
    """The rules of the caller's territory, with the codes of patients that an answer may name."""
    asked, known = rules.asked, reference.nomenclature.specialties
    return AcceptanceRulesOut(
        version=rules.version,
        question=asked.question,
        specialties=[Code(code=it, label=known[it].label) for it in asked.specialties],
        patients=_patients(asked.patients, rules),
        reminder_days=list(asked.reminder_days),
        holds_days=asked.holds_days,
        publication_day=asked.publication_day,
    )


def _patients(codes: object, rules: Rules) -> list[Code]:
    assert isinstance(codes, list | tuple)  # noqa: S101
    return [coded(it, rules.labels) for it in codes]


def _said(row: Record | None, rules: Rules) -> dict[str, object]:
    names = ("capacity", "valid_until", "source", "campaign_id", "declared_at")
    if row is None:
        return dict.fromkeys(names) | {"patients": [], "version": 0}
    return {name: row[name] for name in (*names, "version")} | {"patients": _patients(row["patients"], rules)}


def _answer(standing: Standing, rpps: str, rules: Rules, response: Response) -> AcceptanceOut:
    accepts = standing.row["accepts"] if standing.row is not None and standing.holds else None
    said = _said(standing.row, rules) | {"rpps": rpps, "accepts": accepts, "holds": standing.holds}
    out = AcceptanceOut.model_validate(said)
    response.headers["ETag"] = f'"{out.version}"'
    return out


def _listed(listed: Listed, rules: Rules, nomenclature: Nomenclature) -> ListedAcceptanceOut:
    row = listed.row
    labels = {key: specialty.label for key, specialty in nomenclature.specialties.items()}
    said = _said(row, rules) | {
        "rpps": row["rpps"],
        "accepts": row["accepts"],
        "holds": row["holds"],
        "name": row["name"],
        "profession": coded(row["profession"], nomenclature.professions),
        "specialties": [coded(it, labels) for it in row["specialties"]],
        "places": [place_out(activity) for activity in listed.activities],
    }
    return ListedAcceptanceOut.model_validate(said)
