"""Plan the exports that have fallen due, each due instant once. A job of the worker.

After a stop all that was missed is planned, oldest first: each tells of a period of its own.
"""

from typing import Any

from indicators.domain.due import due_instants, period_due
from indicators.domain.exports import ExportRules, Schedule
from indicators.store import export_runs
from indicators.usecases.load_exports import ExportBook
from kit.work import Work


async def plan_exports(work: Work, book: ExportBook) -> int:
    """Adds a run for each due instant up to now that has none; answers how many. Safe with any number of replicas."""
    known = {(slug, it.id): (rules, it) for slug, rules in book.rules.items() for it in rules.schedules}
    last = await export_runs.last_due(work, list(known))
    planned = 0
    for (territory, name), (rules, schedule) in known.items():
        for due in due_instants(schedule, rules.zone, last[territory, name], work.now):
            period = period_due(schedule, due, book.catalogues.of(territory))
            if period is None:
                continue  # the campaign was never yet over: nothing is owed
            run = _run(rules, schedule) | {"due_at": due, "period": period.id}
            planned += await export_runs.add(work, territory, run) is not None
    return planned


def _run(rules: ExportRules, schedule: Schedule) -> dict[str, Any]:
    """The schedule as it is now: a run is what was owed on its day, whatever becomes of the file."""
    return {
        "schedule": schedule.id,
        "recipient": schedule.recipient,
        "inside": schedule.inside,
        "what": schedule.what,
        "formats": list(schedule.formats),
        "destination": schedule.destination.model_dump(),
        "codes": schedule.codes.model_dump() if schedule.codes else None,
        "rules_version": rules.version,
        "requested_by": None,
    }
