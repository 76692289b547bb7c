"""Filters of the lists of calls and bookings, as query parameters."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query
from pydantic import AwareDatetime

from kit.auth import Caller
from snp_dispatch.api.params import CallReader, PeriodDep, RppsQuery
from snp_dispatch.domain.catalogue import Origin
from snp_dispatch.domain.states import BookingState, CallState
from snp_dispatch.store.lists import BookingFilter, CallFilter, Order

Commune = Annotated[str | None, Query(pattern=r"^(\d{5}|2[AB]\d{3})$", description="INSEE code", examples=["35236"])]
Organisation = Annotated[
    str | None, Query(min_length=1, max_length=200, description="`caller.organisation` of the call", examples=["CHIRC"])
]
FromOrigin = Annotated[Origin | None, Query(description="Origin of the call")]
Code = Annotated[str | None, Query(min_length=1, max_length=60)]


async def call_filter(
    caller: CallReader,
    period: PeriodDep,
    *,
    state: Annotated[
        list[CallState] | None, Query(max_length=10, description="As it stands now; may be repeated")
    ] = None,
    waiting: Annotated[bool, Query(description="Only calls that still need a slot: open or waiting, in time")] = False,
    origin: FromOrigin = None,
    organisation: Organisation = None,
    commune: Commune = None,
    profession: Code = None,
    specialty: Code = None,
    deadline_before: Annotated[AwareDatetime | None, Query(description="With offset; excluded")] = None,
    mine: Annotated[bool, Query(description="Only calls that this client made")] = False,
    order: Annotated[Order, Query(description="`received`: the latest first. `deadline`: most urgent first")] = (
        "received"
    ),
) -> CallFilter:
    return CallFilter(
        since=period.since,
        until=period.until,
        deadline_before=deadline_before,
        states=[str(it) for it in state] if state else None,
        waiting=waiting,
        origin=origin,
        organisation=organisation,
        commune=commune,
        profession=profession,
        specialty=specialty,
        client=_own(caller, mine),
        order=order,
    )


async def booking_filter(
    *,
    period: PeriodDep,
    rpps: RppsQuery = None,
    state: Annotated[list[BookingState] | None, Query(max_length=10, description="May be repeated")] = None,
    call_id: Annotated[UUID | None, Query(description="All visits of one call, the cancelled ones too")] = None,
    commune: Commune = None,
    origin: FromOrigin = None,
    organisation: Organisation = None,
) -> BookingFilter:
    return BookingFilter(
        since=period.since,
        until=period.until,
        effector_id=rpps,
        states=[str(it) for it in state] if state else None,
        call_id=call_id,
        commune=commune,
        origin=origin,
        organisation=organisation,
    )


def _own(caller: Caller, mine: bool) -> str | None:
    return caller.subject if mine else None


CallFilterDep = Annotated[CallFilter, Depends(call_filter)]
BookingFilterDep = Annotated[BookingFilter, Depends(booking_filter)]
