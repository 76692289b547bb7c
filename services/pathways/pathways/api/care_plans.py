"""Routes on personal care plans (*plan personnalisé de soins*, PPS)."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Path, Response
from pydantic import TypeAdapter

from kit.answers import filled
from kit.auth import Caller
from kit.file_answers import PDF_ANSWER, pdf_answer
from kit.http import RuntimeDep, WorkDep, require, service_router
from kit.link_pages import HTML, LinkPages
from kit.pagination import Page, PageDep, page_of
from kit.pdf import Block, Grid, Heading
from kit.problems import problem_responses
from kit.runtime import Runtime
from pathways.api.params import AccessDep, EnrolmentPath, Reader, Writer, seal_of
from pathways.api.schemas_care_plans import (
    CarePlanDetailOut,
    CarePlanIn,
    CarePlanOut,
    ListedCarePlanOut,
    RecipientOut,
    WithdrawIn,
)
from pathways.usecases.care_plan_paper import TITLE
from pathways.usecases.publish_care_plan import publish_care_plan
from pathways.usecases.show_care_plan import (
    acknowledge_care_plan,
    as_pdf,
    list_care_plans,
    print_care_plan,
    show_care_plan,
    withdraw_care_plan,
)

router = service_router(tags=["care plans"])

PlanPath = Annotated[UUID, Path(description="Id of the version of a plan")]
PaperReader = Annotated[Caller, require("pathways:read", "patients:identity")]
"""A plan on paper says whose it is, so that it is not taken for another's."""
_BY_NUMBER = TypeAdapter(tuple[int])
_HTML: dict[int | str, dict[str, Any]] = {200: {"description": "The page", "content": HTML}}
_PAGES = LinkPages("pathways.api")


@router.post(
    "/enrolments/{enrolment_id}/care-plans",
    operation_id="publishCarePlan",
    summary="Publish a version of the personal care plan (PPS)",
    status_code=201,
    responses=problem_responses(404, 409, 410),
)
async def post_plan(
    *,
    caller: Writer,
    access: AccessDep,
    work: WorkDep,
    runtime: RuntimeDep,
    enrolment_id: EnrolmentPath,
    body: CarePlanIn,
    response: Response,
) -> CarePlanOut:
    """Made from what stands now: steps, care team, texts of the pathway, and what the author adds. Never changed.

    409 `enrolment_left`; 422 `member_unknown` for somebody who is not of the care team.
    """
    row = await publish_care_plan(work, access, seal_of(runtime, caller), enrolment_id, body.asked())
    response.headers["Location"] = f"/v1/care-plans/{row['id']}"
    return filled(CarePlanOut, row)


@router.get(
    "/enrolments/{enrolment_id}/care-plans",
    operation_id="listCarePlans",
    summary="Versions of the personal care plan",
    responses=problem_responses(404, 410),
)
async def get_plans(
    *, caller: Reader, access: AccessDep, work: WorkDep, enrolment_id: EnrolmentPath, page: PageDep
) -> Page[ListedCarePlanOut]:
    """The newest first, withdrawn ones too."""
    found = await list_care_plans(work, access, enrolment_id, page.first_key(_BY_NUMBER), page.limit)
    kept, following = page_of(found, page, key=lambda row: [row["number"]])
    return Page(items=[filled(ListedCarePlanOut, row) for row in kept], next=following)


@router.get(
    "/care-plans/{plan_id}",
    operation_id="getCarePlan",
    summary="A version of a personal care plan",
    responses=problem_responses(404, 410),
)
async def get_plan(
    *, caller: Reader, access: AccessDep, work: WorkDep, runtime: RuntimeDep, plan_id: PlanPath
) -> CarePlanDetailOut:
    """What it says, without identity of the patient; what changed; who has read it. 410 `plan_withdrawn`."""
    view = await show_care_plan(work, access, seal_of(runtime, caller), plan_id)
    readers = [filled(RecipientOut, it) for it in view.recipients]
    return filled(CarePlanDetailOut, view.row, content=view.content, changed=list(view.changed), recipients=readers)


@router.get(
    "/care-plans/{plan_id}/page",
    operation_id="showCarePlanPage",
    summary="A personal care plan as a page",
    response_class=Response,
    responses={**_HTML, **problem_responses(404, 410)},
)
async def get_page(
    *, caller: PaperReader, access: AccessDep, work: WorkDep, runtime: RuntimeDep, plan_id: PlanPath
) -> Response:
    """In French, with the name of the patient: recorded as an access to identity. 410 `plan_withdrawn`."""
    _, blocks = await print_care_plan(work, access, seal_of(runtime, caller), plan_id)
    return _PAGES.page("paper.html.j2", 200, title=TITLE, blocks=[shown(it) for it in blocks])


@router.get(
    "/care-plans/{plan_id}/plan.pdf",
    operation_id="printCarePlan",
    summary="A personal care plan on paper",
    response_class=Response,
    responses={**PDF_ANSWER, **problem_responses(404, 410)},
)
async def get_pdf(
    *, caller: PaperReader, access: AccessDep, work: WorkDep, runtime: RuntimeDep, plan_id: PlanPath
) -> Response:
    """As the page, on A4. 410 `plan_withdrawn`."""
    _, blocks = await print_care_plan(work, access, seal_of(runtime, caller), plan_id)
    return pdf_answer(await as_pdf(blocks, _territory(runtime, caller)), "pps.pdf")


@router.post(
    "/care-plans/{plan_id}/withdraw",
    operation_id="withdrawCarePlan",
    summary="Withdraw a version",
    responses=problem_responses(404, 409, 410),
)
async def post_withdraw(
    *, caller: Writer, access: AccessDep, work: WorkDep, plan_id: PlanPath, body: WithdrawIn
) -> CarePlanOut:
    """It answers 410 from the next request on, and stays in the list. 409 `plan_withdrawn`."""
    return filled(CarePlanOut, await withdraw_care_plan(work, access, plan_id, body.reason))


@router.post(
    "/care-plans/{plan_id}/acknowledge",
    operation_id="acknowledgeCarePlan",
    summary="Say that one has read a version addressed to oneself",
    responses=problem_responses(404, 410),
)
async def post_acknowledge(*, caller: Reader, access: AccessDep, work: WorkDep, plan_id: PlanPath) -> RecipientOut:
    """A repeat changes nothing. 403 `not_recipient`, 410 `plan_withdrawn`."""
    return filled(RecipientOut, await acknowledge_care_plan(work, access, plan_id))


def shown(block: Block) -> dict[str, Any]:
    """A part for the page, which asks for its kind."""
    kind = "heading" if isinstance(block, Heading) else "grid" if isinstance(block, Grid) else "text"
    return {"kind": kind, **vars(block)}


def _territory(runtime: Runtime, caller: Caller) -> str:
    names: dict[str, str] = runtime.extras["territory_names"]
    return names[caller.territory]
