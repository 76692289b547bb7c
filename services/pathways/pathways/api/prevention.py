"""Routes on prevention campaigns."""

from typing import Annotated
from uuid import UUID

from fastapi import Path, Response

from kit.answers import filled
from kit.http import WorkDep, service_router
from kit.pagination import Page, PageDep, page_of
from kit.problems import problem_responses
from pathways.api.activity_params import ActivityReader, ActivityWriter, WordsDep
from pathways.api.fields import CodeQuery
from pathways.api.params import BY_ID
from pathways.api.schemas_prevention import CampaignIn, CampaignOut, CountIn, CountOut, campaign_out
from pathways.usecases.run_prevention import (
    CampaignPlan,
    Counted,
    close_campaign,
    count_people,
    list_campaigns,
    list_counts,
    open_campaign,
    show_campaign,
    withdraw_count,
)

router = service_router(tags=["prevention"])
CampaignPath = Annotated[UUID, Path(description="Id of the campaign")]


@router.post("/prevention-campaigns", operation_id="openPreventionCampaign", summary="Open a campaign", status_code=201)
async def post_campaign(
    *, caller: ActivityWriter, work: WorkDep, words: WordsDep, body: CampaignIn, response: Response
) -> CampaignOut:
    """Screening, vaccination, oral health, defibrillator..."""
    view = await open_campaign(work, caller, words, CampaignPlan(**body.model_dump()))
    response.headers["Location"] = f"/v1/prevention-campaigns/{view.row['id']}"
    return campaign_out(view)


@router.get("/prevention-campaigns", operation_id="listPreventionCampaigns", summary="Campaigns of the territory")
async def get_campaigns(
    *, caller: ActivityReader, work: WorkDep, page: PageDep, kind: CodeQuery = None
) -> Page[CampaignOut]:
    """The newest first, each with its totals."""
    found = await list_campaigns(work, kind=kind, after=page.first_key(BY_ID), limit=page.limit)
    kept, following = page_of(found, page, key=lambda view: [view.row["id"]])
    return Page(items=[campaign_out(view) for view in kept], next=following)


@router.get(
    "/prevention-campaigns/{campaign_id}",
    operation_id="getPreventionCampaign",
    summary="A campaign",
    responses=problem_responses(404),
)
async def get_campaign(*, caller: ActivityReader, work: WorkDep, campaign_id: CampaignPath) -> CampaignOut:
    """With its totals and participation."""
    return campaign_out(await show_campaign(work, campaign_id))


@router.post(
    "/prevention-campaigns/{campaign_id}/counts",
    operation_id="countPreventionCampaign",
    summary="How many were invited, or took part",
    responses=problem_responses(404, 409),
)
async def post_count(
    *, caller: ActivityWriter, work: WorkDep, words: WordsDep, campaign_id: CampaignPath, body: CountIn
) -> CampaignOut:
    """Adds to the totals. 409 `campaign_closed`, `counted_elsewhere` (vaccinations: imports of the directory)."""
    return campaign_out(await count_people(work, caller, words, campaign_id, Counted(**body.model_dump())))


@router.get(
    "/prevention-campaigns/{campaign_id}/counts",
    operation_id="listPreventionCounts",
    summary="Entries of a campaign",
    responses=problem_responses(404),
)
async def get_counts(
    *, caller: ActivityReader, work: WorkDep, page: PageDep, campaign_id: CampaignPath
) -> Page[CountOut]:
    """The newest first, withdrawn ones too."""
    found = await list_counts(work, campaign_id, after=page.first_key(BY_ID), limit=page.limit)
    kept, following = page_of(found, page, key=lambda row: [row["id"]])
    return Page(items=[filled(CountOut, row) for row in kept], next=following)


@router.post(
    "/prevention-campaigns/{campaign_id}/counts/{count_id}/withdraw",
    operation_id="withdrawPreventionCount",
    summary="Take an entry back",
    responses=problem_responses(404, 409),
)
async def post_withdraw(
    *, caller: ActivityWriter, work: WorkDep, campaign_id: CampaignPath, count_id: UUID
) -> CampaignOut:
    """It counts no more; a repeat changes nothing. 409 `campaign_closed`."""
    return campaign_out(await withdraw_count(work, caller, campaign_id, count_id))


@router.post(
    "/prevention-campaigns/{campaign_id}/close",
    operation_id="closePreventionCampaign",
    summary="Close a campaign",
    responses=problem_responses(404, 409),
)
async def post_close(*, caller: ActivityWriter, work: WorkDep, campaign_id: CampaignPath) -> CampaignOut:
    """Nothing is counted any more. 409 `campaign_closed`."""
    return campaign_out(await close_campaign(work, caller, campaign_id))
