"""Steps that need a visit, the timers that ask for it, and what the dispatch then tells."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from enrolling import NOW, TERRITORY, Care, anybody, event_of, step
from pathway_made import template

from contracts.envelope import NATIONAL, Event, Payload
from contracts.pathways import StepVisitWanted, StepVisitWithdrawn
from pathways.usecases.ask_visits import ask_visits
from pathways.usecases.raise_due import raise_due
from pathways.usecases.raise_overdue import raise_overdue
from pathways.usecases.withdraw_visits import withdraw_visits

STEP = "home-visit"
NEED: dict[str, Any] = {"profession": "60", "modes": ["HH"]}


def asking(sensitive: bool = False, **need: Any) -> Any:
    """A pathway whose first step needs a visit within ten days; another step keeps it open."""
    first = {"code": STEP, "to_days": 10, "needs_visit": {**NEED, **need}, "proof": ["visit", "declaration"]}
    last = {"code": "review", "from_days": 200, "to_days": 300}
    return template(first, last, sensitive=sensitive)


async def enrolled(care: Care, number: int = 1, sensitive: bool = False, **need: Any) -> dict[str, Any]:
    """Somebody on it."""
    care.runtime.extras["catalogue"][TERRITORY]["example"] = asking(sensitive, **need)
    patient = await care.made("/v1/patients", anybody(number))
    consent = {"given_on": "2026-11-20", "given_by": "patient", "channel": "oral", "text_version": "1"}
    return await care.enrolment(patient["id"], template="example", consent=consent)


async def tick(care: Care, *, limit: int = 500) -> None:
    """One round of the timers that ask, as the worker runs them: each in its own transaction."""

    async def ask(work: Any, limit: int) -> int:
        return await ask_visits(work, care.runtime.keyring, limit)

    for timer in (raise_due, raise_overdue, withdraw_visits, ask):
        async with care.runtime.system.work(NATIONAL) as work:
            await timer(work, limit)


async def wanted(care: Care) -> list[dict[str, Any]]:
    return await care.told(StepVisitWanted)


async def withdrawn(care: Care) -> list[tuple[str, str]]:
    return [(it["visit_id"], it["reason"]) for it in await care.told(StepVisitWithdrawn)]


async def shown(care: Care, enrolment: dict[str, Any]) -> dict[str, Any]:
    """The step as it stands."""
    return step(await care.get(f"/v1/enrolments/{enrolment['id']}"), STEP)


def booking_event(kind: type[Payload], call: str, ref: str, version: int, **more: Any) -> Event[Any]:
    """What the dispatch tells of a visit that was booked for the call."""
    ids = {"booking_id": UUID(int=7), "call_id": call, "slot_id": uuid4(), "patient_ref": ref}
    at = NOW + timedelta(hours=1, minutes=version)
    return event_of(kind.model_validate({**ids, **more}), version, at=at)
