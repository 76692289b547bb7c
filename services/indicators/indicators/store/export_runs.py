"""Runs of exports: planned once, claimed with a lease, settled by who holds the claim."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from kit import rows
from kit.work import Record, Work

_PLAN = """
INSERT INTO export_run (id, territory, schedule, due_at, recipient, what, period, formats, destination, codes,
       rules_version, requested_by, requested_at, state, steps_done, steps_total, claim, tries, next_at, version,
       inside)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9::text::jsonb, $10::text::jsonb, $11, $12, $13, 'waiting', 0, $14, 0, 0,
       $15, 1, $16)
ON CONFLICT (territory, schedule, due_at) DO NOTHING
RETURNING *
"""
# The newest of each schedule, by one look into the index for each.
_LAST = """
SELECT wanted.territory, wanted.schedule,
       (SELECT due_at FROM export_run r WHERE r.territory = wanted.territory AND r.schedule = wanted.schedule
         ORDER BY due_at DESC LIMIT 1) AS due_at
  FROM unnest($1::text[], $2::text[]) AS wanted (territory, schedule)
"""
# Of each territory and kind of report those that were made before an instant, and are not under way.
_PURGE = """
UPDATE export_run SET purged_at = $1, version = version + 1 WHERE id IN (
    SELECT run.id FROM export_run AS run
      JOIN unnest($2::text[], $3::text[], $4::timestamptz[]) AS rule (territory, what, before)
        ON rule.territory = run.territory AND rule.what = run.what
     WHERE run.purged_at IS NULL AND run.state IN ('delivered', 'failed')
       AND run.built_at < rule.before AND run.built_at < $5
     ORDER BY run.built_at LIMIT $6 FOR UPDATE OF run SKIP LOCKED)
