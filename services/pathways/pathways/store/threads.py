"""Rows of exchanges, and the keys of those without a patient."""

from collections.abc import Sequence
from uuid import UUID

from kit.crypto import Keyring
from kit.work import Record, Work
from pathways.store.master_seals import THREAD_KEY
from pathways.store.patient_keys import PatientKeys
from pathways.store.standing import Sight

THREAD, PARTICIPANT, MESSAGE, FILE = "thread", "thread_participant", "thread_message", "thread_file"
_MINE = """
EXISTS (SELECT FROM thread_participant p WHERE p.territory = t.territory AND p.thread_id = t.id
        AND p.person = ANY($2) AND p.left_at IS NULL)
"""
_UNREAD = """
SELECT count(*) FROM thread_message m WHERE m.territory = t.territory AND m.thread_id = t.id
  AND NOT (m.author = ANY($2)) AND NOT EXISTS (
    SELECT FROM thread_read s WHERE s.territory = m.territory AND s.message_id = m.id AND s.person = ANY($2))
"""
_FIND = f"SELECT t.*, ({_UNREAD}) AS unread FROM thread t WHERE t.territory = $1 AND t.id = $3 AND {_MINE}"
_LIST = f"""
SELECT t.*, ({_UNREAD}) AS unread FROM thread t
WHERE t.territory = $1 AND {_MINE} AND ($3::boolean IS NULL OR (t.closed_at IS NULL) = $3)
  AND ($4::uuid IS NULL OR t.id < $4) AND (t.patient_id IS NULL OR {{seen}}) ORDER BY t.id DESC LIMIT $5
"""
_PARTICIPANTS = "SELECT * FROM thread_participant WHERE territory = $1 AND thread_id = $2 ORDER BY id"
_MESSAGES = """
SELECT m.*, coalesce((SELECT jsonb_agg(jsonb_build_object('person', s.person, 'read_at', s.read_at) ORDER BY s.read_at)
                      FROM thread_read s WHERE s.message_id = m.id), '[]')::text AS readers
FROM thread_message m WHERE m.territory = $1 AND m.thread_id = $2 AND ($3::uuid IS NULL OR m.id < $3)
ORDER BY m.id DESC LIMIT $4
"""
_MESSAGE = "SELECT * FROM thread_message WHERE territory = $1 AND thread_id = $2 AND id = $3"
_MARK = """
INSERT INTO thread_read (id, territory, patient_id, message_id, person, read_at)
SELECT gen_random_uuid(), m.territory, m.patient_id, m.id, $4, $5 FROM thread_message m
WHERE m.territory = $1 AND m.thread_id = $2 AND m.id = ANY($3) AND m.author <> $4
ON CONFLICT (territory, message_id, person) DO NOTHING
"""
_FILES = "SELECT * FROM thread_file WHERE territory = $1 AND message_id = ANY($2) ORDER BY id"
_LOCK = "SELECT closed_at FROM thread WHERE territory = $1 AND id = $2 FOR UPDATE"


async def find(work: Work, thread_id: UUID, people: Sequence[str]) -> Record | None:
    """A thread that somebody takes part in, with how many messages they have not read."""
    return await work.fetchrow(_FIND, work.territory, list(people), thread_id)


async def lock(work: Work, thread_id: UUID) -> Record | None:
    return await work.fetchrow(_LOCK, work.territory, thread_id)


async def of_person(
    work: Work, sight: Sight, people: Sequence[str], *, is_open: bool | None, after: UUID | None, limit: int
) -> list[Record]:
    """The newest first; those on patients only where they may see them."""
    statement = _LIST.format(seen=sight.condition(6, enrolment="t.enrolment_id"))
    return await work.fetch(statement, work.territory, list(people), is_open, after, limit, *sight.args)


async def participants(work: Work, thread_id: UUID) -> list[Record]:
    """Those who take part and those who did."""
    return await work.fetch(_PARTICIPANTS, work.territory, thread_id)


async def messages(work: Work, thread_id: UUID, after: UUID | None, limit: int) -> list[Record]:
    """The newest first, each with its `readers` as JSON."""
    return await work.fetch(_MESSAGES, work.territory, thread_id, after, limit)


async def message(work: Work, thread_id: UUID, message_id: UUID) -> Record | None:
    return await work.fetchrow(_MESSAGE, work.territory, thread_id, message_id)


async def mark_read(work: Work, thread_id: UUID, message_ids: Sequence[UUID], person: str) -> None:
    await work.execute(_MARK, work.territory, thread_id, list(message_ids), person, work.now)


async def files(work: Work, message_ids: Sequence[UUID]) -> list[Record]:
    return await work.fetch(_FILES, work.territory, list(message_ids))


def wrapped(keyring: Keyring, territory: str, thread_id: UUID, key: bytes) -> bytes:
    """The thread's own key as it is kept."""
    return keyring.encrypt_bytes(key, THREAD_KEY.bound_to(territory, thread_id))


def own_keys(keyring: Keyring, thread: Record) -> PatientKeys:
    """Of a thread without a patient. Raises kit.crypto.UndecryptableError."""
    key = keyring.decrypt_bytes(thread["wrapped"], THREAD_KEY.bound_to(thread["territory"], thread["id"]))
    return PatientKeys({str(thread["id"]): key})
