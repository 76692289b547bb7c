"""The minutes of a meeting (*procès-verbal*): a draft from the record, free text by item, signatures."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from directory.domain.as_of import paris_day
from directory.domain.association import BUREAU, Association
from directory.store import mandates, minutes
from directory.usecases.access import COORDINATOR
from directory.usecases.find_meeting import MeetingView, find_meeting, show_meeting
from directory.usecases.load_reference import Reference
from directory.usecases.meeting_documents import readable_meeting
from directory.usecases.record_meeting import record_meeting
from directory.usecases.write_html import write_html
from kit.auth import Caller
from kit.crypto import Keyring
from kit.pdf import write_pdf
from kit.problems import Problem, field_problem, or_404
from kit.versions import check_version
from kit.work import Record, Work

MinutesFormat = Literal["pdf", "html"]


@dataclass(frozen=True)
class MinutesView:
    """Minutes, with the signatures of the text as it stands."""

    row: Record
    texts: list[dict[str, Any]]
    approval: dict[str, Any] | None
    signatures: list[Record]

    @property
    def by_item(self) -> dict[int, str]:
        return {it["item"]: it["text"] for it in self.texts}


async def show_minutes(work: Work, caller: Caller, rules: Association, meeting_id: UUID) -> MinutesView:
    """Approved ones for those who could attend, drafts for a coordinator and officers.

    Raises Problem 403 `not_invited`, 404 `meeting_unknown`, `minutes_unknown`.
    """
    await readable_meeting(work, caller, rules, meeting_id)
    found = await minutes.find(work, meeting_id)
    if found is None or (found["state"] == "draft" and not await _sees_drafts(work, caller)):
        raise Problem(404, "minutes_unknown", "No minutes of this meeting, or none that are approved")
    return await _view(work, found)


async def write_minutes(
    work: Work,
    caller: Caller,
    rules: Association,
    *,
    meeting_id: UUID,
    texts: Sequence[Mapping[str, Any]],
    if_match: str | None,
) -> MinutesView:
    """The free texts, all of them. What was signed before is to be signed again.

    Raises Problem 404, 409 `minutes_approved`, `meeting_cancelled`, 412, 422 `item_unknown`.
    """
    meeting = await find_meeting(work, meeting_id)
    if meeting["state"] == "cancelled":
        raise Problem(409, "meeting_cancelled", "A cancelled meeting has no minutes")
    items = len(meeting["agenda"])
    if any(it["item"] > items for it in texts):
        raise field_problem("texts", "item_unknown", f"The agenda has {items} items; 0 stands for none of them")
    await minutes.begin(work, meeting_id, caller.subject)
    draft = await locked_draft(work, meeting_id)
    check_version(if_match, draft["version"])
    await minutes.write(work, meeting_id, [dict(it) for it in texts], caller.subject)
    return await _view(work, await locked_draft(work, meeting_id))


async def locked_draft(work: Work, meeting_id: UUID) -> Record:
    """Raises Problem 404 `minutes_unknown`, 409 `minutes_approved`."""
    found = or_404(await minutes.find(work, meeting_id, lock=True), "minutes_unknown", "Write the minutes first")
    if found["state"] == "approved":
        raise Problem(409, "minutes_approved", f"They are approved, number {found['number']}: they change no more")
    return found


async def read_minutes(
    work: Work, caller: Caller, keyring: Keyring, reference: Reference, *, meeting_id: UUID, wanted: MinutesFormat
) -> tuple[MinutesView, bytes]:
    """The file: that of the approval, the same bytes each time; a draft as it would be now. Raises Problem 403, 404."""
    rules = reference.association(work.territory)
    found = await show_minutes(work, caller, rules, meeting_id)
    if found.row["state"] == "approved":
        return found, await _opened(work, keyring, meeting_id, wanted)
    pdf, html = await printed(work, keyring, reference, found, number=None)
    return found, pdf if wanted == "pdf" else html.encode()


async def printed(
    work: Work, keyring: Keyring, reference: Reference, found: MinutesView, *, number: int | None
) -> tuple[bytes, str]:
    """As PDF and as a page."""
    view: MeetingView = await show_meeting(work, keyring, found.row["meeting_id"])
    blocks = await record_meeting(work, reference.association(work.territory), view, found.by_item)
    title = f"Procès-verbal {'(projet)' if number is None else f'n° {number}'} - {view.row['title']}"
    name = reference.territories[work.territory].name
    return await asyncio.to_thread(write_pdf, title, name, blocks), write_html(title, name, blocks)


async def officers(work: Work) -> dict[str, tuple[UUID, str]]:
    """Who sits in the bureau today: by RPPS number, the member and the function."""
    sitting = await mandates.sitting(work, paris_day(work.now), None)
    return {row["rpps"]: (row["member_id"], row["role"]) for row in sitting if row["body"] == BUREAU and row["rpps"]}


def sealed_in(meeting_id: UUID, wanted: MinutesFormat) -> bytes:
    """What a sealed file is bound to: it names members who stand in no public register."""
    return f"minutes:{meeting_id}:{wanted}".encode()


async def _opened(work: Work, keyring: Keyring, meeting_id: UUID, wanted: MinutesFormat) -> bytes:
    sealed = await minutes.sealed_file(work, meeting_id, f"{wanted}_sealed")
    assert sealed is not None  # noqa: S101
    return keyring.decrypt(sealed, sealed_in(meeting_id, wanted)).encode("latin-1" if wanted == "pdf" else "utf-8")


async def _sees_drafts(work: Work, caller: Caller) -> bool:
    return caller.role == COORDINATOR or (caller.rpps is not None and caller.rpps in await officers(work))


async def _view(work: Work, row: Record) -> MinutesView:
    approval = None if row["approval"] is None else json.loads(row["approval"])
    version = row["version"] if row["state"] == "draft" else row["version"] - 1
    signed = await minutes.signatures(work, row["meeting_id"], version)
    return MinutesView(row, json.loads(row["texts"]), approval, signed)
