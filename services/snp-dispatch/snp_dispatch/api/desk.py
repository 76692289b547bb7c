"""Route of the desk: what is waiting, and what is left to give."""

from datetime import datetime

from fastapi import APIRouter
from pydantic import BaseModel, Field

from kit.http import WorkDep, service_router
from kit.problems import problem_responses
from snp_dispatch.api.params import CallReader, RulesDep
from snp_dispatch.store.desk import CAP
from snp_dispatch.usecases.read_desk import read_desk

router: APIRouter = service_router(tags=["desk"])


class FreeOut(BaseModel):
    """Free slots of a profession, counted up to 10,000."""

    profession: str = Field(examples=["10"])
    today: int = Field(le=CAP)
    next_48_h: int = Field(le=CAP)
    more: bool = Field(description="A count was cut at 10,000: show 10,000+")


class DeskOut(BaseModel):
    """The territory now. `today` is the calendar day of the territory's own clock."""

    at: datetime
    waiting: int = Field(description="Calls that no slot fits, in time")
    oldest_waiting_since: datetime | None
    next_deadline: datetime | None = Field(description="Of the calls that wait or have open proposals")
    open: int = Field(description="Calls with proposals of which none is booked yet")
    booked_today: int = Field(description="Visits given today and not cancelled since")
    not_seen_today: int = Field(description="Calls whose time was over today and whose patient was not seen")
    free: list[FreeOut]


@router.get("/desk", operation_id="getDesk", summary="Counters of the desk", responses=problem_responses(409))
async def get_desk(caller: CallReader, work: WorkDep, rules: RulesDep) -> DeskOut:
    """For operators, coordinators and emergency departments; 403 `not_your_desk` to a practitioner.

    Free slots are those of a listed effector who takes part and does not pause, with a seat left, whatever their
    audience.
    409 `no_policy` while the territory has no policy: it takes no calls.
    """
    row = await read_desk(work, rules, caller)
    counts = {name: row[name] for name in DeskOut.model_fields if name in row and name != "free"}
    return DeskOut(at=work.now, **counts, free=[_free(it) for it in row["free"]])


def _free(counted: dict[str, int | str]) -> FreeOut:
    today, soon = int(counted["today"]), int(counted["next_48_h"])
    return FreeOut(
        profession=str(counted["profession"]),
        today=min(today, CAP),
        next_48_h=min(soon, CAP),
        more=max(today, soon) > CAP,
    )
