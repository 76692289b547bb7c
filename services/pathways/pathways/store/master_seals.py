"""What the master keys seal themselves, because it is of no patient: sealed anew when they rotate.

What is of a patient is sealed with the patient's own key (store/patient_keys.py), and only that key is wrapped anew.
"""

from dataclasses import dataclass
from uuid import UUID

from kit.crypto import Keyring
from kit.work import Work


@dataclass(frozen=True)
class MasterSealed:
    """A column under the master keys; `context` is what a value is bound to, `only` which rows have one."""

    table: str
    column: str
    context: str
    only: str = "true"

    def bound_to(self, territory: str, row_id: UUID) -> bytes:
        """The context of a row's value."""
        return self.context.format(territory=territory, id=row_id).encode()


ATTENDEE = MasterSealed("attendance", "sealed", "{territory}|attendance|{id}")
ANSWER_TEXTS = MasterSealed("survey_answer", "texts", "{territory}|survey|{id}")
PLATFORM_SECRET = MasterSealed("alarm_platform", "secret", "{territory}|alarm_platform|{id}")
PLATFORM_BEFORE = MasterSealed("alarm_platform", "previous", "{territory}|alarm_platform|{id}")
QUESTION = MasterSealed("advice", "question", "{territory}|advice|{id}|question", "patient_id IS NULL")
ADVICE = MasterSealed("advice", "answer", "{territory}|advice|{id}|answer", "patient_id IS NULL")
THREAD_KEY = MasterSealed("thread", "wrapped", "{territory}|thread|{id}|key")
STAY_LINE = MasterSealed("stay_import_line", "sealed", "{territory}|stay_import_line|{id}")
ALL = (ATTENDEE, ANSWER_TEXTS, PLATFORM_SECRET, PLATFORM_BEFORE, QUESTION, ADVICE, THREAD_KEY, STAY_LINE)


async def reseal(work: Work, keyring: Keyring, limit: int) -> int:
    """Seals anew what an older master key seals, at most `limit` values of each column. Answers how many."""
    done = 0
    for it in ALL:
        for row in await work.fetch(_stale(it), keyring.mark, limit):
            context = it.bound_to(row["territory"], row["id"])
            again = keyring.encrypt_bytes(keyring.decrypt_bytes(row["sealed"], context), context)
            await work.execute(f"UPDATE {it.table} SET {it.column} = $2 WHERE id = $1", row["id"], again)
            done += 1
    return done


async def masters_in_use(work: Work) -> dict[str, int]:
    """Name of each master key -> how many values it seals itself."""
    parts = " UNION ALL ".join(f"SELECT {it.column} AS sealed FROM {it.table} WHERE {_sealed(it)}" for it in ALL)
    name = r"convert_from(substring(sealed for position('\x00'::bytea in sealed) - 1), 'UTF8')"
    rows = await work.fetch(f"SELECT {name} AS master, count(*) AS number FROM ({parts}) AS s GROUP BY 1 ORDER BY 1")
    return {row["master"]: row["number"] for row in rows}


def _stale(it: MasterSealed) -> str:
    return (
        f"SELECT id, territory, {it.column} AS sealed FROM {it.table} WHERE {_sealed(it)} "
        f"AND substring({it.column} for length($1::bytea)) <> $1 ORDER BY id LIMIT $2 FOR UPDATE SKIP LOCKED"
    )


def _sealed(it: MasterSealed) -> str:
    return f"{it.column} IS NOT NULL AND {it.only}"
