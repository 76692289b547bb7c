"""The patient's name and phone: sealed when they come in, read under audit, purged."""

from datetime import timedelta
from typing import TypeAlias
from uuid import UUID

import orjson

from kit.auth import Caller
from kit.crypto import Keyring, UndecryptableError
from kit.problems import Problem
from kit.work import Work
from snp_dispatch.store import contacts
from snp_dispatch.usecases import access
from snp_dispatch.usecases.problems import not_found

Contact: TypeAlias = dict[str, str | None] | None
"""Name and phone as the caller gave them, or nothing."""


def given_fields(contact: Contact) -> list[str]:
    """Which of name and phone were given. Says nothing of whom."""
    return sorted(name for name, value in (contact or {}).items() if value)


async def seal_contact(
    work: Work, keyring: Keyring, call_id: UUID, contact: dict[str, str | None], retention_days: int
) -> None:
    """Keeps a contact that only `read_contact` gives back, for the days of the policy."""
    sealed = keyring.encrypt(orjson.dumps(contact).decode(), _context(call_id))
    await contacts.insert(work, call_id, sealed, work.now + timedelta(days=retention_days))


async def read_contact(work: Work, keyring: Keyring, caller: Caller, call_id: UUID) -> dict[str, str | None]:
    """Opens a contact and writes down who read it and why they may.

    Raises Problem 404 `call_not_found`, `contact_not_found` (none given, or purged), 403 `contact_not_yours`.
    """
    row = await contacts.get(work, call_id)
    if row is None:
        raise not_found("call")
    ground = await access.contact_ground(work, caller, row)
    if row["sealed"] is None:
        raise not_found("contact")
    try:
        contact: dict[str, str | None] = orjson.loads(keyring.decrypt(row["sealed"], _context(call_id)))
    except UndecryptableError:
        raise Problem(500, "contact_sealed", "The key of this contact is not there any more") from None
    await contacts.log_read(
        work,
        call_id,
        client=caller.subject,
        role=caller.role,
        organisation=caller.organisation,
        rpps=caller.rpps,
        ground=ground,
    )
    return contact


def _context(call_id: UUID) -> bytes:
    return b"call-contact:" + call_id.bytes
