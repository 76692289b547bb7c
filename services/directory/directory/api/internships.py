"""Routes of internships (*stages*): offers of professionals, and the trainees whom they hosted."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, Field, StrictBool, TypeAdapter

from directory.api.fields import Body, Code, Rpps
from directory.api.params import CodeQuery, Reader, ReferenceDep, TraineeHost
from directory.domain.identifiers import COMMUNE_PATTERN
from directory.usecases.host_trainees import (
    Hosting,
    OfferWanted,
    change_trainee,
    close_offer,
    host_trainee,
    offer_internship,
)
from directory.usecases.list_attractiveness import list_offers, list_trainees
from kit.answers import filled
from kit.as_of import AsOfDep
from kit.http import IfMatch, WorkDep, service_router
from kit.pagination import Page, PageDep, page_of
from kit.problems import problem_responses
from kit.work import Record

router = service_router(tags=["attractiveness"])

OnQuery = Annotated[date | None, Query(description="Under way on this day")]
_KEY = TypeAdapter(tuple[date, UUID])


class OfferIn(Body):
    host: Rpps
    profession: Code = Field(description="That the trainee learns, code of TRE_G15", examples=["10"])
    level: Code = Field(description="Code of deploy/reference/attractiveness.yaml", examples=["third_cycle"])
    commune: str = Field(pattern=COMMUNE_PATTERN, examples=["35236"])
    starts_on: date
    ends_on: date
    places: int = Field(ge=1, le=50)
    housing: Code = Field(default="none", examples=["offered"])
    note: str | None = Field(default=None, min_length=1, max_length=1000, pattern=r"^[^\x00]*$")


class OfferOut(BaseModel):
    """A place to train at."""

    id: UUID
    host: str
    profession: str
    level: str
    commune: str
    starts_on: date
    ends_on: date
    places: int
    housing: str
    note: str | None
    state: str = Field(description="open or closed")
    version: int


class TraineeIn(Body):
    """A stay. Who the trainee is, is not kept here."""

    offer_id: UUID | None = None
    hosts: list[Rpps] = Field(min_length=1, max_length=10)
    profession: Code = Field(examples=["10"])
    level: Code = Field(examples=["third_cycle"])
    starts_on: date
    ends_on: date


class TraineeChange(Body):
    ends_on: date | None = Field(default=None, description="Null leaves it as it is")
    cancelled: StrictBool | None = Field(default=None, description="The stay did not take place")


class TraineeOut(BaseModel):
    """A stay. I-50 counts them, I-52 their distinct hosts."""

    id: UUID
    offer_id: UUID | None
    hosts: list[str]
    profession: str
    level: str
    starts_on: date
    ends_on: date
    cancelled: bool
    version: int


@router.post(
    "/internship-offers",
    status_code=201,
    operation_id="offerInternship",
    summary="Offer to host trainees",
    responses=problem_responses(404),
)
async def post_offer(*, caller: TraineeHost, work: WorkDep, reference: ReferenceDep, body: OfferIn) -> OfferOut:
    """A practitioner for themself, a coordinator for anyone: else 403 `not_own_entry`."""
    return _offer(await offer_internship(work, reference, caller, OfferWanted(**body.model_dump())))


@router.get("/internship-offers", operation_id="listInternshipOffers", summary="Internship offers")
async def get_offers(
    *,
    caller: Reader,
    work: WorkDep,
    page: PageDep,
    profession: CodeQuery = None,
    level: CodeQuery = None,
    housing: CodeQuery = None,
    state: CodeQuery = "open",
    on: OnQuery = None,
) -> Page[OfferOut]:
    """The latest start first; the open ones unless another `state` is asked for."""
    wanted = {"profession": profession, "level": level, "housing": housing, "state": state}
    rows = await list_offers(work, wanted=wanted, on=on, after=page.key(_KEY), limit=page.limit + 1)
    kept, following = page_of(rows, page, key=_start)
    return Page(items=[_offer(row) for row in kept], next=following)


@router.post(
    "/internship-offers/{offer_id}/close",
    operation_id="closeInternshipOffer",
    summary="Take an offer back",
    responses=problem_responses(404),
)
async def post_close(*, caller: TraineeHost, work: WorkDep, offer_id: UUID) -> OfferOut:
    """Full, or not offered any more. A repeat changes nothing. 404 `offer_unknown`, 403 `not_own_entry`."""
    return _offer(await close_offer(work, caller, offer_id))


@router.post(
    "/trainees",
    status_code=201,
    operation_id="hostTrainee",
    summary="Register a hosted trainee",
    responses=problem_responses(404),
)
async def post_trainee(*, caller: TraineeHost, work: WorkDep, reference: ReferenceDep, body: TraineeIn) -> TraineeOut:
    """By one of the hosts or a coordinator: else 403 `not_own_entry`. 404 `professional_unknown`, `offer_unknown`."""
    hosting = Hosting(**body.model_dump(exclude={"hosts"}), hosts=tuple(dict.fromkeys(body.hosts)))
    return _trainee(await host_trainee(work, reference, caller, hosting))


@router.get("/trainees", operation_id="listTrainees", summary="Hosted trainees")
async def get_trainees(
    *, caller: Reader, work: WorkDep, page: PageDep, until: AsOfDep, on: OnQuery = None
) -> Page[TraineeOut]:
    """The latest start first; as it was known `at` a day when given."""
    rows = await list_trainees(work, on=on, until=until, after=page.key(_KEY), limit=page.limit + 1)
    kept, following = page_of(rows, page, key=_start)
    return Page(items=[_trainee(row) for row in kept], next=following)


@router.patch(
    "/trainees/{trainee_id}",
    operation_id="changeTrainee",
    summary="Correct or cancel a stay",
    responses=problem_responses(404, 412),
)
async def patch_trainee(
    *, caller: TraineeHost, work: WorkDep, trainee_id: UUID, body: TraineeChange, if_match: IfMatch = None
) -> TraineeOut:
    """404 `trainee_unknown`, 403 `not_own_entry`, 422 `period_empty`.

    `If-Match`: the `version` that was read, in quotes.
    """
    row = await change_trainee(
        work, caller, trainee_id, ends_on=body.ends_on, cancelled=body.cancelled, if_match=if_match
    )
    return _trainee(row)


def _offer(row: Record) -> OfferOut:
    return filled(OfferOut, row)


def _trainee(row: Record) -> TraineeOut:
    return filled(TraineeOut, row)


def _start(row: Record) -> list[str]:
    return [row["starts_on"].isoformat(), str(row["id"])]
