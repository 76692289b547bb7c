"""What the desk sees of exports: runs, their files, every attempt, and a file itself."""

from dataclasses import dataclass
from uuid import UUID

from indicators.store import export_runs
from kit.problems import Problem
from kit.work import Record, Work


@dataclass(frozen=True)
class FoundRun:
    """A run with its files."""

    run: Record
    files: list[Record]


async def list_exports(
    work: Work, *, state: str | None, schedule: str | None, after: UUID | None, limit: int
) -> list[FoundRun]:
    """Runs of the territory, newest first."""
    found = await export_runs.listed(work, state=state, schedule=schedule, after=after, limit=limit)
    files = await export_runs.files(work, [run["id"] for run in found])
    return [FoundRun(run, [it for it in files if it["run_id"] == run["id"]]) for run in found]


async def find_export(work: Work, run_id: UUID) -> FoundRun:
    """A run of the caller's territory. Raises Problem 404."""
    run = await export_runs.find(work, run_id)
    if run is None:
        raise Problem(404, "export_run_unknown", "No such export in this territory")
    return FoundRun(run, await export_runs.files(work, [run_id]))


def refuse_purged(run: Record) -> None:
    """Raises Problem 410 for a run that has given up its files."""
    if run["purged_at"] is not None:
        raise Problem(410, "export_purged", f"Its files were given up on {run['purged_at']:%Y-%m-%d}, as agreed")


async def list_attempts(work: Work, run_id: UUID) -> list[Record]:
    """Every attempt to deliver a run, oldest first."""
    return await export_runs.deliveries(work, run_id)


async def fetch_file(work: Work, run_id: UUID, name: str, by: str) -> Record:
    """A file of a run; the first who fetches it is noted. Raises Problem 404, and 410 once its time is over."""
    refuse_purged((await find_export(work, run_id)).run)
    file = await export_runs.fetch_file(work, run_id, name, by)
    if file is None:
        raise Problem(404, "export_file_unknown", "This export has no such file")
    return file
