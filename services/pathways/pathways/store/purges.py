"""What lapses by itself, whoever it is about: exchanges without a patient, searches of a doctor that ended."""

from dataclasses import dataclass
from datetime import datetime

from kit.work import Work
from pathways.domain.retention import ClassCode
from pathways.store.held import Held, remove

_OF_MESSAGES = "message_id IN (SELECT id FROM thread_message WHERE thread_id = ANY($1))"


@dataclass(frozen=True)
class Lapsing:
    """Rows of a class: how those that ended before `$2` on a territory are found, and all that goes with them."""

    code: ClassCode
    found: str
    parts: tuple[Held, ...]


LAPSING = (
    Lapsing(
        "exchange",
        """
SELECT t.id FROM thread t WHERE t.territory = $1 AND t.patient_id IS NULL
  AND coalesce(t.closed_at, (SELECT max(m.written_at) FROM thread_message m
                             WHERE m.territory = t.territory AND m.thread_id = t.id), t.opened_at) < $2
ORDER BY t.id LIMIT $3 FOR UPDATE OF t SKIP LOCKED
""",
        (
            Held("thread_read", _OF_MESSAGES),
            Held("thread_file", _OF_MESSAGES, blob="blob"),
            Held("thread_message", "thread_id = ANY($1)"),
            Held("thread_participant", "thread_id = ANY($1)"),
            Held("thread", "id = ANY($1)"),
        ),
    ),
    Lapsing(
        "doctor-search",
        """
SELECT d.id FROM doctor_search d JOIN patient p ON p.id = d.patient_id
WHERE d.territory = $1 AND d.closed_at < $2 AND p.restriction IS DISTINCT FROM 'legal_claim'
ORDER BY d.id LIMIT $3 FOR UPDATE OF d SKIP LOCKED
""",
        (Held("doctor_proposal", "search_id = ANY($1)"), Held("doctor_search", "id = ANY($1)")),
    ),
)


async def purge(work: Work, lapsing: Lapsing, territory: str, before: datetime, limit: int) -> dict[str, int]:
    """Removes what ended before an instant, with its history and files. Answers how many rows per table."""
    ids = [row["id"] for row in await work.fetch(lapsing.found, territory, before, limit)]
    return {held.table: await remove(work, held, ids) for held in lapsing.parts} if ids else {}
