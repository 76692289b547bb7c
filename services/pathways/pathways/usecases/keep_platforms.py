"""Platforms of telemonitoring: their secrets, and the references under which they know patients."""

import os
from datetime import timedelta
from typing import Any
from uuid import UUID

from kit import rows
from kit.auth import Caller
from kit.crypto import Keyring
from kit.problems import Problem, or_404
from kit.standard_webhooks import secret_of
from kit.work import Record, Work
from pathways.store import alarms
from pathways.store.master_seals import PLATFORM_SECRET
from pathways.usecases.access import Access
from pathways.usecases.keep_duties import find_group
from pathways.usecases.settle_steps import lock_running

_KEY_BYTES = 32
OVERLAP = timedelta(hours=24)
"""How long the secret before the last one still serves."""


async def open_platform(work: Work, caller: Caller, keyring: Keyring, label: str, group_id: UUID) -> tuple[Record, str]:
    """The platform, and its secret for the only time. Raises Problem 404 `group_unknown`."""
    await find_group(work, group_id)
    platform_id, key = work.new_id(), os.urandom(_KEY_BYTES)
    sealed = keyring.encrypt_bytes(key, PLATFORM_SECRET.bound_to(work.territory, platform_id))
    values = {"id": platform_id, "label": label, "group_id": group_id, "secret": sealed}
    return await rows.add(work, alarms.PLATFORMS, caller.subject, **values), secret_of(key)


async def rotate_secret(work: Work, caller: Caller, keyring: Keyring, platform_id: UUID) -> tuple[Record, str]:
    """Another secret; the one before serves for a day. Raises Problem 404 or 409 `platform_closed`."""
    row, key = await _standing(work, platform_id), os.urandom(_KEY_BYTES)
    sealed = keyring.encrypt_bytes(key, PLATFORM_SECRET.bound_to(work.territory, platform_id))
    values = {"secret": sealed, "previous": row["secret"], "previous_until": work.now + OVERLAP}
    return await rows.change(work, alarms.PLATFORMS, platform_id, caller.subject, **values), secret_of(key)


async def close_platform(work: Work, caller: Caller, platform_id: UUID) -> Record:
    """Nothing is taken from it any more. Raises Problem 404 or 409 `platform_closed`."""
    await _standing(work, platform_id)
    return await rows.change(work, alarms.PLATFORMS, platform_id, caller.subject, closed_at=work.now)


async def list_platforms(work: Work, *, after: UUID | None, limit: int) -> list[Record]:
    """One more than `limit`."""
    return await rows.listed(work, alarms.PLATFORMS, [], after=after, limit=limit + 1)


async def give_ref(work: Work, access: Access, enrolment_id: UUID, platform_id: UUID) -> Record:
    """What the platform will call this patient on this pathway; the same while it stands.

    Raises Problem 403, 404, 409 `enrolment_closed` or `platform_closed`, 410.
    """
    enrolment = await lock_running(work, access, enrolment_id)
    await _standing(work, platform_id)
    known = await alarms.standing_ref(work, enrolment_id, platform_id)
    about: dict[str, Any] = {"enrolment_id": enrolment_id, "platform_id": platform_id}
    return known or await rows.add(
        work, alarms.REFS, access.caller.subject, patient_id=enrolment["patient_id"], **about
    )


async def end_ref(work: Work, access: Access, ref: UUID) -> Record:
    """The platform says nothing of this patient any more. Raises Problem 403, 404, 409 `ref_ended` or 410."""
    row = or_404(await rows.find(work, alarms.REFS, ref, lock=True), "ref_unknown", "No such reference")
    await access.check(row["patient_id"], "pathway", "write", enrolment_id=row["enrolment_id"], action="end_alarm_ref")
    if row["ended_at"] is not None:
        raise Problem(409, "ref_ended", "It has ended before")
    return await rows.change(work, alarms.REFS, ref, access.caller.subject, ended_at=work.now)


def keys_of(work: Work, keyring: Keyring, row: Record) -> list[bytes]:
    """Keys that may sign now."""
    context = PLATFORM_SECRET.bound_to(row["territory"], row["id"])
    keys = [keyring.decrypt_bytes(row["secret"], context)]
    if row["previous"] is not None and row["previous_until"] > work.now:
        keys.append(keyring.decrypt_bytes(row["previous"], context))
    return keys


async def _standing(work: Work, platform_id: UUID) -> Record:
    row = or_404(
        await rows.find(work, alarms.PLATFORMS, platform_id, lock=True), "platform_unknown", "No such platform"
    )
    if row["closed_at"] is not None:
        raise Problem(409, "platform_closed", "This platform was closed")
    return row
