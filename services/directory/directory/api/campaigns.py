"""Routes on the quarterly campaigns "do you accept new patients?"."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from directory.api.answers import coded
from directory.api.fields import Rpps
from directory.api.params import Publisher, ReferenceDep, RulesDep
from directory.api.schemas import Code
from directory.domain.acceptance import Source
from directory.domain.campaigns import PERIOD_PATTERN, Dates, State
from directory.domain.nomenclature import Nomenclature
from directory.usecases.run_campaign import (
    Draft,
    close_campaign,
    draft_campaign,
    preview_campaign,
    start_campaign,
)
from directory.usecases.show_campaign import list_campaigns, list_invitations, show_campaign
from kit.answers import filled
from kit.http import WorkDep, service_router
from kit.pagination import Page, PageDep, page_of
from kit.problems import problem_responses
from kit.work import Record

router = service_router(tags=["campaigns"])

_NAMED, _DATED = TypeAdapter(tuple[str, str]), TypeAdapter(tuple[str, UUID])


class CampaignIn(BaseModel):
    """A draft. What is left out follows the territory's rules (GET /v1/acceptances/rules)."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"period": "2026-Q4", "opens_on": "2026-12-01", "closes_on": "2026-12-22"}]},
    )

    period: str = Field(pattern=PERIOD_PATTERN, examples=["2026-Q4"])
    opens_on: date = Field(description="First letters leave on this day (Paris), once the campaign is started")
    closes_on: date = Field(description="Last day for answers by link; 92 days after the opening at most")
    reminder_days: list[Annotated[int, Field(ge=1, le=90)]] | None = Field(
        default=None, max_length=6, description="Days after the opening; those who have answered get none"
    )
    holds_days: int | None = Field(default=None, ge=1, le=366, description="How long an answer holds that names no end")
    added: list[Rpps] = Field(default=[], max_length=2000, description="Asked too, wherever they practise")
    left_out: list[Rpps] = Field(default=[], max_length=2000, description="Not asked, for instance about to retire")


class CampaignOut(BaseModel):
    """A campaign. `state` open with a last day in the past no longer takes answers."""

    id: UUID
    period: str
    opens_on: date
    closes_on: date
    state: State
    question: str
    rules_version: str
    specialties: list[str]
    reminder_days: list[int]
    holds_days: int
    created_at: datetime
    started_at: datetime | None
    closed_at: datetime | None
    version: int


class RateOut(BaseModel):
    """How a campaign fares among some. `rate` and `accepting_rate` are percents of `asked`, null when nobody is."""

    of: Code | None = Field(description="A profession, or a commune by INSEE code; null for all")
    asked: int
    sent: int = Field(description="Written to at least once")
    unreachable: int = Field(description="No confirmed channel: to be phoned")
    answered: int
    accepting: int
    rate: float | None
    accepting_rate: float | None


class CampaignDetailOut(CampaignOut):
    """With the rates of answer: of all, by profession, by commune."""

    overall: RateOut
    by_profession: list[RateOut]
    by_commune: list[RateOut]


class AskedOut(BaseModel):
    """A professional whom the campaign would ask."""

    rpps: str
    name: str
    profession: Code
    specialties: list[Code]
    commune: str | None
    reachable: bool = Field(description="Has a confirmed channel for campaigns")


class PreviewOut(Page[AskedOut]):
    """Whom the campaign would ask if it started now."""

    asked: int
    unreachable: int


class InvitationOut(BaseModel):
    """What came of asking one professional. The personal link is never shown again."""

    rpps: str
    name: str
    profession: Code
    specialties: list[Code]
    commune: str | None
    reachable: bool | None = Field(description="When last written to; null before")
    sent_at: datetime | None
    reminded_at: datetime | None
    answered_at: datetime | None
    answered_by: Source | None
    accepts: bool | None


@router.post(
    "/campaigns",
    status_code=201,
    operation_id="draftCampaign",
    summary="Prepare a campaign",
    responses=problem_responses(409),
)
async def post_campaign(*, caller: Publisher, work: WorkDep, rules: RulesDep, body: CampaignIn) -> CampaignOut:
    """A draft that asks nobody yet: look at its preview, then start it.

    409 `campaign_exists`: the period has one. 422 names the field: `closes_in_the_past`, `closes_before_opening`,
    `open_too_long`, `professional_unknown`.
    """
    draft = Draft(
        body.period,
        Dates(body.opens_on, body.closes_on),
        None if body.reminder_days is None else tuple(sorted(set(body.reminder_days))),
        body.holds_days,
        body.added,
        body.left_out,
    )
    return _campaign(await draft_campaign(work, caller, rules, draft))


@router.get("/campaigns", operation_id="listCampaigns", summary="Campaigns, the latest period first")
async def get_campaigns(*, caller: Publisher, work: WorkDep, page: PageDep) -> Page[CampaignOut]:
    """Drafts, open, closed and cancelled ones of the caller's territory."""
    key = page.key(_DATED)
    rows = await list_campaigns(work, (key[0], str(key[1])) if key else None, page.limit + 1)
    kept, following = page_of(rows, page, key=lambda row: [row["period"], str(row["id"])])
    return Page(items=[_campaign(row) for row in kept], next=following)


