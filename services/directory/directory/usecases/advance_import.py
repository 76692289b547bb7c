"""Working an import off, one bounded batch per transaction.

Everything a run knows of itself (how far it read, up to whom it merged, what it counted) is stored in
the transaction of the batch that it tells of. A worker killed at any moment loses that batch and nothing
else: the next one, in any process, goes on from the same place and counts nothing twice.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from uuid import UUID

import structlog

from contracts.directory import ImportCompleted
from contracts.envelope import NATIONAL
from directory.domain.finess_codes import FinessCodes
from directory.domain.imports import Counts
from directory.domain.nomenclature import Nomenclature
from directory.domain.rpps_file import HeaderRefusedError
from directory.store import finess, imports, name_words, search_counts
from directory.store.tables import ImportRun
from directory.usecases.flag_gone import flag_gone, refuse_many_gone
from directory.usecases.index_communes import Communes
from directory.usecases.merge_finess import flag_sites_gone, merge_finess, refuse_many_sites_gone
from directory.usecases.merge_professionals import Rules, merge_professionals
from directory.usecases.merge_structures import merge_structures
from directory.usecases.read_finess import read_finess
from directory.usecases.read_lines import read_lines
from kit.blobs import BlobStore
from kit.work import Work

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Importer:
    """What an import needs beside its rows. `batch` bounds the lines of one transaction."""

    blobs: BlobStore
    nomenclature: Nomenclature
    communes: Communes
    batch: int
    gone_share: float
    finess: FinessCodes


@dataclass
class Progress:
    """The run at hand and its counts; a step takes at most `room` lines and answers how many it took."""

    run: ImportRun
    counts: Counts
    room: int


Step = Callable[[Work, Importer, Progress], Awaitable[int]]


async def advance_import(work: Work, importer: Importer) -> int:
    """Takes the oldest unfinished run one batch further. Answers 0 when there is nothing to do."""
    run = await imports.claim_oldest(work)
    if run is None:
        return await _drop_file(work, importer)
    await imports.plan_anew(work)
    progress = Progress(run, Counts.model_validate(run.counts), importer.batch)
    if run.state == "queued":
        run.state, run.started_at = "running", work.now
        await _clear(work, run.id)
    elif run.source == "rpps" and not await imports.staging_is_of(work, run.id):
        await _begin_again(work, progress)
    try:
        await _steps(work, importer, progress)
    except HeaderRefusedError as error:
        _fail(work, run, error.code, error.detail)
    except FileNotFoundError:
        _fail(work, run, "file_lost", "The uploaded file is gone: send it again")
    run.counts = progress.counts.model_dump()
    await imports.save(work, run)
    return 1


async def _clear(work: Work, import_id: UUID | None) -> None:
    await imports.clear_staging(work, import_id)
    await finess.clear(work)


async def _begin_again(work: Work, progress: Progress) -> None:
    """The database came back from a crash without the staged lines: what was merged counts as unchanged now."""
    run, progress.counts = progress.run, Counts()
    run.phase, run.last_line, run.read_bytes, run.merged_up_to = "reading", 0, 0, ""
    await _clear(work, run.id)
    await imports.forget_told(work, run.id)
    log.warning("import begins again", import_id=str(run.id))


async def _steps(work: Work, importer: Importer, progress: Progress) -> None:
    phases = _OF_RPPS if progress.run.source == "rpps" else _OF_FINESS
    while progress.room > 0 and progress.run.state == "running":
        step, following = phases[progress.run.phase]
        taken = await step(work, importer, progress)
        progress.room -= taken
        if not taken and progress.run.state == "running":
            progress.run.phase, progress.run.merged_up_to = following, ""
            if following == "done":
                await _complete(work, progress.run, progress.counts)


async def _read(work: Work, importer: Importer, progress: Progress) -> int:
    professions = importer.nomenclature.professions
    return await read_lines(
        work, importer.blobs, progress.run, progress.counts, professions=professions, room=progress.room
    )


async def _merge_persons(work: Work, importer: Importer, progress: Progress) -> int:
    rules = Rules(importer.nomenclature, await importer.communes(work))
    return await merge_professionals(work, progress.run, progress.counts, rules, room=progress.room)


async def _check_gone(work: Work, importer: Importer, progress: Progress) -> int:
    """Before anything is merged: a file that was cut short changes nothing at all."""
    check = refuse_many_gone if progress.run.source == "rpps" else refuse_many_sites_gone
    refusal = await check(work, progress.run, importer.gone_share)
    if refusal is not None:
        _fail(work, progress.run, "too_many_gone", refusal)
    return 0


async def _flag_gone(work: Work, importer: Importer, progress: Progress) -> int:
    flag = flag_gone if progress.run.source == "rpps" else flag_sites_gone
    return await flag(work, progress.run, progress.counts)


async def _merge_structures(work: Work, importer: Importer, progress: Progress) -> int:
    return await merge_structures(work, progress.run, progress.counts, await importer.communes(work))


async def _read_finess(work: Work, importer: Importer, progress: Progress) -> int:
    return await read_finess(work, importer.blobs, progress.run, progress.counts, room=progress.room)


async def _merge_finess(work: Work, importer: Importer, progress: Progress) -> int:
    return await merge_finess(work, progress.run, progress.counts, await importer.communes(work), importer.finess)


_OF_RPPS: dict[str, tuple[Step, str]] = {
    "reading": (_read, "checking"),
    "checking": (_check_gone, "persons"),
    "persons": (_merge_persons, "gone"),
    "gone": (_flag_gone, "structures"),
    "structures": (_merge_structures, "done"),
}
_OF_FINESS: dict[str, tuple[Step, str]] = {
    "reading": (_read_finess, "checking"),
    "checking": (_check_gone, "structures"),
    "structures": (_merge_finess, "gone"),
    "gone": (_flag_gone, "done"),
}


async def _complete(work: Work, run: ImportRun, counts: Counts) -> None:
    run.state, run.finished_at = "completed", work.now
    await _clear(work, None)
    if counts.persons_added or counts.persons_changed or counts.persons_gone:
        await name_words.count_common(work)
        await search_counts.recount(work)
    of = "persons" if run.source == "rpps" else "structures"
    told = ImportCompleted(
        import_id=run.id,
        source="rpps" if run.source == "rpps" else "finess",
        lines_read=counts.lines_read,
        lines_rejected=counts.lines_rejected,
        **{it: getattr(counts, f"{of}_{it}") for it in ("added", "changed", "unchanged", "gone")},
    )
    work.emit(told, version=1, territory=NATIONAL)
    log.info(
        "import completed", import_id=str(run.id), **counts.model_dump(exclude={"rejected_by_cause", "warned_by_cause"})
    )


def _fail(work: Work, run: ImportRun, code: str, detail: str) -> None:
    run.state, run.finished_at = "failed", work.now
    run.failure_code, run.failure_detail = code, detail
    log.warning("import failed", import_id=str(run.id), code=code)


async def _drop_file(work: Work, importer: Importer) -> int:
    """Deletes the file of a finished run: its lines are in the tables, its digest stays with the run."""
    run = await imports.finished_with_file(work)
    if run is None or run.blob_key is None:
        return 0
    await importer.blobs.delete(run.blob_key)
    run.blob_key = None
    await imports.save(work, run)
    return 1
