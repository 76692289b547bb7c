"""The figures of a play, and the differences between strategies with their confidence intervals."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from math import sqrt
from statistics import fmean, median, stdev

from scipy.stats import t as student

from simulation.place import Place
from simulation.play import Outcome
from simulation.scenario import Scenario
from simulation.world import START, Patient, World
from snp_dispatch.domain.catalogue import VIDEO

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
WITHIN_HOURS = 48
CONFIDENCE = 0.95


@dataclass(frozen=True)
class Figures:
    """One play. Shares in per cent of the calls, or of the seats, that are measured."""

    within_48h: float
    urgent_in_time: float
    """Of the calls of the most urgent level, within their own deadline."""
    median_wait_h: float
    """From the call to the visit, of those served."""
    mean_km: float
    """As the crow flies, of those served on site."""
    own_doctor: float
    """Of the served whose regular doctor opens slots: seen by them."""
    gini: float
    """Of bookings by practitioner against the seats that they opened: 0 alike, 1 all for one."""
    unused: float
    """Seats that were opened, not withdrawn, and that nobody had when they began."""
    calls: float
    seats: float


LABELS = {
    "within_48h": "within 48 h (%)",
    "urgent_in_time": "most urgent in time (%)",
    "median_wait_h": "median wait (h)",
    "mean_km": "distance (km)",
    "own_doctor": "own doctor (%)",
    "gini": "fairness (Gini)",
    "unused": "slots unused (%)",
}
"""What is compared, with the words of the table."""


def figures(scenario: Scenario, where: Place, world: World, outcome: Outcome) -> Figures:
    """Measures the calls and seats after the warm-up and early enough to be served before the end."""
    since, until = START + scenario.warm_up_days * DAY, world.ends - 2 * DAY
    calls = [it for it in world.calls if since <= it.at < until]
    served = [it for it in calls if it.number in outcome.visits]
    visits = [outcome.visits[it.number] for it in served]
    waits = [(visit.starts_at - call.at) / HOUR for call, visit in zip(served, visits, strict=True)]
    pairs = [(it.commune, outcome.visits[it.number].commune) for it in served if _on_site(outcome, it)]
    taking_part = set(world.doctors)
    own = [it.regular_doctor == outcome.visits[it.number].effector for it in served if it.regular_doctor in taking_part]
    first = min(it.level.priority for it in world.calls)
    urgent = [it.number in outcome.visits for it in calls if it.level.priority == first]
    seats = [it.slot for it in world.openings if since <= it.slot.starts_at < until]
    open_seats = [it for it in seats if it.slot_id not in outcome.withdrawn]
    return Figures(
        within_48h=_percent([wait <= WITHIN_HOURS for wait in waits], len(calls)),
        urgent_in_time=_percent(urgent, len(urgent)),
        median_wait_h=median(waits) if waits else 0.0,
        mean_km=fmean(where.gazetteer.distance(*it) or 0.0 for it in pairs) if pairs else 0.0,
        own_doctor=_percent(own, len(own)),
        gini=gini(_loads(world, outcome, [it.slot_id for it in open_seats])),
        unused=_percent([it.slot_id not in outcome.used for it in open_seats], len(open_seats)),
        calls=len(calls),
        seats=len(open_seats),
    )


def _on_site(outcome: Outcome, call: Patient) -> bool:
    return outcome.visits[call.number].mode != VIDEO


def _loads(world: World, outcome: Outcome, seats: Sequence[object]) -> list[float]:
    """Booked share of the seats of each practitioner who opened some."""
    measured = set(seats)
    by_doctor: dict[str, list[bool]] = {}
    for opening in world.openings:
        if opening.slot.slot_id in measured:
            by_doctor.setdefault(opening.slot.effector, []).append(opening.slot.slot_id in outcome.used)
    return [fmean(it) for it in by_doctor.values()]


def gini(values: Sequence[float]) -> float:
    """Gini coefficient: 0 when all are alike, towards 1 when one has everything; 0 of nothing."""
    ordered, total = sorted(values), sum(values)
    if not total:
        return 0.0
    count = len(ordered)
    return sum((2 * n - count - 1) * value for n, value in enumerate(ordered, start=1)) / (count * total)


def _percent(holds: Sequence[bool], of: int) -> float:
    return 100 * sum(holds) / of if of else 0.0


@dataclass(frozen=True)
class Estimate:
    """A mean over seeds, with the bounds of its confidence interval (Student)."""

    mean: float
    low: float
    high: float

    @property
    def clear(self) -> bool:
        """Whether the interval leaves out zero."""
        return self.low > 0 or self.high < 0


def estimate(values: Sequence[float]) -> Estimate:
    """Mean and 95 % confidence interval of what the seeds gave. Raises ValueError for fewer than two."""
    if len(values) < 2:
        raise ValueError("a confidence interval needs two seeds at least")
    mean, count = fmean(values), len(values)
    reach = float(student.ppf((1 + CONFIDENCE) / 2, count - 1)) * stdev(values) / sqrt(count)
    return Estimate(round(mean, 4), round(mean - reach, 4), round(mean + reach, 4))


def means(plays: Sequence[Figures]) -> dict[str, Estimate]:
    """Each figure over the seeds of one strategy."""
    return {name: estimate([asdict(it)[name] for it in plays]) for name in LABELS}


def differences(plays: Sequence[Figures], base: Sequence[Figures]) -> dict[str, Estimate]:
    """One strategy minus another, paired by seed: the same calls, the same slots."""
    pairs = list(zip(plays, base, strict=True))
    return {name: estimate([asdict(one)[name] - asdict(two)[name] for one, two in pairs]) for name in LABELS}
