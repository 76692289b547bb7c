"""Everything that chance decides, drawn before the play: each strategy meets the same calls, slots and illnesses."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from math import exp
from typing import TypeVar
from uuid import UUID
from zlib import crc32
from zoneinfo import ZoneInfo

import numpy as np
from numpy.random import Generator

from simulation.place import Place
from simulation.scenario import Level, Scenario
from snp_dispatch.domain.catalogue import VIDEO
from snp_dispatch.domain.matching import Candidate

T = TypeVar("T")

PARIS = ZoneInfo("Europe/Paris")
START = datetime(2027, 1, 11, tzinfo=PARIS)
"""A Monday. The weeks after it know neither a change of clocks nor a public holiday."""
PROFESSION, SPECIALTY = "10", "general-practice"
OPENING = time(8)
EARLY_DAYS = 3
"""Days ahead that slots are opened, unless on their day. No call may use a later one."""
AUDIENCES = (frozenset({"SNP", "CPTS"}), frozenset({"CPTS"}), frozenset({"SNP"}), frozenset({"PUBLIC"}))
AUDIENCE_SHARES = (0.7, 0.1, 0.1, 0.1)
NEIGHBOURHOOD_KM = 8.0
"""A patient's doctor is the less likely the farther they practise: exp(-km / this)."""
MINUTE = timedelta(minutes=1)
WORKDAYS, SATURDAY = range(5), 5
DESKS = tuple(minute for minute in range(8 * 60 + 30, 18 * 60 + 30, 20) if not 12 * 60 + 30 <= minute < 14 * 60)
"""Minutes of the day at which a visit of 20 minutes may start."""


@dataclass(frozen=True)
class Patient:
    """A call, and how its patient will behave."""

    number: int
    at: datetime
    deadline: datetime
    origin: str
    level: Level
    commune: str
    radius_km: float
    accepts_video: bool
    regular_doctor: str | None
    agrees: bool
    hold_minutes: float
    cancels_at: float | None
    """Share of the time between booking and visit after which the patient cancels."""


@dataclass(frozen=True)
class Opening:
    """A slot and when it is opened."""

    slot: Candidate
    opens_at: datetime


@dataclass(frozen=True)
class Illness:
    """A practitioner's slots in a period are withdrawn at its start."""

    doctor: str
    since: datetime
    until: datetime


@dataclass(frozen=True)
class World:
    """One draw of a scenario. Calls and openings in order of time."""

    calls: tuple[Patient, ...]
    openings: tuple[Opening, ...]
    illnesses: tuple[Illness, ...]
    doctors: tuple[str, ...]
    ends: datetime


@dataclass(frozen=True)
class _Doctor:
    rpps: str
    commune: str


def draw(scenario: Scenario, where: Place, seed: int) -> World:
    """The world of a seed; the same seed draws the same world."""
    root = np.random.SeedSequence([crc32(scenario.label.encode()), seed])
    people, slots, calls, ills = (np.random.default_rng(it) for it in root.spawn(4))
    doctors = _doctors(scenario, where, people)
    taking_part = doctors[: scenario.practitioners]
    openings = [it for doctor in taking_part for it in _openings(scenario, doctor, slots)]
    return World(
        calls=tuple(_calls(scenario, where, doctors, calls)),
        openings=tuple(sorted(_numbered(openings), key=lambda it: (it.opens_at, it.slot.slot_id))),
        illnesses=tuple(it for doctor in taking_part for it in _ill(scenario, doctor, ills)),
        doctors=tuple(it.rpps for it in taking_part),
        ends=START + timedelta(days=scenario.days),
    )


def _doctors(scenario: Scenario, where: Place, rng: Generator) -> list[_Doctor]:
    return [_Doctor(f"990000{n:05d}", _one_of(where.populations, rng)) for n in range(scenario.all_practitioners)]


def _openings(scenario: Scenario, doctor: _Doctor, rng: Generator) -> list[Opening]:
    on_weekdays = rng.choice(len(DESKS), size=scenario.slots_per_weekday, replace=False)
    mornings = [minute for minute in DESKS if minute < 12 * 60]
    on_saturday = rng.choice(len(mornings), size=scenario.slots_per_saturday, replace=False)
    saturdays = rng.random() < scenario.saturday_share
    found = []
    for day in range(scenario.days):
        weekday = day % 7
        if weekday in WORKDAYS:
            minutes = [DESKS[int(n)] for n in on_weekdays]
        else:
            minutes = [mornings[int(n)] for n in on_saturday] if weekday == SATURDAY and saturdays else []
        found += [_opening(scenario, doctor, day, minute, rng) for minute in minutes]
    return found


