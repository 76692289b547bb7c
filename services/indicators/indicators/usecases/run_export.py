"""Make what was planned and bring it to its destination. A job of the worker.

The job claims a run for some minutes and commits that before anything is made: no transaction stays open for a slow
server. A process that dies leaves its run to whoever comes when the lease is over. Files are made once, so every
attempt delivers the same bytes under the same key; a destination that knows the key takes nothing twice. E-mail does
not: an attempt that was cut off is never repeated by itself, it is shown as `unsure`.
"""

import asyncio
import hashlib
import os
from datetime import timedelta

import structlog
from pydantic import TypeAdapter

from contracts.envelope import NATIONAL
from contracts.indicators import ExportDelivered
from indicators.destinations import DeliveryError, Means, Parcel, ParcelFile, Smtp, deliver
from indicators.domain.delivery import TELLS_REPEATS, again_at
from indicators.domain.exports import Destination
from indicators.domain.periods import BadPeriodError
from indicators.formats import FORMATS, UnwritableError, file_name, write
from indicators.settings import IndicatorsSettings
from indicators.store import export_runs
from indicators.usecases.build_report import build_report
from indicators.usecases.hold_export import may_go_out
from indicators.usecases.load_exports import EXPORTS, ExportBook
from kit.blobs import read_bytes, write_bytes
from kit.runtime import Runtime
from kit.work import Record, Work

log = structlog.get_logger(__name__)

LEASE = timedelta(minutes=10)
DELIVERY_SECONDS = 120
AT_ONCE = 2
"""Runs of a process at a time."""
_DESTINATION: TypeAdapter[Destination] = TypeAdapter(Destination)


class _LostError(Exception):
    """Another process has taken the run over."""


class Exporter:
    """The job. `run` claims and begins; `settle` waits for what was begun (tests)."""

    def __init__(self, settings: IndicatorsSettings) -> None:
        self._settings = settings
        self._busy = set[asyncio.Task[None]]()

    async def run(self, runtime: Runtime) -> int:
        """Begins the run that has waited longest; answers how many it began (0 or 1)."""
        if len(self._busy) >= AT_ONCE:
            return 0
        async with runtime.system.work(NATIONAL) as work:
            run = await export_runs.claim(work, work.now + LEASE)
        if run is None:
            return 0
        task = asyncio.create_task(self._see_through(runtime, run))
        self._busy.add(task)
        task.add_done_callback(self._busy.discard)
        return 1

    async def settle(self) -> None:
        await asyncio.gather(*self._busy)

    async def _see_through(self, runtime: Runtime, run: Record) -> None:
        try:
            book: ExportBook = runtime.extras[EXPORTS]
            if run["tries"] > len(book.of(run["territory"]).waits_minutes) + 1:
                raise DeliveryError("gave_up", final=True)  # whoever takes it up does not live to tell
            if run["built_at"] is None and not await _build(runtime, run):
                return
            await _send(runtime, self._settings, run)
        except _LostError:
            log.info("export taken over by another process", run=str(run["id"]))
        except Exception as error:  # noqa: BLE001 - kept with the run, tried again and then shown
            await _failed(runtime, run, error)


async def _build(runtime: Runtime, run: Record) -> bool:
    """Makes the files. False when the run goes outside and its period is not approved: then it waits for that."""
    book: ExportBook = runtime.extras[EXPORTS]
    async with runtime.db.work(run["territory"]) as work:
        report = await build_report(work, book, run) if await may_go_out(work, run) else None
    if report is None:
        return False
    await _progress(runtime, run, 1)
    made: list[tuple[str, str, int, str, str]] = []
    try:
        for number, name in enumerate(run["formats"], 2):
            content = await asyncio.to_thread(write, name, report)
            key = await write_bytes(runtime.blobs, content)
            digest = hashlib.sha256(content).hexdigest()
            made.append((file_name(name, report), FORMATS[name].media_type, len(content), digest, key))
            await _progress(runtime, run, number)
        async with runtime.db.work(run["territory"]) as work:
            if not await export_runs.built(work, run, made, provisional=report.provisional):
                raise _LostError
    except BaseException:
        for *_, key in made:
            await runtime.blobs.delete(key)
        raise
    return True


