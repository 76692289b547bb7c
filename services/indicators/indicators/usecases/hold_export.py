"""Readers outside see closed periods only: an export to them waits for the approval of its period."""

from indicators.store import export_runs, periods
from indicators.usecases.show_figures import closed_row
from kit.work import Record, Work


async def may_go_out(work: Work, run: Record) -> bool:
    """Whether the run may be made now; else it is held, and the approval sets it free.

    Both take the lock of the territory's periods, so that an approval is either seen here or finds the run held. A
    period that is reopened after this has lost nothing: what goes out is the approved version.
    """
    if run["inside"]:
        return True
    await periods.lock(work, [run["territory"]])
    if await closed_row(work, run["period"]):
        return True
    await export_runs.hold(work, run)
    return False
