"""A tiny scenario: the same seed twice is the same play, the rules hold in it, the figures are computed by hand."""

from dataclasses import replace
from functools import cache

import pytest

from simulation import report
from simulation.__main__ import play
from simulation.figures import Figures, differences, estimate, figures, gini
from simulation.place import place
from simulation.play import STRATEGIES, Outcome, Strategy, Town
from simulation.scenario import Scenario, load, names
from simulation.world import World, draw
from snp_dispatch.domain.catalogue import VIDEO

TINY = load("epidemic").model_copy(
    update={"days": 7, "practitioners": 5, "calls_per_day": 6, "season": ((0.0, 1.0), (6.0, 4.0)), "ill": 0.5}
)


def world(seed: int = 1, scenario: Scenario = TINY) -> World:
    return draw(scenario, place(scenario.territory), seed)


@cache
def once(strategy: Strategy, seed: int = 1) -> tuple[World, Outcome]:
    """A play, for tests that only look at it."""
    return played(strategy, seed)


def played(strategy: Strategy, seed: int = 1) -> tuple[World, Outcome]:
    drawn = world(seed)
    return drawn, Town(TINY, place(TINY.territory), drawn, strategy).play()


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_the_same_seed_is_the_same_play(strategy: Strategy) -> None:
    assert played(strategy) == once(strategy)
    assert once(strategy, 2) != once(strategy)


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("strategy", STRATEGIES)
def test_every_visit_keeps_the_hard_constraints(strategy: Strategy, seed: int) -> None:
    drawn, outcome = once(strategy, seed)
    where, calls = place(TINY.territory), {it.number: it for it in drawn.calls}
    assert outcome.visits
    kept = [slot.slot_id for number, slot in outcome.visits.items() if calls[number].cancels_at is None]
    assert len(set(kept)) == len(kept), "two patients in one seat"
    for number, slot in outcome.visits.items():
        call = calls[number]
        assert call.at < slot.starts_at <= call.deadline
        assert slot.slot_id not in outcome.withdrawn
        assert slot.audience & where.policy.rules_of(call.origin).audiences
        km = where.gazetteer.distance(call.commune, slot.commune)
        assert (slot.mode == VIDEO and call.accepts_video) or (km is not None and km <= call.radius_km)
    assert outcome.used <= {it.slot.slot_id for it in drawn.openings} - outcome.withdrawn


def test_each_strategy_meets_the_same_world_and_they_differ() -> None:
    assert world() == world()
    outcomes = [once(it)[1] for it in STRATEGIES]
    assert outcomes[0].visits != outcomes[1].visits
    # Illness comes to all alike.
    assert outcomes[0].withdrawn == outcomes[1].withdrawn == outcomes[2].withdrawn
    assert outcomes[0].withdrawn


def test_no_strategy_leaves_a_seat_that_a_waiting_call_could_have_taken() -> None:
    """With one practitioner and far more calls than seats, hardly a seat that opened in time stays empty."""
    scarce = TINY.model_copy(
        update={"practitioners": 1, "calls_per_day": 80, "ill": 0, "cancels": 0, "same_day_share": 0, "video_share": 0}
    )
    drawn, where = world(1, scarce), place(scarce.territory)
    for strategy in STRATEGIES:
        outcome = Town(scarce, where, drawn, strategy).play()
        found = figures(scarce, where, drawn, outcome)
        assert found.unused <= 10, strategy


def test_every_scenario_can_be_played() -> None:
    assert names() == ["epidemic", "ordinary", "winter"]
    for name in names():
        scenario = load(name)
        assert abs(sum(it.share for it in scenario.levels) - 1) < 1e-9
        assert len(world(1, scenario.model_copy(update={"days": 7})).openings) > 0


def test_gini() -> None:
    assert gini([0.5, 0.5, 0.5]) == 0
    assert gini([0, 0, 0, 1]) == 0.75
    assert gini([1, 3]) == 0.25
    assert gini([]) == gini([0, 0]) == 0


def test_a_confidence_interval_by_hand() -> None:
    found = estimate([1.0, 2.0, 3.0])
    # t(0.975; 2) = 4.3027, s = 1, n = 3
    assert (found.mean, found.low, found.high, found.clear) == (2.0, -0.4841, 4.4841, False)
    assert estimate([1.0, 1.1, 0.9]).clear
    with pytest.raises(ValueError, match="two seeds"):
        estimate([1.0])


NOTHING = Figures(*[0.0] * 9)


def test_differences_are_paired_by_seed() -> None:
    base = [replace(NOTHING, within_48h=it) for it in (10.0, 50.0, 90.0)]
    better = [replace(it, within_48h=it.within_48h + 1) for it in base]
    found = differences(better, base)["within_48h"]
    assert (found.mean, found.low, found.high) == (1, 1, 1)


def test_a_loss_is_reported_as_one() -> None:
    worse = {it: [NOTHING, NOTHING] for it in STRATEGIES}
    worse["first_come"] = [replace(NOTHING, within_48h=it) for it in (5.0, 5.0)]
    text = report.tables({"ordinary": worse})
    assert "| within 48 h (%) | 5.0 | 0.0 | 0.0 | **-5.00 [-5.00, -5.00]** |" in text


def test_one_job_gives_figures_for_every_strategy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simulation.__main__.load", lambda _: TINY)
    found = play(("tiny", 1))
    assert list(found) == list(STRATEGIES)
    assert found == play(("tiny", 1))
    assert all(0 <= it.within_48h <= 100 and it.calls > 0 for it in found.values())
