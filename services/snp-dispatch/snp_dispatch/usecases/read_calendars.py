"""Reads the calendars that effectors keep elsewhere, each when it is due. A job of the worker.

The job only claims addresses, for two minutes: asking a server takes seconds, and no transaction stays open for it.
Each address is read by itself, so that one that fails or hangs keeps no other waiting. The result is written when the
address is still the one that was claimed. Neither an address nor an answer is ever logged.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

import structlog

from kit import outbound
from kit.crypto import Keyring, UndecryptableError
from kit.database import Database
from kit.work import Record, Work
from snp_dispatch.domain.busy import BusyTime, CalendarRefused, busy_time
from snp_dispatch.domain.busy_calendar import BusyCalendarRules, Result
from snp_dispatch.store import busy_calendars
from snp_dispatch.store.busy_calendars import Said, Whole
from snp_dispatch.store.rules import Rules
from snp_dispatch.usecases.follow_calendar import context
from snp_dispatch.usecases.import_busy import AHEAD, apply_busy, lock_agenda

log = structlog.get_logger(__name__)

AT_ONCE = 16
"""Addresses that a process reads side by side."""
LEASE = timedelta(minutes=2)
NOT_MODIFIED, FINE = 304, 200
_LONGEST_MARK = 500


@dataclass(frozen=True)
class _Found:
    """What a server answered: `busy` when there was a whole calendar."""

    result: Result
    status: int | None = None
    busy: BusyTime | None = None
    etag: str | None = None
    last_modified: str | None = None

    @property
    def failed(self) -> bool:
        return self.result not in ("read", "unchanged")


class Reader:
    """The job. `run` claims and begins; `settle` waits for what was begun (tests)."""

    def __init__(self, rules: Rules, *, local: bool) -> None:
        self._rules, self._local = rules, local
        self._reading = set[asyncio.Task[None]]()

    async def run(self, work: Work, database: Database, keyring: Keyring) -> int:
        """Begins to read what is due, as far as there is room; answers how many."""
        room = AT_ONCE - len(self._reading)
        due = await busy_calendars.claim_due(work, work.now + LEASE, room) if room > 0 else []
        for row in due:
            task = asyncio.create_task(self._read(database, keyring, row))
            self._reading.add(task)
            task.add_done_callback(self._reading.discard)
        return len(due)

    async def settle(self) -> None:
        await asyncio.gather(*self._reading)

    async def _read(self, database: Database, keyring: Keyring, row: Record) -> None:
        try:
            found = await self._ask(database, keyring, row)
            async with database.work(row["territory"]) as work:
                await self._write(work, row, found)
        except Exception as error:  # noqa: BLE001 - tried again when the lease ends
            log.error("busy calendar failed", territory=row["territory"], error=type(error).__name__)

    async def _ask(self, database: Database, keyring: Keyring, row: Record) -> _Found:
        rule, now = self._rules.busy_calendar(row["territory"]), database.clock.now()
        try:
            address = keyring.decrypt(row["sealed"], context(row["territory"], row["effector_id"]))
        except UndecryptableError:
            return _Found("sealed")
        try:
            answer = await outbound.get(
                address,
                headers=_conditions(row) if rule.may_skip(now, row["whole_at"]) else {},
                max_bytes=rule.max_bytes,
                seconds=rule.seconds,
                local=self._local,
            )
        except outbound.OutboundError as error:
            return _Found(error.code)
        if answer.status == NOT_MODIFIED:
            return _Found("unchanged")
        if answer.status != FINE:
            return _Found("status", answer.status)
        text = answer.body.decode("utf-8-sig", errors="replace")
        try:
            # A large calendar takes a second: in a thread, so that timers fire meanwhile.
            zone = ZoneInfo(self._rules.zones.default)
            busy = await asyncio.to_thread(busy_time, text, now, now + AHEAD, zone)
        except CalendarRefused:
            return _Found("not_a_calendar")
        return _Found("read", None, busy, _mark(answer.headers, "etag"), _mark(answer.headers, "last-modified"))

    async def _write(self, work: Work, row: Record, found: _Found) -> None:
        effector_id, rule = row["effector_id"], self._rules.busy_calendar(row["territory"])
        await lock_agenda(work, effector_id)
        if await busy_calendars.lock(work, effector_id) != row["version"]:
            return
        if found.busy is not None:
            done = await apply_busy(work, self._rules, effector_id, found.busy)
            counts = (done.periods, done.skipped, len(done.withdrawn), len(done.reopened), done.conflicts)
            await busy_calendars.whole(work, effector_id, Whole(found.etag, found.last_modified, *counts))
        await busy_calendars.said(work, effector_id, _said(work, rule, row, found))
        if found.failed:
            log.info("busy calendar not read", territory=work.territory, result=found.result, status=found.status)


def _said(work: Work, rule: BusyCalendarRules, row: Record, found: _Found) -> Said:
    failures = row["failures"] + 1 if found.failed else 0
    return Said(found.result, found.status, failures, rule.next_read(work.now, failures))


def _conditions(row: Record) -> dict[str, str]:
    marks = {"If-None-Match": row["etag"], "If-Modified-Since": row["last_modified"]}
    return {name: value for name, value in marks.items() if value}


def _mark(headers: Mapping[str, str], name: str) -> str | None:
    """A mark that can be sent back as it came; a longer or stranger one is left out."""
    value = headers.get(name, "")
    return value if 0 < len(value) <= _LONGEST_MARK and value.isascii() and value.isprintable() else None