def _opening(scenario: Scenario, doctor: _Doctor, day: int, minute: int, rng: Generator) -> Opening:
    midnight = START + timedelta(days=day)
    starts_at = midnight + minute * MINUTE
    audience = AUDIENCES[int(rng.choice(len(AUDIENCES), p=AUDIENCE_SHARES))]
    same_day, video = rng.random() < scenario.same_day_share, rng.random() < scenario.video_share
    ahead = midnight if same_day else midnight - timedelta(days=EARLY_DAYS)
    slot = Candidate(
        slot_id=UUID(int=0),
        effector=doctor.rpps,
        effector_name=doctor.rpps,
        is_person=True,
        profession=PROFESSION,
        specialties=frozenset({SPECIALTY}),
        starts_at=starts_at,
        ends_at=starts_at + 20 * MINUTE,
        commune=doctor.commune,
        distance_km=None,
        mode=VIDEO if video else "AMB",
        audience=audience,
    )
    return Opening(slot, max(START, datetime.combine(ahead, OPENING, PARIS)))


def _numbered(openings: list[Opening]) -> list[Opening]:
    ordered = sorted(openings, key=lambda it: (it.slot.starts_at, it.slot.effector))
    return [replace(it, slot=replace(it.slot, slot_id=UUID(int=n))) for n, it in enumerate(ordered, start=1)]


def _ill(scenario: Scenario, doctor: _Doctor, rng: Generator) -> list[Illness]:
    falls_ill, day = rng.random() < scenario.ill, int(rng.integers(scenario.days))
    since = START + timedelta(days=day, hours=7)
    return [Illness(doctor.rpps, since, since + timedelta(days=scenario.ill_days))] if falls_ill else []


def _calls(scenario: Scenario, where: Place, doctors: list[_Doctor], rng: Generator) -> list[Patient]:
    times = sorted(it for day in range(scenario.days) for it in _times(scenario, day, rng))
    near = {code: _likelihoods(where, doctors, code) for code in where.populations}
    found = []
    for number, at in enumerate(times, start=1):
        commune = _one_of(where.populations, rng)
        doctor = _one_of(near[commune], rng)
        found.append(_patient(scenario, number, at, commune, doctor, rng))
    return found


def _times(scenario: Scenario, day: int, rng: Generator) -> list[datetime]:
    days, factors = zip(*scenario.season, strict=True)
    factor = float(np.interp(day, days, factors)) * scenario.weekdays[day % 7]
    weights = np.array(scenario.hours)
    count = int(rng.poisson(scenario.calls_per_day * factor))
    hours = rng.choice(24, size=count, p=weights / weights.sum())
    minutes = rng.random(count) * 60
    midnight = START + timedelta(days=day)
    return [midnight + timedelta(hours=int(h), seconds=int(m * 60)) for h, m in zip(hours, minutes, strict=True)]


def _likelihoods(where: Place, doctors: list[_Doctor], commune: str) -> dict[str, float]:
    """How likely each doctor is the regular one of a patient of the commune, in no unit."""
    return {it.rpps: exp(-(where.gazetteer.distance(commune, it.commune) or 0.0) / NEIGHBOURHOOD_KM) for it in doctors}


def _patient(  # noqa: PLR0917
    scenario: Scenario, number: int, at: datetime, commune: str, doctor: str, rng: Generator
) -> Patient:
    level = scenario.levels[_one_of({n: it.share for n, it in enumerate(scenario.levels)}, rng)]
    cancels, share = rng.random() < scenario.cancels, float(rng.random())
    return Patient(
        number=number,
        at=at,
        deadline=at + timedelta(hours=level.deadline_hours),
        origin=_one_of(scenario.origins, rng),
        level=level,
        commune=commune,
        radius_km=_one_of(scenario.radii_km, rng),
        accepts_video=rng.random() < scenario.video_accepted,
        regular_doctor=doctor if rng.random() < scenario.with_regular_doctor else None,
        agrees=rng.random() < scenario.agrees,
        hold_minutes=float(rng.exponential(scenario.hold_minutes)),
        cancels_at=share if cancels else None,
    )


def _one_of(shares: Mapping[T, float], rng: Generator) -> T:
    """One of the keys, as often as its share of the total."""
    values = np.array(list(shares.values()), dtype=float)
    return list(shares)[int(rng.choice(len(values), p=values / values.sum()))]
