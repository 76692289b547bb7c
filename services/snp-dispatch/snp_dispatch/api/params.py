"""Callers, rules and parameters that several routes share."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Path, Query, Request
from pydantic import AwareDatetime, TypeAdapter

from kit.auth import Caller
from kit.http import require, runtime_of
from snp_dispatch.store.rules import Rules
from snp_dispatch.usecases.read_calls import Period

SlotReader = Annotated[Caller, require("slots:read")]
SlotWriter = Annotated[Caller, require("slots:write")]
CallReader = Annotated[Caller, require("calls:read")]
CallWriter = Annotated[Caller, require("calls:write")]
ContactReader = Annotated[Caller, require("calls:contact")]
BookingWriter = Annotated[Caller, require("bookings:write")]
AssignmentWriter = Annotated[Caller, require("assignments:write")]
PolicyWriter = Annotated[Caller, require("policies:write")]
GrantWriter = Annotated[Caller, require("grants:write")]
CompensationReader = Annotated[Caller, require("compensation:read")]
OutcomeWriter = Annotated[Caller, require("bookings:outcome")]
Overbooker = Annotated[Caller, require("bookings:overbook")]

From = Annotated[AwareDatetime | None, Query(alias="from", description="First instant, with offset; included")]
To = Annotated[AwareDatetime | None, Query(description="Last instant, with offset; excluded")]
RppsQuery = Annotated[
    str | None, Query(pattern=r"^\d{11}$", description="Only of this practitioner", examples=["99000000093"])
]
Number = Annotated[
    str,
    Path(
        pattern=r"^(\d{11}|[0-9A-Z]{9})$",
        description="RPPS of a professional or FINESS of a structure",
        examples=["99000000093"],
    ),
]


async def period(since: From = None, to: To = None) -> Period:
    return Period(since, to)


PeriodDep = Annotated[Period, Depends(period)]


async def rules(request: Request) -> Rules:
    loaded: Rules = runtime_of(request).extras["rules"]
    return loaded


RulesDep = Annotated[Rules, Depends(rules)]

INSTANT_AND_ID: TypeAdapter[tuple[AwareDatetime, UUID]] = TypeAdapter(tuple[AwareDatetime, UUID])
"""Where a list ordered by time goes on."""
ID: TypeAdapter[tuple[UUID]] = TypeAdapter(tuple[UUID])
"""Where a list ordered by id goes on."""
