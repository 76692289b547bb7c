"""What is known from before the call: the practice of a doctor, who saw a patient, how much each carries already."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from kit.work import Work
from snp_dispatch.domain.fairness import RECENT, Visits, load_of
from snp_dispatch.domain.policy import Fairness
from snp_dispatch.store.rows import present

_KNOWN = """
SELECT coalesce((SELECT sites FROM effector WHERE id = $1), '{}') AS sites,
       ARRAY(SELECT DISTINCT effector_id FROM booking
              WHERE patient_ref = $2 AND state <> 'cancelled' AND starts_at > $3 AND starts_at <= $4) AS seen_by
"""
# The latest visits are enough: with more than these the load is full under any policy.
_VISITS = f"""
SELECT e.id, ARRAY(
       SELECT b.confirmed_at FROM booking b
        WHERE b.territory = $2 AND b.effector_id = e.id AND b.state <> 'cancelled' AND b.confirmed_at > $3
        ORDER BY b.confirmed_at DESC LIMIT {RECENT}) AS confirmed
  FROM unnest($1::text[]) AS e (id)
"""
# Every visit of the territory in the window: some thousands at most, for a page that a person opens.
_TERRITORY = f"""
SELECT effector_id, (array_agg(confirmed_at ORDER BY confirmed_at DESC))[1:{RECENT}] AS confirmed FROM booking
 WHERE territory = $1 AND state <> 'cancelled' AND confirmed_at > $2 GROUP BY effector_id
"""
_GIVEN = """
SELECT count(*) AS offers, count(*) FILTER (WHERE state <> 'cancelled' OR ended_by <> 'practitioner') AS acceptances
  FROM booking WHERE territory = $1 AND effector_id = $2 AND confirmed_at > $3
"""


async def known(
    work: Work, regular_doctor: str | None, patient_ref: str | None, days: int
) -> tuple[frozenset[str], frozenset[str]]:
    """The practices (FINESS) of a doctor, and the effectors who saw a patient within so many days."""
    row = await work.fetchrow(_KNOWN, regular_doctor, patient_ref, work.now - timedelta(days=days), work.now)
    return (frozenset(row["sites"]), frozenset(row["seen_by"])) if row else (frozenset(), frozenset())


async def visits(work: Work, effectors: Iterable[str], since: datetime) -> dict[str, Visits]:
    """When the latest visits of each on the territory were confirmed, those cancelled left out."""
    rows = await work.fetch(_VISITS, sorted(set(effectors)), work.territory, since)
    return {row["id"]: tuple(row["confirmed"]) for row in rows}


async def loads(work: Work, fairness: Fairness, effectors: Iterable[str]) -> dict[str, float]:
    """The share of a full load that each carries now."""
    found = await visits(work, effectors, work.now - fairness.window)
    return {effector: load_of(fairness, confirmed, work.now) for effector, confirmed in found.items()}


async def territory_visits(work: Work, since: datetime) -> dict[str, Visits]:
    """The latest visits of everybody who has any on the territory."""
    rows = await work.fetch(_TERRITORY, work.territory, since)
    return {row["effector_id"]: tuple(row["confirmed"]) for row in rows}


async def given(work: Work, effector: str, since: datetime) -> tuple[int, int]:
    """Visits that were given to an effector, and those of them that they did not cancel themselves."""
    row = present(await work.fetchrow(_GIVEN, work.territory, effector, since))
    return row["offers"], row["acceptances"]