async def _progress(runtime: Runtime, run: Record, steps: int) -> None:
    async with runtime.db.work(run["territory"]) as work:
        if not await export_runs.advance(work, run, steps):
            raise _LostError


async def _send(runtime: Runtime, settings: IndicatorsSettings, run: Record) -> None:
    destination = _DESTINATION.validate_python(run["destination"])
    async with runtime.db.work(run["territory"]) as work:
        cut_off = await export_runs.was_cut_off(work, run)
        built = await export_runs.begin_delivery(work, run)
        if built is None:
            raise _LostError
        files = await export_runs.files(work, [run["id"]])
    if cut_off and destination.kind not in TELLS_REPEATS:
        raise DeliveryError("unsure", unsure=True)
    parcel = await _parcel(runtime, built, files)
    receipt = await _delivered(parcel, destination, means_of(settings, runtime, run))
    async with runtime.db.work(run["territory"]) as work:
        await export_runs.end_deliveries(work, run, "delivered", receipt)
        done = await export_runs.deliver(work, run, receipt)
        if done is None:
            raise _LostError
        _tell(work, done, parcel)


async def _delivered(parcel: Parcel, destination: Destination, means: Means) -> str:
    try:
        async with asyncio.timeout(DELIVERY_SECONDS):
            return await deliver(parcel, destination, means)
    except TimeoutError:
        raise DeliveryError("timeout", unsure=destination.kind not in TELLS_REPEATS) from None


async def _parcel(runtime: Runtime, run: Record, files: list[Record]) -> Parcel:
    book: ExportBook = runtime.extras[EXPORTS]
    day = (run["due_at"] or run["requested_at"]).astimezone(book.of(run["territory"]).zone).date().isoformat()
    return Parcel(
        key=str(run["id"]),
        folder="_".join((day, run["territory"], run["schedule"] or str(run["id"]))),
        told={it: run[it] for it in ("territory", "recipient", "what", "period", "provisional")},
        files=tuple(
            [
                ParcelFile(it["name"], it["media_type"], it["sha256"], await read_bytes(runtime.blobs, it["blob"]))
                for it in files
            ]
        ),
    )


def means_of(settings: IndicatorsSettings, runtime: Runtime, run: Record) -> Means:
    """What this process delivers with."""
    smtp = Smtp(
        settings.smtp_host,
        settings.smtp_port,
        settings.smtp_tls,
        settings.smtp_user,
        settings.smtp_password,
        settings.mail_from,
    )
    link = f"{settings.public_url.rstrip('/')}/v1/export-runs/{run['id']}"
    return Means(os.environ, settings.exports_dir, link, runtime.clock.now(), smtp, settings.exports_local)


def _tell(work: Work, run: Record, parcel: Parcel) -> None:
    work.emit(
        ExportDelivered(
            export_run_id=run["id"],
            schedule=run["schedule"],
            what=run["what"],
            period=run["period"],
            formats=tuple(run["formats"]),
            destination=run["destination"]["kind"],
            tries=run["tries"],
            files=len(parcel.files),
            size=sum(len(it.content) for it in parcel.files),
        ),
        version=run["version"],
    )


async def _failed(runtime: Runtime, run: Record, error: Exception) -> None:
    book: ExportBook = runtime.extras[EXPORTS]
    code, final = _cause(error)
    async with runtime.db.work(run["territory"]) as work:
        again = None if final else again_at(book.of(run["territory"]).waits_minutes, run["tries"], work.now)
        if await export_runs.fail(work, run, code, again):
            await export_runs.end_deliveries(work, run, code, None)
    known = isinstance(error, (DeliveryError, UnwritableError, BadPeriodError))
    log.log(30 if known else 40, "export failed", run=str(run["id"]), code=code, exc_info=None if known else error)


def _cause(error: Exception) -> tuple[str, bool]:
    """A stable code, and whether trying again is of no use."""
    match error:
        case DeliveryError():
            return error.code, error.final
        case UnwritableError():
            return error.code, True
        case BadPeriodError():
            return "period_unknown", True
        case FileNotFoundError():
            return "file_gone", True
    return "internal", False
