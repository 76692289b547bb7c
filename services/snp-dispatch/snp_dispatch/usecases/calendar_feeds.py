"""A practitioner's agenda under a private address, which any calendar program can subscribe to."""

import hashlib
from datetime import timedelta
from uuid import UUID

from kit.auth import Caller
from kit.problems import Problem
from kit.work import Record, Work
from snp_dispatch.domain.agenda import Entry, calendar
from snp_dispatch.store import calendar_feeds, effectors
from snp_dispatch.store.rows import present
from snp_dispatch.store.rules import Rules
from snp_dispatch.usecases import access
from snp_dispatch.usecases.problems import not_found

BEFORE, AFTER = timedelta(days=7), timedelta(days=60)
MOST = 5000
"""Slots in one file."""


def digest(secret: str) -> bytes:
    """What is stored of a secret: it is random and long, so a plain digest is enough."""
    return hashlib.sha256(secret.encode()).digest()


async def open_feed(work: Work, caller: Caller, effector_id: str, secret: str) -> Record:
    """Makes a private address. Raises Problem 403 or 404."""
    access.own_agenda(caller, effector_id)
    if await effectors.find(work, effector_id) is None:
        raise Problem(404, "effector_unknown", "No professional or structure of this number is known")
    feed_id = work.new_id()
    await calendar_feeds.insert(work, feed_id, effector_id, digest(secret))
    return present(await calendar_feeds.get(work, feed_id))


async def list_feeds(work: Work, caller: Caller, effector_id: str, *, after: UUID | None, limit: int) -> list[Record]:
    """Addresses without their secrets. Raises Problem 403."""
    access.own_agenda(caller, effector_id)
    return await calendar_feeds.page(work, effector_id, after=after, limit=limit)


async def revoke_feed(work: Work, caller: Caller, effector_id: str, feed_id: UUID) -> Record:
    """The address answers 404 from now on; revoking twice changes nothing. Raises Problem 403 or 404."""
    access.own_agenda(caller, effector_id)
    found = await calendar_feeds.get(work, feed_id)
    if found is None or found["effector_id"] != effector_id:
        raise not_found("calendar_feed")
    await calendar_feeds.revoke(work, feed_id)
    return present(await calendar_feeds.get(work, feed_id))


async def read_feed(work: Work, rules: Rules, secret: str) -> bytes:
    """The agenda behind an address, as iCalendar. Raises Problem 404 for a wrong or revoked secret."""
    owner = await calendar_feeds.owner(work, digest(secret))
    if owner is None:
        raise Problem(404, "calendar_feed_not_found", "No such calendar, or it was revoked")
    rows = await calendar_feeds.agenda(work, owner, work.now - BEFORE, work.now + AFTER, MOST)
    return calendar((_entry(rules, row) for row in rows), work.now)


def _entry(rules: Rules, row: Record) -> Entry:
    fields = {name: row[name] for name in ("slot_id", "starts_at", "ends_at", "booked", "capacity", "version")}
    return Entry(**fields, place=rules.gazetteer.name(row["commune"]))
