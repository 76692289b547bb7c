"""Indicators of crises (I-58 to I-60, I-62, I-63) move with what the directory tells."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from telling import GP, NURSE, OTHER_GP, Stage, event_of

from contracts.directory import (
    AgeBandCount,
    CrisisCommunicationSent,
    CrisisPlanAdopted,
    ShiftLeft,
    ShiftPresenceNoted,
    ShiftTaken,
    VaccinationReported,
    WorkforceCounted,
)
from indicators.domain.periods import parse_period
from indicators.store import evidence

AT = datetime(2026, 11, 2, 8, tzinfo=UTC)
ROSTER = UUID("019ab000-0000-7000-8000-000000000001")


def counted(*people: str, at: datetime = AT) -> Any:
    return event_of(WorkforceCounted(count_id=uuid4(), day=at.date(), self_employed=people), 1, time=at)


def taken(sign_up: UUID, rpps: str, version: int = 1, *, kind: str = "vaccination", days: int = 0) -> Any:
    shift = {"sign_up_id": sign_up, "shift_id": uuid4(), "roster_id": ROSTER, "roster_kind": kind}
    payload = ShiftTaken(**shift, rpps=rpps, profession="10", starts_at=AT + timedelta(days=days))
    return event_of(payload, version, time=AT)


def left(sign_up: UUID, rpps: str) -> Any:
    return event_of(ShiftLeft(sign_up_id=sign_up, shift_id=uuid4(), rpps=rpps), 2, time=AT)


def came(sign_up: UUID, rpps: str, version: int = 2, *, present: bool = True) -> Any:
    shift = {"sign_up_id": sign_up, "shift_id": uuid4(), "roster_id": ROSTER, "roster_kind": "vaccination"}
    return event_of(ShiftPresenceNoted(**shift, rpps=rpps, profession="10", present=present), version, time=AT)


def adopted(plan: UUID, number: int = 1, *, type_: str = "amavi", orsan: bool = True, at: datetime = AT) -> Any:
    days = {"adopted_on": at.date(), "review_on": date(2027, 11, 2)}
    return event_of(CrisisPlanAdopted(plan_id=plan, type=type_, orsan=orsan, number=number, **days), number, time=at)


def sent(professionals: int) -> Any:
    payload = CrisisCommunicationSent(
        communication_id=uuid4(),
        plan_type="amavi",
        activation_id=None,
        recipient_count=professionals + 1,
        professional_count=professionals,
        to_professionals=professionals > 0,
    )
    return event_of(payload, 1, time=AT)


def reported(version: int, *bands: tuple[str, int, int | None], campaign: str = "flu", at: datetime = AT) -> Any:
    counts = tuple(
        AgeBandCount(age_band=band, vaccinated=done, masked_cells=0, population=people) for band, done, people in bands
    )
    return event_of(VaccinationReported(campaign=campaign, import_id=uuid4(), age_bands=counts), version, time=at)


async def test_self_employed_on_the_roster_and_on_duty(stage: Stage) -> None:
    one, two, other = uuid4(), uuid4(), uuid4()
    await stage.handle(counted(GP, OTHER_GP), taken(one, GP), taken(two, OTHER_GP), taken(other, NURSE))
    assert (await stage.value("I-59"), await stage.value("I-58")) == (100, 0)
    await stage.handle(left(two, OTHER_GP), came(one, GP), came(other, NURSE))
    assert (await stage.value("I-59"), await stage.value("I-58")) == (50, 50)
    await stage.handle(came(one, GP, 3, present=False))
    assert (await stage.value("I-59"), await stage.value("I-58")) == (50, 0)


async def test_other_rosters_and_other_periods_are_not_the_vaccination_centre(stage: Stage) -> None:
    await stage.handle(counted(GP, OTHER_GP), taken(uuid4(), GP, kind="exercise"), taken(uuid4(), OTHER_GP, days=90))
    assert (await stage.value("I-59"), await stage.value("I-59", "2027-Q1")) == (0, 50)


async def test_without_a_count_of_the_self_employed_there_is_no_rate(stage: Stage) -> None:
    await stage.handle(taken(uuid4(), GP))
    figure = await stage.figure("I-59")
    assert (figure.status, figure.reason) == ("undefined", "denominator_zero")


async def test_adopted_orsan_plans_by_type_once_each(stage: Stage) -> None:
    plan = uuid4()
    await stage.handle(adopted(plan), adopted(plan, 2), adopted(uuid4(), type_="nrc"), adopted(uuid4(), type_="nrc"))
    await stage.handle(adopted(uuid4(), type_="cpts", orsan=False))
    await stage.handle(adopted(uuid4(), at=datetime(2025, 3, 1, tzinfo=UTC)))
    figure = await stage.figure("I-62", "2026")
    assert (figure.value, figure.tally.breakdown) == (3, {"type": {"amavi": 1, "nrc": 2}})


async def test_communications_to_professionals(stage: Stage) -> None:
    await stage.handle(sent(12), sent(1), sent(0))
    assert await stage.value("I-63", "2026") == 2


async def test_people_vaccinated_of_the_population_as_last_reported(stage: Stage) -> None:
    await stage.handle(reported(1, ("75+", 100, 1000)), reported(2, ("75+", 500, 1000), ("18-24", 50, 1000)))
    figure = await stage.figure("I-60")
    assert figure.value == 27.5
    assert figure.tally.breakdown["age_band"] == {"75+": 500, "18-24": 50}
    await stage.handle(reported(3, ("75+", 500, 1000), ("18-24", 50, None)))
    assert await stage.value("I-60") == 50, "a band whose population is not known counts on neither side"


async def test_every_counted_thing_has_its_proof(stage: Stage) -> None:
    events = [counted(GP), taken(uuid4(), GP), adopted(uuid4()), sent(1), reported(1, ("75+", 5, 10))]
    await stage.handle(*events)
    proofs = set()
    async with stage.db.work("pays-de-redon") as work:
        for name in ("I-59", "I-60", "I-62", "I-63"):
            indicator = stage.catalogue.find(name)
            for part in (indicator.numerator, indicator.denominator):
                if part is not None:
                    period = parse_period("2026-Q4", stage.catalogue.zone)
                    for unit in await evidence.units(work, part, period, None, 9):
                        proofs |= {proof.event_id for proof in unit.newest}
    assert proofs == {event.id for event in events}