RETURNING id, territory
"""
_CLAIM = """
UPDATE export_run SET claim = claim + 1, tries = tries + 1, next_at = $2, version = version + 1,
       state = CASE WHEN built_at IS NULL THEN 'building' ELSE 'delivering' END
 WHERE id = (SELECT id FROM export_run WHERE next_at <= $1 ORDER BY next_at, id LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING *
"""


async def last_due(work: Work, schedules: Sequence[tuple[str, str]]) -> dict[tuple[str, str], datetime | None]:
    """By territory and schedule: the newest due instant that was planned."""
    territories, names = [it[0] for it in schedules], [it[1] for it in schedules]
    return {(row["territory"], row["schedule"]): row["due_at"] for row in await work.fetch(_LAST, territories, names)}


async def add(work: Work, territory: str, run: dict[str, Any]) -> Record | None:
    """A run that waits; None when its due instant was planned already."""
    codes = orjson.dumps(run["codes"]).decode() if run["codes"] else None
    return await work.fetchrow(
        _PLAN,
        *(work.new_id(), territory, run["schedule"], run["due_at"], run["recipient"], run["what"], run["period"]),
        *(run["formats"], orjson.dumps(run["destination"]).decode(), codes, run["rules_version"]),
        *(run["requested_by"], work.now, len(run["formats"]) + 2, run["due_at"] or work.now, run["inside"]),
    )


async def claim(work: Work, until: datetime) -> Record | None:
    """Takes the run that has waited longest, or whose lease is over, until then."""
    return await work.fetchrow(_CLAIM, work.now, until)


async def advance(work: Work, run: Record, steps: int) -> bool:
    """Notes progress. False when another has taken the run over."""
    tag = await work.execute(
        "UPDATE export_run SET steps_done = $3 WHERE id = $1 AND claim = $2", run["id"], run["claim"], steps
    )
    return tag == "UPDATE 1"


async def hold(work: Work, run: Record) -> bool:
    """The run waits for the approval of its period, which costs it no try. False when another has taken it over."""
    tag = await work.execute(
        "UPDATE export_run SET state = 'waiting_for_approval', waits_since = $3, next_at = NULL, tries = 0, "
        "steps_done = 0, version = version + 1 WHERE id = $1 AND claim = $2",
        *(run["id"], run["claim"], work.now),
    )
    return tag == "UPDATE 1"


async def release(work: Work, period_id: str) -> None:
    """The runs that waited for the approval of this period are taken next, each once."""
    await work.execute(
        "UPDATE export_run SET state = 'waiting', waits_since = NULL, next_at = $3, version = version + 1 "
        "WHERE territory = $1 AND period = $2 AND state = 'waiting_for_approval'",
        *(work.territory, period_id, work.now),
    )


async def built(work: Work, run: Record, files: Sequence[tuple[str, str, int, str, str]], *, provisional: bool) -> bool:
    """Keeps the files (name, media type, size, sha256, blob) of the run. False when another has taken it over."""
    tag = await work.execute(
        "UPDATE export_run SET state = 'delivering', built_at = $3, steps_done = steps_total - 1, "
        "provisional = $4, version = version + 1 WHERE id = $1 AND claim = $2 AND built_at IS NULL",
        *(run["id"], run["claim"], work.now, provisional),
    )
    if tag != "UPDATE 1":
        return False
    await work.executemany(
        "INSERT INTO export_file (run_id, territory, name, media_type, size, sha256, blob) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7)",
        [(run["id"], run["territory"], *file) for file in files],
    )
    return True


async def begin_delivery(work: Work, run: Record) -> Record | None:
    """Notes the attempt before anything is sent; the run as it was built. None when another has taken it over."""
    held = await work.fetchrow(
        "SELECT * FROM export_run WHERE id = $1 AND claim = $2 FOR UPDATE", run["id"], run["claim"]
    )
    if held is None:
        return None
    await work.execute(
        "INSERT INTO export_delivery (run_id, attempt, territory, begun_at) VALUES ($1, $2, $3, $4)",
        *(run["id"], run["claim"], run["territory"], work.now),
    )
    return held


async def was_cut_off(work: Work, run: Record) -> bool:
    """Whether an attempt began and nobody knows how it ended."""
    found: bool = await work.fetchval(
        "SELECT EXISTS (SELECT FROM export_delivery WHERE run_id = $1 AND ended_at IS NULL)", run["id"]
    )
    return found


async def end_deliveries(work: Work, run: Record, outcome: str, receipt: str | None) -> None:
    """Says how the attempt ended; one that was cut off before it ends with it."""
    await work.execute(
        "UPDATE export_delivery SET ended_at = $2, outcome = CASE WHEN attempt = $3 THEN $4 ELSE 'cut_off' END, "
        "receipt = CASE WHEN attempt = $3 THEN $5 END WHERE run_id = $1 AND ended_at IS NULL",
        *(run["id"], work.now, run["claim"], outcome, receipt),
    )


async def deliver(work: Work, run: Record, receipt: str) -> Record | None:
    """The run has arrived. None when another has taken it over."""
    return await work.fetchrow(
        "UPDATE export_run SET state = 'delivered', delivered_at = $3, receipt = $4, error = NULL, next_at = NULL, "
        "steps_done = steps_total, version = version + 1 WHERE id = $1 AND claim = $2 RETURNING *",
        *(run["id"], run["claim"], work.now, receipt),
    )


async def fail(work: Work, run: Record, error: str, again_at: datetime | None) -> bool:
    """The attempt failed: tried again then, or never by itself. False when another has taken the run over."""
    state = "failed" if again_at is None else "waiting"
    tag = await work.execute(
        "UPDATE export_run SET state = $3, error = $4, next_at = $5, version = version + 1 "
        "WHERE id = $1 AND claim = $2",
        *(run["id"], run["claim"], state, error, again_at),
    )
    return tag == "UPDATE 1"


async def retry(work: Work, run_id: UUID) -> Record | None:
    """A failed run waits again, with all its tries; None when it has not failed."""
    return await work.fetchrow(
        "UPDATE export_run SET state = 'waiting', next_at = $3, tries = 0, version = version + 1 "
        "WHERE id = $1 AND territory = $2 AND state = 'failed' AND purged_at IS NULL RETURNING *",
        *(run_id, work.territory, work.now),
    )


async def find(work: Work, run_id: UUID) -> Record | None:
    """A run of the territory, or None."""
    return await rows.find(work, "export_run", run_id)


async def listed(
    work: Work, *, state: str | None, schedule: str | None, after: UUID | None, limit: int
) -> list[Record]:
    """Runs of the territory, newest first."""
    filters = [("state = ?", state), ("schedule = ?", schedule)]
    return await rows.listed(work, "export_run", filters, latest_first=True, after=after, limit=limit)


async def files(work: Work, run_ids: Sequence[UUID]) -> list[Record]:
    """The files of these runs, by name."""
    return await work.fetch(
        "SELECT * FROM export_file WHERE territory = $1 AND run_id = ANY($2) ORDER BY run_id, name",
        *(work.territory, list(run_ids)),
    )


async def files_of(work: Work, run_ids: Sequence[UUID]) -> list[Record]:
    """The files of these runs, whatever their territory: for the system role."""
    return await work.fetch("SELECT territory, blob FROM export_file WHERE run_id = ANY($1)", list(run_ids))


async def purge(work: Work, cutoffs: Sequence[tuple[str, str, datetime]], limit: int) -> list[Record]:
    """Notes that runs gave up their files: by territory and kind of report those that were made before an instant."""
    columns = [list(column) for column in zip(*cutoffs, strict=True)]
    return await work.fetch(_PURGE, work.now, *columns, max(before for *_, before in cutoffs), limit)


async def deliveries(work: Work, run_id: UUID) -> list[Record]:
    """The attempts of a run, oldest first."""
    return await work.fetch(
        "SELECT * FROM export_delivery WHERE territory = $1 AND run_id = $2 ORDER BY attempt", work.territory, run_id
    )


async def fetch_file(work: Work, run_id: UUID, name: str, by: str) -> Record | None:
    """A file by its name; the first who fetches it is noted. None: there is none."""
    return await work.fetchrow(
        "UPDATE export_file SET fetched_at = coalesce(fetched_at, $4), fetched_by = coalesce(fetched_by, $5) "
        "WHERE territory = $1 AND run_id = $2 AND name = $3 RETURNING *",
        *(work.territory, run_id, name, work.now, by),
    )
