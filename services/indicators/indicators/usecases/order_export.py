"""Order an export by hand, and have a failed one delivered again."""

from collections.abc import Sequence
from uuid import UUID

from indicators.domain.due import fits
from indicators.domain.exports import FormatName, What
from indicators.domain.periods import BadPeriodError
from indicators.store import export_runs
from indicators.usecases.find_exports import find_export, refuse_purged
from indicators.usecases.load_exports import ExportBook
from kit.problems import Problem, field_problem
from kit.work import Record, Work


async def order_export(
    work: Work, book: ExportBook, by: str, *, what: What, period: str, formats: Sequence[FormatName], inside: bool
) -> Record:
    """A run that is kept for download; the worker makes it within about a second, for readers outside once approved.

    Raises Problem 422, and 409 `period_not_over` for readers outside.
    """
    rules = book.of(work.territory)
    try:
        wanted = book.catalogues.of(work.territory).period(period)
    except BadPeriodError as error:
        raise field_problem("period", "period_invalid", str(error)) from None
    if not fits(what, wanted):
        raise field_problem("period", "period_unfit", f"A {what} is not made of the period {period}")
    if wanted.kind == "campaign" and "dhis2" in formats:
        raise field_problem("formats", "format_unfit", "DHIS2 has no period for a campaign")
    if not inside and wanted.is_open(work.now):
        raise Problem(409, "period_not_over", f"{wanted.id} goes on until {wanted.end.isoformat()}")
    run = await export_runs.add(
        work,
        work.territory,
        {
            "schedule": None,
            "due_at": None,
            "recipient": None,
            "inside": inside,
            "what": what,
            "period": wanted.id,
            "formats": list(dict.fromkeys(formats)),
            "destination": {"kind": "download"},
            "codes": None,
            "rules_version": rules.version,
            "requested_by": by,
        },
    )
    assert run is not None  # noqa: S101 - without a due instant nothing can be planned already
    return run


async def retry_export(work: Work, run_id: UUID) -> Record:
    """A failed run is tried again from where it failed.

    Raises Problem 404, 409 `run_not_failed`, 410 `export_purged`.
    """
    refuse_purged((await find_export(work, run_id)).run)
    run = await export_runs.retry(work, run_id)
    if run is None:
        raise Problem(409, "run_not_failed", "Only a failed run is tried again by hand")
    return run
