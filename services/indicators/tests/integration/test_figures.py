"""Figures out of facts: what counts, what does not, and when."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from telling import GP, NURSE, OTHER_GP, SLOT_AT, Stage, Teller

from contracts.slots import SlotEffector


async def test_slots_count_by_audience(stage: Stage, tell: Teller) -> None:
    await stage.handle(
        tell.published(uuid4(), audience=("SNP",)),
        tell.published(uuid4(), audience=("CPTS",)),
        tell.published(uuid4(), audience=("PUBLIC", "SNP")),
        tell.published(uuid4(), audience=("PUBLIC",)),
        tell.published(uuid4(), audience=("PRO",)),
    )
    assert await stage.value("I-08") == 3
    assert await stage.value("I-06") == 1


async def test_a_withdrawn_slot_was_not_made_available(stage: Stage, tell: Teller) -> None:
    kept, gone = uuid4(), uuid4()
    await stage.handle(tell.published(kept), tell.published(gone, rpps=OTHER_GP), tell.withdrawn(gone))
    assert await stage.value("I-08") == 1
    assert await stage.value("I-06") == 1
    assert (await stage.figure("I-10")).tally.denominator == 1


async def test_a_slot_published_again_after_its_withdrawal_counts(stage: Stage, tell: Teller) -> None:
    slot = uuid4()
    await stage.handle(tell.published(slot, 3), tell.withdrawn(slot, 2), tell.published(slot, 1, rpps=OTHER_GP))
    assert await stage.value("I-08") == 1
    assert (await stage.figure("I-06")).tally.breakdown == {"effector_kind": {"professional": 1}}


async def test_professionals_and_gps_are_counted_once_each(stage: Stage, tell: Teller) -> None:
    nurse = {"rpps": NURSE, "profession": "60", "specialties": ("nursing",)}
    structure = {"effector": SlotEffector(finess="350000001"), "profession": None, "specialties": ()}
    await stage.handle(
        *(tell.published(uuid4(), rpps=rpps) for rpps in (GP, GP, OTHER_GP)),
        tell.published(uuid4(), **nurse),
        tell.published(uuid4(), **structure),
    )
    proposing = await stage.figure("I-06")
    assert proposing.value == 4
    assert proposing.tally.breakdown == {"effector_kind": {"professional": 3, "structure": 1}}
    assert await stage.value("I-07") == 2


async def test_a_structure_that_offers_general_practice_is_no_gp(stage: Stage, tell: Teller) -> None:
    await stage.handle(tell.published(uuid4(), effector=SlotEffector(finess="350000001")))
    assert await stage.value("I-07") == 0


async def test_calls_by_origin_without_those_of_the_sas(stage: Stage, tell: Teller) -> None:
    calls = [tell.received(uuid4(), origin) for origin in ("ed", "ed", "single_number", "professional", "sas")]
    refused = uuid4()
    await stage.handle(*calls, tell.received(refused, "single_number"), tell.screened(refused, "redirected"))
    figure = await stage.figure("I-09")
    assert figure.value == 5
    assert figure.tally.breakdown["origin"] == {"single_number": 2, "ed": 2, "professional": 1}
    assert figure.tally.breakdown["outcome"] == {"redirected": 1, "unknown": 4}


async def test_ed_redirections_are_shown_apart(stage: Stage, tell: Teller) -> None:
    slot, redirected, waiting = uuid4(), uuid4(), uuid4()
    await stage.handle(
        tell.published(slot),
        tell.received(redirected),
        tell.received(waiting),
        tell.confirmed(uuid4(), slot, redirected),
    )
    figure = await stage.figure("I-09")
    assert figure.value == 2
    assert figure.tally.apart == {"ed_redirections": 1}


async def test_a_slot_with_an_extra_patient_is_occupied_once(stage: Stage, tell: Teller) -> None:
    """An extra patient (surnuméraire) alone keeps it occupied; every call with a visit counts as one."""
    slot, free = uuid4(), uuid4()
    first, extra, call, other = (uuid4() for _ in range(4))
    await stage.handle(
        tell.published(slot),
        tell.published(free),
        tell.received(call),
        tell.received(other),
        tell.confirmed(first, slot, call),
        tell.confirmed(extra, slot, other, overbooked=True),
    )
    occupancy = (await stage.figure("I-10")).tally
    assert (occupancy.numerator, occupancy.denominator) == (1, 2)
    assert (await stage.figure("I-09")).tally.apart == {"ed_redirections": 2}
    await stage.handle(tell.cancelled(first, slot, call))
    assert (await stage.figure("I-10")).tally.numerator == 1
    await stage.handle(tell.cancelled(extra, slot, other))
    assert (await stage.figure("I-10")).tally.numerator == 0


async def test_occupancy_counts_missed_visits_and_not_cancelled_ones(stage: Stage, tell: Teller) -> None:
    slots = [uuid4() for _ in range(5)]
    visits = [(uuid4(), slot, uuid4()) for slot in slots[:4]]
    await stage.handle(*(tell.published(slot) for slot in slots))
    for booking, slot, call in visits:
        await stage.handle(tell.confirmed(booking, slot, call))
    await stage.handle(tell.missed(*visits[0]), tell.fulfilled(*visits[1]), tell.cancelled(*visits[2]))
    figure = await stage.figure("I-10")
    assert (figure.tally.numerator, figure.tally.denominator, figure.value) == (3, 5, 60.0)


async def test_a_slot_booked_again_after_a_cancellation_counts_once(stage: Stage, tell: Teller) -> None:
    slot, first, second = uuid4(), uuid4(), uuid4()
    calls = uuid4(), uuid4()
    await stage.handle(
        tell.published(slot), tell.confirmed(first, slot, calls[0]), tell.cancelled(first, slot, calls[0])
    )
    assert await stage.value("I-10") == 0
    await stage.handle(tell.confirmed(second, slot, calls[1]))
    assert await stage.value("I-10") == 100


async def test_an_outcome_that_is_taken_back_follows_the_newest_version(stage: Stage, tell: Teller) -> None:
    slot, call, booking = uuid4(), uuid4(), uuid4()
    await stage.handle(
        tell.published(slot),
        tell.cancelled(booking, slot, call, version=2),
        tell.fulfilled(booking, slot, call, version=3),
        tell.confirmed(booking, slot, call),
    )
    assert await stage.value("I-10") == 100


async def test_of_nothing_there_is_no_rate(stage: Stage) -> None:
    figure = await stage.figure("I-10")
    assert (figure.status, figure.reason, figure.value) == ("undefined", "denominator_zero", None)
    assert (figure.tally.numerator, figure.tally.denominator) == (0, 0)


async def test_a_count_of_nothing_is_zero(stage: Stage) -> None:
    figure = await stage.figure("I-08")
    assert (figure.status, figure.value, figure.as_of) == ("computed", 0, None)


async def test_what_nothing_feeds_is_unknown(stage: Stage) -> None:
    figure = await stage.figure("I-01")
    assert (figure.status, figure.reason, figure.value, figure.tally) == ("no_source", "no_source", None, None)
    assert not figure.complete


async def test_periods_begin_at_midnight_in_paris(stage: Stage, tell: Teller) -> None:
    """The fourth quarter of 2026 runs from 30 September 22:00 to 31 December 23:00 UTC: the clocks change in it."""
    start, end = datetime(2026, 9, 30, 22, tzinfo=UTC), datetime(2026, 12, 31, 23, tzinfo=UTC)
    second = timedelta(seconds=1)
    moments = (start - second, start, end - second, end)
    await stage.handle(*(tell.published(uuid4(), starts_at=moment) for moment in moments))
    await stage.handle(*(tell.received(uuid4(), at=moment) for moment in moments))
    for indicator in ("I-08", "I-09"):
        counts = [await stage.value(indicator, period) for period in ("2026-Q3", "2026-Q4", "2027-Q1")]
        assert counts == [1, 2, 1]
        assert [await stage.value(indicator, period) for period in ("2026-H2", "2026", "2027")] == [3, 3, 1]


async def test_slots_count_when_they_start_and_calls_when_received(stage: Stage, tell: Teller) -> None:
    slot, call = uuid4(), uuid4()
    next_year, evening = datetime(2027, 1, 1, 8, tzinfo=UTC), datetime(2026, 12, 31, 18, tzinfo=UTC)
    await stage.handle(
        tell.published(slot, starts_at=next_year),
        tell.received(call, at=evening),
        tell.confirmed(uuid4(), slot, call, starts_at=next_year, call_received_at=evening),
    )
    assert [await stage.value("I-09", period) for period in ("2026-Q4", "2027-Q1")] == [1, 0]
    assert [await stage.value("I-10", period) for period in ("2026-Q4", "2027-Q1")] == [None, 100]


async def test_national_indicators_of_the_sas(stage: Stage, tell: Teller) -> None:
    slot, booked, lost = uuid4(), uuid4(), uuid4()
    await stage.handle(
        tell.published(slot, audience=("SNP",)),
        tell.published(uuid4(), rpps=OTHER_GP, audience=("CPTS",)),
        tell.published(uuid4(), rpps=NURSE, profession="60", specialties=(), audience=("SNP",)),
        tell.received(booked, "sas"),
        tell.received(lost, "sas"),
        tell.confirmed(uuid4(), slot, booked, origin="sas"),
    )
    assert await stage.value("N-01") == 1
    assert await stage.value("N-02") == 1


async def test_freshness_is_the_time_of_the_newest_fact_that_could_move_the_figure(stage: Stage, tell: Teller) -> None:
    early, late = SLOT_AT - timedelta(days=9), SLOT_AT - timedelta(days=3)
    slot = uuid4()
    await stage.handle(tell.published(slot, time=early), tell.received(uuid4(), time=late))
    assert (await stage.figure("I-08")).as_of == early
    assert (await stage.figure("I-09")).as_of == late
    await stage.handle(tell.withdrawn(slot, time=late))
    assert (await stage.figure("I-08")).as_of == late


async def test_a_figure_is_complete_when_its_period_is_over_and_nothing_is_missing(stage: Stage, tell: Teller) -> None:
    slot, call, booking = uuid4(), uuid4(), uuid4()
    september = datetime(2026, 9, 15, 8, tzinfo=UTC)
    await stage.handle(tell.confirmed(booking, slot, call, starts_at=september, call_received_at=september))
    assert (await stage.figure("I-10", "2026-Q3")).gaps == ("slot_unpublished",)
    assert (await stage.figure("I-09", "2026-Q3")).gaps == ("call_unreceived",)
    await stage.handle(tell.published(slot, starts_at=september), tell.received(call, at=september))
    assert (await stage.figure("I-10", "2026-Q3")).complete
    assert (await stage.figure("I-09", "2026-Q3")).complete
    assert (await stage.figure("I-10", "2026-Q4")).gaps == ("period_open",)


async def test_a_territory_sees_its_own_facts_only(stage: Stage, tell: Teller) -> None:
    await stage.handle(tell.published(uuid4()), tell.published(uuid4(), territory="haute-saintonge"))
    assert await stage.value("I-08") == 1
    assert await stage.value("I-08", territory="haute-saintonge") == 1
    assert await stage.value("I-08", territory="marches-de-bretagne") == 0


async def test_slots_and_calls_by_commune_and_department(stage: Stage, tell: Teller) -> None:
    communes = ("35236", "35236", "44007", "97411")
    await stage.handle(
        *(tell.published(uuid4(), commune=commune) for commune in communes),
        *(tell.received(uuid4()) for _ in range(2)),
    )
    slots = (await stage.figure("I-08")).tally.breakdown
    assert slots["commune"] == {"35236": 2, "44007": 1, "97411": 1}
    assert slots["department"] == {"35": 2, "44": 1, "974": 1}
    assert (await stage.figure("I-09")).tally.breakdown["department"] == {"35": 2}
