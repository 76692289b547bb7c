"""Routes of an effector's whole offer: pause and resume."""

from kit.http import WorkDep, service_router
from kit.pagination import Page, PageDep, page_of
from kit.problems import problem_responses
from snp_dispatch.api.answers import pause_out
from snp_dispatch.api.params import ID, Number, RppsQuery, SlotReader, SlotWriter
from snp_dispatch.api.schemas_slots import PauseIn, PauseOut
from snp_dispatch.usecases.pause_offer import list_pauses, pause_offer, resume_offer

router = service_router(tags=["effectors"])


@router.post(
    "/effectors/{number}/pause",
    status_code=201,
    operation_id="pauseOffer",
    summary="Take all slots of an effector off the offer",
    responses=problem_responses(404),
)
async def post_pause(*, caller: SlotWriter, work: WorkDep, number: Number, body: PauseIn) -> PauseOut:
    """At once, on the caller's territory, until `until` or until resumed; what is held or booked stays.

    The slots are not rewritten: they come back as they were. Pausing again changes the end and the reason.
    404 `effector_unknown`, 422 `pause_over`.
    """
    return pause_out(await pause_offer(work, caller, number, body.until, body.reason))


@router.post(
    "/effectors/{number}/resume",
    operation_id="resumeOffer",
    summary="Bring the slots of an effector back",
    responses=problem_responses(404, 409),
)
async def post_resume(*, caller: SlotWriter, work: WorkDep, number: Number) -> PauseOut:
    """409 `not_paused` when there is no pause in force."""
    return pause_out(await resume_offer(work, caller, number))


@router.get("/pauses", operation_id="listPauses", summary="Pauses in force")
async def get_pauses(*, caller: SlotReader, work: WorkDep, page: PageDep, rpps: RppsQuery = None) -> Page[PauseOut]:
    """In the order in which they began."""
    last = page.key(ID)
    rows = await list_pauses(work, effector_id=rpps, after=last and last[0], limit=page.limit + 1)
    kept, following = page_of(rows, page, key=lambda row: [str(row["id"])])
    return Page(items=[pause_out(row) for row in kept], next=following)
