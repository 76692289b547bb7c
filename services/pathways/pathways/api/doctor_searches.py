"""Routes on searches of a *médecin traitant* and on proposals to doctors."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Path, Query
from pydantic import AwareDatetime, BaseModel, Field, TypeAdapter

from kit.answers import filled
from kit.as_of import AsOfDep
from kit.auth import Caller
from kit.http import RuntimeDep, WorkDep, require, service_router
from kit.pagination import Page, PageDep, page_of
from kit.problems import problem_responses
from pathways.api.fields import RPPS_PATTERN, Body, Code, Rpps
from pathways.api.params import BY_ID, AccessDep, seal_of
from pathways.domain.doctor_search import Reason
from pathways.usecases.answer_proposal import (
    ProposalState,
    RefusalReason,
    accept_proposal,
    list_proposals,
    refuse_proposal,
)
from pathways.usecases.propose_doctor import Matching, list_candidates, propose_doctor
from pathways.usecases.seek_doctor import (
    Outcome,
    SearchState,
    SearchView,
    close_search,
    count_searches,
    list_searches,
    open_search,
    show_search,
)

router = service_router(tags=["médecin traitant"])
Seeker = Annotated[Caller, require("searches:write")]
Placer = Annotated[Caller, require("searches:manage")]
Answerer = Annotated[Caller, require("searches:answer")]
SearchPath = Annotated[UUID, Path(description="Id of the search")]
ProposalPath = Annotated[UUID, Path(description="Id of the proposal")]
BY_PRIORITY: TypeAdapter[tuple[int, datetime, UUID]] = TypeAdapter(
    tuple[Annotated[int, Field(ge=1, le=3)], AwareDatetime, UUID]
)


async def _matching(runtime: RuntimeDep) -> Matching:
    found: Matching = runtime.extras["matching"]
    return found


MatchingDep = Annotated[Matching, Depends(_matching)]


class SearchIn(Body):
    """For whom a doctor is looked for, and which criteria of `doctor-search.yaml` hold that the age does not say."""

    patient_id: UUID
    criteria: list[Code] = Field(default_factory=list, max_length=20, examples=[["ald"]])


class ProposalOut(BaseModel):
    """A search put to a doctor, who answers until `answer_by`."""

    id: UUID
    rpps: str
    km: float
    state: ProposalState
    proposed_at: AwareDatetime
    answer_by: AwareDatetime
    answered_at: AwareDatetime | None
    reason: str | None


class SearchOut(BaseModel):
    """A search; `priority` 1 comes first, for the reasons in `criteria`; `days` since it was opened, or it took."""

    id: UUID
    patient_id: UUID
    commune: str
    age_band: str
    criteria: list[str]
    priority: int
    rules_version: str
    state: SearchState
    opened_at: AwareDatetime
    closed_at: AwareDatetime | None
    outcome: str | None
    doctor: str | None
    days: int
    version: int


class SearchDetailOut(SearchOut):
    """A search with every proposal, the oldest first."""

    proposals: list[ProposalOut]


class CandidateOut(BaseModel):
    """A doctor, how far, how many places, and why they can be asked (`fits`) or cannot."""

    rpps: str
    km: float | None
    places: int
    fits: bool
    reasons: list[Reason]


class CandidatesOut(BaseModel):
    """Those who can be asked first, the nearest before the others."""

    items: list[CandidateOut]


class ProposeIn(Body):
    """To whom; the first who can be asked unless given."""

    rpps: Rpps | None = None


class RefuseIn(Body):
    """Why the doctor does not take the patient."""

    reason: RefusalReason


class CloseIn(Body):
    """How the search ended, otherwise than by a doctor who accepts."""

    outcome: Outcome


class OwnProposalOut(ProposalOut):
    """What a doctor sees: age band, commune, whether ALD; who it is once they have accepted."""

    age_band: str
    commune: str
    ald: bool
    priority: int
    patient_id: UUID | None


class SearchFiguresOut(BaseModel):
    """Of searches of one priority that were opened in the period. `median_days`: until a doctor accepted."""

    priority: int
    waiting: int
    oldest_days: int
    placed: int
    closed_otherwise: int
    median_days: float | None


class SearchFiguresListOut(BaseModel):
    """By priority."""

    items: list[SearchFiguresOut]


@router.post(
    "/doctor-searches",
    operation_id="openDoctorSearch",
    summary="Look for a médecin traitant",
    status_code=201,
    responses=problem_responses(404, 409, 410),
)
async def post_search(
    *, caller: Seeker, access: AccessDep, work: WorkDep, runtime: RuntimeDep, matching: MatchingDep, body: SearchIn
) -> SearchDetailOut:
    """By who cares for the patient or coordinates. 409 `search_open` names the one that is; 422 `criterion_unknown`."""
    rules = matching.rules[work.territory]
    found = await open_search(
        work, access, seal_of(runtime, caller), rules, patient_id=body.patient_id, told=body.criteria
    )
    return _detail(found, work.now)


@router.get("/doctor-searches", operation_id="listDoctorSearches", summary="The waiting list")
async def get_searches(
    *,
    caller: Placer,
    work: WorkDep,
    page: PageDep,
    until: AsOfDep,
    state: Annotated[SearchState | None, Query(description="All that are not closed unless given")] = None,
    priority: Annotated[int | None, Query(ge=1, le=3)] = None,
) -> Page[SearchOut]:
    """By priority, then the oldest first; `?at=` as it stood."""
    after = page.key(BY_PRIORITY)
    found = await list_searches(work, state=state, priority=priority, until=until, after=after, limit=page.limit)
    kept, following = page_of(found, page, key=lambda row: [row["priority"], row["opened_at"], row["id"]])
    return Page(items=[_search(row, until or work.now) for row in kept], next=following)


@router.get("/doctor-searches/figures", operation_id="countDoctorSearches", summary="Searches, outcomes and delays")
async def get_figures(
    *, caller: Placer, work: WorkDep, first: Annotated[date, Query()], last: Annotated[date, Query()]
) -> SearchFiguresListOut:
    """Of those opened from the first to the last day. 422 `period_refused`."""
    rows = await count_searches(work, first, last)
    return SearchFiguresListOut(items=[filled(SearchFiguresOut, row) for row in rows])


@router.get(
    "/doctor-searches/{search_id}",
    operation_id="showDoctorSearch",
    summary="A search and its proposals",
    responses=problem_responses(404, 410),
)
async def get_search(*, caller: Seeker, access: AccessDep, work: WorkDep, search_id: SearchPath) -> SearchDetailOut:
    """For who cares for the patient or coordinates."""
    return _detail(await show_search(work, access, search_id), work.now)


@router.get(
    "/doctor-searches/{search_id}/doctors",
    operation_id="listCandidateDoctors",
    summary="Doctors who could be asked, and why others cannot",
    responses=problem_responses(404, 410),
)
async def get_doctors(
    *, caller: Placer, access: AccessDep, work: WorkDep, matching: MatchingDep, search_id: SearchPath
) -> CandidatesOut:
    """Every general practitioner who said on this territory whether they accept new patients."""
    found = await list_candidates(work, access, matching, search_id)
    return CandidatesOut(items=[CandidateOut(**vars(it), fits=it.fits) for it in found])


@router.post(
    "/doctor-searches/{search_id}/proposals",
    operation_id="proposeDoctor",
    summary="Put the search to a doctor",
    status_code=201,
    responses=problem_responses(404, 409, 410),
)
async def post_proposal(
    *, caller: Placer, access: AccessDep, work: WorkDep, matching: MatchingDep, search_id: SearchPath, body: ProposeIn
) -> ProposalOut:
    """One at a time (409 `proposal_open`). 409 `search_closed`, `no_doctor`, `doctor_not_fitting` with the reasons."""
    return filled(ProposalOut, await propose_doctor(work, access, matching, search_id, body.rpps))


@router.post(
    "/doctor-searches/{search_id}/close",
    operation_id="closeDoctorSearch",
    summary="The search is over",
    responses=problem_responses(404, 409, 410),
)
async def post_close(
    *, caller: Seeker, access: AccessDep, work: WorkDep, search_id: SearchPath, body: CloseIn
) -> SearchDetailOut:
    """An open proposal is withdrawn. 409 `search_closed`."""
    return _detail(await close_search(work, access, search_id, body.outcome), work.now)


@router.get("/doctor-proposals", operation_id="listDoctorProposals", summary="Proposals to me, or to any doctor")
async def get_proposals(
    *,
    caller: Answerer,
    access: AccessDep,
    work: WorkDep,
    page: PageDep,
    state: Annotated[ProposalState | None, Query()] = None,
    rpps: Annotated[str | None, Query(pattern=RPPS_PATTERN, description="For a coordinator")] = None,
) -> Page[OwnProposalOut]:
    """The newest first; none for who is neither a doctor nor a coordinator."""
    last = page.key(BY_ID)
    after = last[0] if last else None
    rows = await list_proposals(work, access, rpps=rpps, state=state, after=after, limit=page.limit)
    kept, following = page_of(rows, page, key=lambda row: [row["id"]])
    return Page(items=[_own(row) for row in kept], next=following)


@router.post(
    "/doctor-proposals/{proposal_id}/accept",
    operation_id="acceptDoctorProposal",
    summary="Take the patient",
    responses=problem_responses(404, 409, 410),
)
async def post_accept(
    *, caller: Answerer, access: AccessDep, work: WorkDep, proposal_id: ProposalPath
) -> OwnProposalOut:
    """The doctor joins the care team and sees who it is.

    403 `not_your_proposal`, 409 `proposal_over` or `patient_restricted`.
    """
    return _own(await accept_proposal(work, access, proposal_id))


@router.post(
    "/doctor-proposals/{proposal_id}/refuse",
    operation_id="refuseDoctorProposal",
    summary="Do not take the patient",
    responses=problem_responses(404, 409),
)
async def post_refuse(
    *,
    caller: Answerer,
    access: AccessDep,
    work: WorkDep,
    matching: MatchingDep,
    proposal_id: ProposalPath,
    body: RefuseIn,
) -> OwnProposalOut:
    """The next doctor is asked at once. 403 `not_your_proposal`, 409 `proposal_over`."""
    return _own(await refuse_proposal(work, access, matching, proposal_id, body.reason))


def _search(row: Mapping[str, Any], now: datetime) -> SearchOut:
    return filled(SearchOut, row, days=((row["closed_at"] or now) - row["opened_at"]).days)


def _detail(view: SearchView, now: datetime) -> SearchDetailOut:
    proposals = [filled(ProposalOut, row) for row in view.proposals]
    return SearchDetailOut(**vars(_search(view.row, now)), proposals=proposals)


def _own(row: Mapping[str, Any]) -> OwnProposalOut:
    patient_id = row["patient_id"] if row["state"] == "accepted" else None
    return filled(OwnProposalOut, row, ald="ald" in row["criteria"], patient_id=patient_id)
