"""What is held of a patient, table by table: erased, exported. A test compares it with the tables that there are.

A new table with rows of a patient gets a line here (and its migration need not grant DELETE: the system role has it).
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from kit.work import Work
from pathways.store import blob_removals

_ENROLMENTS = "enrolment_id IN (SELECT id FROM enrolment WHERE patient_id = $1)"


@dataclass(frozen=True)
class Held:
    """Rows of a table that are a patient's. `sealed` columns are opened for an export: see `content_context`.

    `moves`: its column `patient_id` is changed when the entry is merged into another. `blob`: the column that names a
    file, which goes with the row.
    """

    table: str
    where: str = "patient_id = $1"
    sealed: tuple[str, ...] = ()
    moves: bool = True
    blob: str | None = None


HELD: tuple[Held, ...] = (
    Held("patient_link", sealed=("name",)),
    Held("thread_read"),
    Held("thread_file", sealed=("name",), blob="blob"),
    Held("thread_message", sealed=("body",)),
    Held("thread_participant", sealed=("contact",)),
    Held("thread", sealed=("subject",)),
    Held("note_read"),
    Held("note_file", sealed=("name",), blob="blob"),
    Held("note", sealed=("text",)),
    Held("care_plan_recipient"),
    Held("care_plan", sealed=("content",)),
    Held("enrolment_booking", _ENROLMENTS, moves=False),
    Held("step_visit", _ENROLMENTS, moves=False),
    Held("step", _ENROLMENTS, moves=False),
    Held("pause", _ENROLMENTS, moves=False),
    Held("patient_duplicate", "$1 IN (patient_id, other_id)", moves=False),
    Held("consent"),
    Held("objection"),
    Held("break_glass"),
    Held("team_member"),
    Held("expert_role"),
    Held("stay"),
    Held("alarm_handover", _ENROLMENTS, moves=False),
    Held("alarm"),
    Held("alarm_ref"),
    Held("advice", sealed=("question", "answer")),
    Held("doctor_proposal"),
    Held("doctor_search"),
    Held("enrolment"),
)
"""In the order in which they can be erased: what refers to another comes before it."""
KEPT = {
    "access_record": "evidence of who saw what; purged by its own class",
    "patient_key": "destroyed by itself, last",
}
"""Tables with a column of patients that an erasure does not empty, and why."""


async def erase_rows(work: Work, patient_id: UUID) -> dict[str, int]:
    """Removes every row of a patient and its history, under the system role. Answers how many per table."""
    return {held.table: await remove(work, held, patient_id) for held in HELD}


async def remove(work: Work, held: Held, of: object) -> int:
    """Removes these rows of one table, `of` what `$1` stands for, their history and files. Answers how many."""
    rows = await work.fetch(
        f"DELETE FROM {held.table} AS t WHERE {held.where} "
        f"RETURNING to_jsonb(t) ->> 'id' AS id, territory, {held.blob or 'NULL'} AS blob",
        of,
    )
    await blob_removals.ask(work, [(row["blob"], row["territory"]) for row in rows if row["blob"]])
    keys = [row["id"] for row in rows if row["id"]]
    await work.execute("DELETE FROM change WHERE entity = $1 AND key = ANY($2)", held.table, keys)
    return len(rows)


async def exported(work: Work, patient_id: UUID) -> dict[str, list[dict[str, Any]]]:
    """Every row of a patient by table, as it stands, but for what is sealed."""
    found = {}
    for held in HELD:
        rows = await work.fetch(f"SELECT t.* FROM {held.table} t WHERE {held.where}", patient_id)
        found[held.table] = [{name: value for name, value in row.items() if name != "territory"} for row in rows]
    return found


def content_context(table: str, row_id: UUID, column: str) -> bytes:
    """What a sealed column of a patient's row is bound to."""
    return f"{table}|{row_id}|{column}".encode()