@router.get(
    "/campaigns/{campaign_id}",
    operation_id="getCampaign",
    summary="A campaign with its rates of answer",
    responses=problem_responses(404),
)
async def get_campaign(
    *, caller: Publisher, work: WorkDep, reference: ReferenceDep, campaign_id: UUID
) -> CampaignDetailOut:
    """Counts of all who are asked, by profession and by commune. An answer by phone or of one's own counts too."""
    row, rates = await show_campaign(work, campaign_id)
    by = {facet: [_rate(it, reference.nomenclature) for it in rates if it["facet"] == facet] for facet in _FACETS}
    return CampaignDetailOut(
        **vars(_campaign(row)), overall=by["all"][0], by_profession=by["profession"], by_commune=by["commune"]
    )


@router.get(
    "/campaigns/{campaign_id}/preview",
    operation_id="previewCampaign",
    summary="Whom the campaign would ask",
    responses=problem_responses(404),
)
async def get_preview(
    *, caller: Publisher, work: WorkDep, reference: ReferenceDep, page: PageDep, campaign_id: UUID
) -> PreviewOut:
    """By name, with those who cannot be reached because they have no confirmed channel. Changes nothing."""
    counts, rows = await preview_campaign(work, reference, campaign_id, page.key(_NAMED), page.limit + 1)
    kept, following = page_of(rows, page, key=_by_name)
    items = [
        AskedOut.model_validate(_person(row, reference.nomenclature) | {"reachable": row["reachable"]}) for row in kept
    ]
    return PreviewOut(items=items, next=following, asked=counts["asked"], unreachable=counts["unreachable"])


@router.post(
    "/campaigns/{campaign_id}/start",
    operation_id="startCampaign",
    summary="Start asking",
    responses=problem_responses(404, 409),
)
async def post_start(*, caller: Publisher, work: WorkDep, reference: ReferenceDep, campaign_id: UUID) -> CampaignOut:
    """Everybody gets a personal link, from `opens_on` on. Starting again changes nothing.

    409 `campaign_over`, `campaign_asks_nobody`.
    """
    return _campaign(await start_campaign(work, caller, reference, campaign_id))


@router.post(
    "/campaigns/{campaign_id}/close",
    operation_id="closeCampaign",
    summary="Close a campaign, or cancel its draft",
    responses=problem_responses(404),
)
async def post_close(*, caller: Publisher, work: WorkDep, campaign_id: UUID) -> CampaignOut:
    """The links stop at once; it closes by itself after `closes_on`. Closing again changes nothing."""
    return _campaign(await close_campaign(work, caller, campaign_id))


@router.get(
    "/campaigns/{campaign_id}/invitations",
    operation_id="listInvitations",
    summary="Who has answered, and who is to be phoned",
    responses=problem_responses(404),
)
async def get_invitations(
    *,
    caller: Publisher,
    work: WorkDep,
    reference: ReferenceDep,
    page: PageDep,
    campaign_id: UUID,
    answered: bool | None = None,
    reachable: bool | None = None,
) -> Page[InvitationOut]:
    """By name. A coordinator notes what was said on the phone by PUT /v1/professionals/{rpps}/acceptance."""
    rows = await list_invitations(
        work, campaign_id, answered=answered, reachable=reachable, after=page.key(_NAMED), limit=page.limit + 1
    )
    kept, following = page_of(rows, page, key=_by_name)
    return Page(items=[_invitation(row, reference.nomenclature) for row in kept], next=following)


_FACETS = ("all", "profession", "commune")


def _by_name(row: Record) -> list[object]:
    return [row["search_name"], row["rpps"]]


def _campaign(row: Record) -> CampaignOut:
    return filled(CampaignOut, row)


def _rate(row: Record, nomenclature: Nomenclature) -> RateOut:
    of = None
    if row["facet"] == "profession":
        of = coded(row["code"], nomenclature.professions)
    elif row["facet"] == "commune" and row["code"]:
        of = Code(code=row["code"], label=row["name"])
    counts = {name: row[name] for name in ("asked", "sent", "unreachable", "answered", "accepting")}
    return RateOut(
        of=of,
        **counts,
        rate=_percent(row["answered"], row["asked"]),
        accepting_rate=_percent(row["accepting"], row["asked"]),
    )


def _percent(part: int, whole: int) -> float | None:
    return round(100 * part / whole, 1) if whole else None


def _person(row: Record, nomenclature: Nomenclature) -> dict[str, object]:
    labels = {key: specialty.label for key, specialty in nomenclature.specialties.items()}
    specialties: Sequence[str] = row["specialties"]
    return {
        "rpps": row["rpps"],
        "name": row["name"],
        "profession": coded(row["profession"], nomenclature.professions),
        "specialties": [coded(it, labels) for it in specialties],
        "commune": row["commune"],
    }


def _invitation(row: Record, nomenclature: Nomenclature) -> InvitationOut:
    names = ("reachable", "sent_at", "reminded_at", "answered_at", "answered_by", "accepts")
    return InvitationOut.model_validate(_person(row, nomenclature) | {name: row[name] for name in names})
