"""The ten that are proposed are the ten best of all: the search fullst the rule over every slot, at random."""

from dataclasses import dataclass, replace
from datetime import timedelta
from random import Random
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from dispatch_stage import HERE, NOW, REDON, Dispatch

from kit.work import Work
from snp_dispatch.domain.matching import Candidate, Need, Ranked, rank
from snp_dispatch.domain.policy import Criteria, Policy, Weights
from snp_dispatch.store import history, search, survey
from snp_dispatch.store.rules import Rules
from snp_dispatch.usecases import proposals

COMMUNES = ("35236", "56001", "44185", "56232", "35238")
LANGUAGES, ACCESS, ACTS = ("fr", "br", "en", "ar"), ("step_free", "parking"), ("sutures", "ecg")
EFFECTORS, SLOTS, NEEDS = 30, 600, 20


@dataclass
class Drawn:
    """Rows and needs from one seed."""

    random: Random

    def some(self, of: tuple[str, ...]) -> list[str]:
        return sorted(self.random.sample(of, self.random.choice((0, 0, 1, 2))))

    async def fill(self, owner: asyncpg.Connection) -> None:
        pick = self.random.choice
        people = [
            (f"x{n}", self.some(LANGUAGES), self.some(ACCESS), pick((None, "1", "2")), pick((None, "female", "male")),
             self.some(("990010001", "990010002")))
            for n in range(EFFECTORS)
        ]  # fmt: skip
        await owner.executemany(
            "INSERT INTO effector (id, kind, name, profession, specialties, languages, accessibility, tariff_sector, "
            "gender, sites, listed, version) VALUES ($1, 'person', $1, '10', '{general-practice}', $2, $3, $4, $5, $6, "
            "true, 1)",
            people,
        )
        await owner.execute(f"INSERT INTO participation SELECT '{HERE}', id, true, 1 FROM effector WHERE id LIKE 'x%'")
        await owner.executemany(_SLOT, [self.slot(n) for n in range(SLOTS)])
        await owner.execute(_TAKE)
        await owner.execute(_CALLS)
        await owner.executemany(_VISIT, [(n, f"x{self.random.randrange(EFFECTORS)}") for n in range(60)])

    def slot(self, number: int) -> tuple[Any, ...]:
        pick, start = self.random.choice, NOW + timedelta(hours=number // EFFECTORS, minutes=0)
        ages: tuple[int | None, int | None] = pick(((None, None), (None, None), (18, None), (None, 15)))
        return (
            f"x{number % EFFECTORS}", start, start + timedelta(minutes=20), pick(COMMUNES),
            pick(("AMB", "AMB", "AMB", "HH", "VR")), self.some(ACTS), *ages, self.random.random() < 0.1,
            self.some(ACCESS), UUID(int=self.random.getrandbits(128)), pick((1, 1, 2)),
        )  # fmt: skip

    def need(self, criteria: Criteria) -> Need:
        pick, some = self.random.choice, self.some
        return Need(
            profession="10",
            specialty="general-practice",
            audiences=frozenset({"CPTS"}),
            modes=frozenset(pick((("AMB",), ("AMB", "HH"), ("AMB", "HH", "VR"), ("VR",)))),
            earliest=NOW + timedelta(hours=pick((0, 0, 5))),
            deadline=NOW + timedelta(hours=pick((20, 48))),
            commune=REDON,
            radius_km=pick((15.0, 30.0, 70.0)),
            regular_doctor=pick((None, "x1", "x2", "nobody")),
            act=pick((None, None, "sutures")),
            age=pick((5, 40)),
            languages=frozenset(some(LANGUAGES)),
            accessibility=frozenset(some(ACCESS)),
            tariff_sectors=frozenset(some(("1", "2"))),
            gender=pick((None, None, "female")),
            criteria=criteria,
            patient_ref=pick((None, "ref-1", "ref-2")),
        )

    def policy(self, policy: Policy) -> Policy:
        wish = lambda: self.random.choice(("hard", 0.0, 3.0, 20.0))  # noqa: E731
        points = lambda: self.random.choice((0.0, 2.0, 15.0))  # noqa: E731
        criteria = Criteria(language=wish(), accessibility=wish(), tariff_sector=wish(), gender=wish())
        weights = Weights(
            wait_per_hour=self.random.choice((0.0, 1.0, 1.0, 2.5)),
            distance_per_km=self.random.choice((0.0, 0.5)),
            not_regular_doctor=self.random.choice((0.0, 5.0, 1000.0)),
            not_same_practice=points(),
            not_seen_before=points(),
            fairness=points(),
        )
        return policy.model_copy(update={"criteria": criteria, "weights": weights})


_SLOT = """
INSERT INTO slot (effector_id, starts_at, ends_at, commune, mode, acts, min_age, max_age, own_patients_only,
                  accessibility, id, capacity, territory, profession, specialties, audience, created_at, version)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 'pays-de-redon', '10', '{general-practice}', '{CPTS}',
        now(), 1)
"""
# A third of the slots lose a seat: to a visit, to a hold, to a hold whose time has passed.
_TAKE = f"""
WITH numbered AS (SELECT id, row_number() OVER (ORDER BY id) AS n FROM slot)
INSERT INTO seat_claim (slot_id, seat, territory, hold_id, booking_id, expires_at)
SELECT id, 1, '{HERE}', CASE WHEN n % 9 > 0 THEN id END, CASE WHEN n % 9 = 0 THEN id END,
       CASE n % 9 WHEN 3 THEN '{NOW + timedelta(minutes=3)}'::timestamptz
                  WHEN 6 THEN '{NOW - timedelta(seconds=1)}'::timestamptz END
  FROM numbered WHERE n % 3 = 0;
UPDATE slot SET taken = true WHERE capacity = 1 AND id IN (SELECT slot_id FROM seat_claim);
"""
_CALLS = """
INSERT INTO call (id, territory, state, version, origin, client, caller, patient, need, constraints, received_at,
                  earliest, deadline, radius_km, modes, audiences, policy_version, outcome, conditions, proposals,
                  relaxations)
SELECT md5('v' || n)::uuid, territory, state, version, origin, client, caller, patient, need, constraints, received_at,
       earliest, deadline, radius_km, modes, audiences, policy_version, outcome, conditions, proposals, relaxations
  FROM call, generate_series(0, 59) n
"""
_VISIT = f"""
INSERT INTO booking (id, territory, call_id, slot_id, effector_id, effector_kind, origin, patient_ref,
                     call_received_at, starts_at, ends_at, commune, mode, audience, state, version, confirmed_at)
SELECT md5('b' || $1::int)::uuid, '{HERE}', md5('v' || $1::int)::uuid, (SELECT id FROM slot LIMIT 1), $2, 'person',
       'ed', 'ref-' || $1 % 4, now(), at, at, '35236', 'AMB', '{{CPTS}}',
       CASE WHEN $1 % 5 = 0 THEN 'cancelled' ELSE 'fulfilled' END, 1, at
  FROM (SELECT '{NOW}'::timestamptz - make_interval(days => $1::int) AS at) a
"""


async def by_brute_force(work: Work, rules: Rules, policy: Policy, need: Need) -> list[Ranked]:
    """The rule over every slot of the territory."""
    near = [(it.commune.code, it.km) for it in rules.gazetteer.around(need.commune, 100.0)]
    every = await survey.survey(work, NOW, NOW + timedelta(days=3), near, anywhere=True, limit=10_000)
    sites, seen_by = await history.known(work, need.regular_doctor, need.patient_ref, policy.continuity_days)
    carried = await history.loads(work, policy.fairness, {it.slot.effector for it in every})
    free: list[Candidate] = [
        replace(it.slot, load=carried.get(it.slot.effector, 0.0)) for it in every if it.seats == "free"
    ]
    informed = replace(need, regular_sites=sites, seen_by=seen_by)
    return rank(informed, policy.weights, free, work.now)[:10]


def shown(ranked: list[Ranked]) -> list[tuple[object, ...]]:
    return [(it.cost, f"{it.slot.starts_at:%H:%M}", it.slot.mode, it.slot.slot_id, it.cost_parts) for it in ranked]


@pytest.mark.parametrize("seed", range(3))
async def test_the_ten_best_of_all_are_proposed(dispatch: Dispatch, owner: asyncpg.Connection, seed: int) -> None:
    drawn = Drawn(Random(seed))
    await dispatch.call()
    await drawn.fill(owner)
    real = dispatch.rules.policy(HERE, NOW)
    assert real is not None
    full = 0
    async with dispatch.runtime.db.work(HERE) as work:
        for _ in range(NEEDS):
            policy = drawn.policy(real)
            need = drawn.need(policy.criteria)
            found = await proposals.find(work, dispatch.rules, policy, need)
            expected = await by_brute_force(work, dispatch.rules, policy, need)
            assert shown(found[:10]) == shown(expected), (policy.weights, need)
            full += len(expected) == 10
    assert full > NEEDS / 4, "too few needs have ten proposals to say anything"


async def test_a_second_search_is_made_when_the_first_is_not_certain(
    dispatch: Dispatch, owner: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fifty-nine practitioners at the same price who do not speak Breton, and one a little later who does."""
    await owner.execute(
        "INSERT INTO effector (id, kind, name, profession, specialties, languages, listed, version) "
        "SELECT 'y' || n, 'person', 'y' || n, '10', '{general-practice}', CASE WHEN n = 60 THEN '{br}'::text[] "
        "ELSE '{fr}' END, true, 1 FROM generate_series(1, 60) n"
    )
    await owner.execute(f"INSERT INTO participation SELECT '{HERE}', id, true, 1 FROM effector WHERE id LIKE 'y%'")
    starts = [(f"y{n}", NOW + timedelta(hours=1, minutes=n)) for n in range(1, 61)]
    await owner.executemany(
        "INSERT INTO slot (id, territory, effector_id, profession, specialties, starts_at, ends_at, commune, mode, "
        "audience, capacity, created_at, version) VALUES (gen_random_uuid(), 'pays-de-redon', $1, '10', "
        "'{general-practice}', $2, $2::timestamptz + interval '10 min', '35236', 'AMB', '{CPTS}', 1, now(), 1)",
        starts,
    )
    limits: list[int] = []
    once = search.find

    async def find(*args: Any, limit: int, **options: Any) -> Any:
        limits.append(limit)
        return await once(*args, limit=limit, **options)

    monkeypatch.setattr(search, "find", find)
    call = await dispatch.call(constraints={"languages": ["br"]})
    assert call["proposals"][0]["practitioner"]["name"] == "y60"
    assert call["proposals"][0]["cost_parts"]["language"] == 0
    assert len(limits) == 2
