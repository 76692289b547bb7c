"""Exchanges are read: a list of one's own, who takes part, messages with receipts."""

from dataclasses import dataclass
from uuid import UUID

from kit.work import Record
from pathways.store import threads
from pathways.usecases.exchange import (
    Contact,
    Desk,
    OpenThread,
    contact_of,
    enter_thread,
    file_name,
    keys_of,
    message_text,
)


@dataclass(frozen=True)
class MessageView:
    """A message with its text and its files by name."""

    row: Record
    text: str
    files: list[tuple[Record, str]]


async def list_threads(desk: Desk, *, is_open: bool | None, after: UUID | None, limit: int) -> list[tuple[Record, str]]:
    """Rows with their subjects, the newest first, one more than `limit`; none on a patient whom one may not see."""
    sight = desk.access.sight("clinical")
    people = desk.access.people
    found = await threads.of_person(desk.work, sight, people, is_open=is_open, after=after, limit=limit + 1)
    return [(row, OpenThread(row, await keys_of(desk, row)).subject) for row in found]


async def show_thread(desk: Desk, thread_id: UUID) -> tuple[OpenThread, list[tuple[Record, Contact]]]:
    """Raises Problem 403, 404, 410."""
    opened = await enter_thread(desk, thread_id, action="read_thread")
    found = await threads.participants(desk.work, thread_id)
    return opened, [(row, contact_of(opened.keys, row)) for row in found]


async def read_messages(desk: Desk, thread_id: UUID, *, after: UUID | None, limit: int) -> list[MessageView]:
    """One more than `limit`, the newest first. Raises Problem 403, 404, 410."""
    opened = await enter_thread(desk, thread_id, action="read_messages")
    found = await threads.messages(desk.work, thread_id, after, limit + 1)
    files = await threads.files(desk.work, [row["id"] for row in found])
    named = [(it, file_name(opened.keys, it)) for it in files]
    return [
        MessageView(row, message_text(opened.keys, row), [it for it in named if it[0]["message_id"] == row["id"]])
        for row in found
    ]
