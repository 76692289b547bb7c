"""Rows of searches of a *médecin traitant*, of proposals, and what the directory told of doctors."""

from datetime import date, datetime
from uuid import UUID

from kit.work import Record, Work
from pathways.domain.doctor_search import Doctor

_DOCTORS = """
SELECT a.rpps, a.accepts, a.valid_until, a.patients, a.capacity, a.version, p.communes, counted.taken, counted.proposed
FROM gp_acceptance a JOIN gp_place p ON p.rpps = a.rpps AND p.listed
CROSS JOIN LATERAL (
  SELECT count(*) FILTER (WHERE d.state = 'open' OR d.statement_version = a.version) AS taken,
         count(*) FILTER (WHERE d.state = 'open') AS proposed
  FROM doctor_proposal d WHERE d.territory = a.territory AND d.rpps = a.rpps AND d.state IN ('open', 'accepted')
) AS counted
WHERE a.territory = $1
"""
_ACCEPTANCE = """
INSERT INTO gp_acceptance AS known (territory, rpps, accepts, capacity, patients, valid_until, version)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (territory, rpps) DO UPDATE SET accepts = excluded.accepts, capacity = excluded.capacity,
  patients = excluded.patients, valid_until = excluded.valid_until, version = excluded.version
WHERE known.version < excluded.version
"""
_PLACE = """
INSERT INTO gp_place AS known (rpps, communes, listed, version) VALUES ($1, $2, $3, $4)
ON CONFLICT (rpps) DO UPDATE SET communes = excluded.communes, listed = excluded.listed, version = excluded.version
WHERE known.version < excluded.version
"""
_LAPSING = """
SELECT d.* FROM doctor_proposal d JOIN doctor_search s ON s.id = d.search_id
WHERE d.state = 'open' AND d.answer_by <= $1 ORDER BY d.answer_by LIMIT $2 FOR UPDATE OF s, d SKIP LOCKED
"""
_FIGURES = """
SELECT priority, count(*) FILTER (WHERE state <> 'closed') AS waiting,
       coalesce(floor(extract(epoch FROM $2 - min(opened_at) FILTER (WHERE state <> 'closed')) / 86400), 0)::int
         AS oldest_days,
       count(*) FILTER (WHERE outcome = 'placed') AS placed,
       count(*) FILTER (WHERE state = 'closed' AND outcome <> 'placed') AS closed_otherwise,
       percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM closed_at - opened_at) / 86400)
         FILTER (WHERE outcome = 'placed') AS median_days
FROM doctor_search WHERE territory = $1 AND opened_at >= $3 AND opened_at < $4 GROUP BY priority ORDER BY priority
"""
_SEEN = """
SELECT d.*, s.age_band, s.commune, s.criteria, s.priority
FROM doctor_proposal d JOIN doctor_search s ON s.id = d.search_id
"""
_LIST_SEEN = (
    _SEEN
    + """
WHERE d.territory = $1 AND ($2::text IS NULL OR d.rpps = $2) AND ($3::text IS NULL OR d.state = $3)
  AND ($4::uuid IS NULL OR d.id < $4)
  AND NOT EXISTS (SELECT FROM patient p WHERE p.id = d.patient_id AND p.restricted_at IS NOT NULL)
ORDER BY d.id DESC LIMIT $5
"""
)


async def one_at_a_time(work: Work) -> None:
    """Proposals of a territory are made one after the other: places are counted and taken in one go."""
    await work.execute("SELECT pg_advisory_xact_lock(hashtextextended('doctor-search|' || $1, 0))", work.territory)


async def doctors(work: Work) -> tuple[list[Doctor], dict[str, int]]:
    """Who said something on this territory, and the version of what each said."""
    rows = await work.fetch(_DOCTORS, work.territory)
    names = ("rpps", "accepts", "valid_until", "capacity", "taken", "proposed")
    return (
        [
            Doctor(
                **{name: row[name] for name in names}, communes=tuple(row["communes"]), patients=tuple(row["patients"])
            )
            for row in rows
        ],
        {row["rpps"]: row["version"] for row in rows},
    )


async def running(work: Work, patient_id: UUID) -> Record | None:
    """The search of a patient that is not closed, locked."""
    return await work.fetchrow(
        "SELECT * FROM doctor_search WHERE patient_id = $1 AND closed_at IS NULL FOR UPDATE", patient_id
    )


async def proposals(work: Work, search_id: UUID) -> list[Record]:
    """Of one search, the oldest first."""
    return await work.fetch("SELECT * FROM doctor_proposal WHERE search_id = $1 ORDER BY id", search_id)


async def proposal_seen(work: Work, proposal_id: UUID) -> Record | None:
    """A proposal with what its doctor sees of the search."""
    return await work.fetchrow(_SEEN + "WHERE d.id = $1", proposal_id)


async def listed_proposals(
    work: Work, rpps: str | None, state: str | None, after: UUID | None, limit: int
) -> list[Record]:
    """Proposals with what a doctor sees of the searches, the newest first."""
    return await work.fetch(_LIST_SEEN, work.territory, rpps, state, after, limit)


async def objected(work: Work, patient_id: UUID) -> list[str]:
    """Doctors to whom the patient objects."""
    rows = await work.fetch(
        "SELECT substr(against, 6) AS rpps FROM objection "
        "WHERE patient_id = $1 AND withdrawn_at IS NULL AND against LIKE 'rpps:%'",
        patient_id,
    )
    return [row["rpps"] for row in rows]


async def lapsing(work: Work, limit: int) -> list[Record]:
    """Open proposals of every territory that nobody answered in time, with their searches for this transaction."""
    return await work.fetch(_LAPSING, work.now, limit)


async def figures(work: Work, first: datetime, until: datetime) -> list[Record]:
    """By priority, of searches opened in the period."""
    return await work.fetch(_FIGURES, work.territory, work.now, first, until)


async def told_acceptance(
    work: Work,
    rpps: str,
    *,
    accepts: bool,
    capacity: int | None,
    patients: tuple[str, ...],
    valid_until: date,
    version: int,
) -> None:
    """Keeps what is newer than what is known."""
    values = (accepts, capacity, list(patients), valid_until, version)
    await work.execute(_ACCEPTANCE, work.territory, rpps, *values)


async def told_place(work: Work, rpps: str, communes: list[str], version: int, *, listed: bool) -> None:
    """Keeps what is newer than what is known."""
    await work.execute(_PLACE, rpps, communes, listed, version)
