"""What the master keys seal themselves, because it is of no patient, follows when they rotate."""

from collections import Counter

import pytest
from activities import SURVEY, coordinating
from enrolling import Care, anybody, started
from rotating import keyed, rotate

from contracts.envelope import NATIONAL
from kit.testing.harness import Issuer
from pathways.settings import PathwaysSettings
from pathways.store.master_seals import ALL, masters_in_use
from pathways.usecases.show_keys import show_keys

THREAD = {"subject": "Plaie chronique", "participants": [{"rpps": "99000000093"}]}
ADVICE = {"kind": "advice", "specialty": "cardiology", "question": "Un avis ?", "rpps": "99000000016"}
STAYS = (
    "stays.csv",
    "number;kind;motive;arrived_on;family_name;given_name;birth_date\nS-1;ed_visit;other;2026-11-10;Essai;Nul;1950-01-01",
)
GROUP = {"label": "Astreinte", "members": [{"rpps": "99000000016"}]}


async def play(care: Care) -> None:
    """Writes something into each column that master keys seal."""
    await care.made("/v1/threads", THREAD)
    async with coordinating(care, "duties:write", "advice:write", rpps="99000000093") as desk:
        await desk.held([{"name": "Azenor ESSAI", "profession": "60"}])
        survey = await desk.made("/v1/surveys", SURVEY)
        (path,) = (await desk.made(f"/v1/surveys/{survey['id']}/links", {"count": 1}))["paths"]
        answer = await desk.http.post(path, data={"overall": "4", "contact": "yes", "comment": "Rien"})
        assert answer.status_code == 200, answer.text
        group = await desk.made("/v1/duty-groups", GROUP)
        platform = await desk.made("/v1/alarm-platforms", {"label": "Balance", "group_id": group["id"]})
        await desk.made(f"/v1/alarm-platforms/{platform['id']}/rotate", status=200)
        asked = await desk.made("/v1/advice", ADVICE)
    async with care.connect("stays:write", sub="h", organisation="350000022", client_class="machine") as http:
        sent = await http.post("/v1/stay-imports", files={"file": STAYS}, headers={"Idempotency-Key": "stays"})
        assert sent.status_code == 202, sent.text
    async with care.connect("advice:write", sub="cardiologist", rpps="99000000016") as http:
        path, key = f"/v1/advice/{asked['id']}/answer", {"Idempotency-Key": "answer"}
        answered = await http.post(path, json={"answer": "Oui."}, headers=key)
        assert answered.status_code == 200, answered.text


async def begin_with(care: Care, mark: bytes) -> Counter[str]:
    """Columns of all tables with values that begin so, and how many."""
    found: Counter[str] = Counter()
    async with care.runtime.system.work(NATIONAL) as work:
        columns = await work.fetch(
            "SELECT table_name, column_name FROM information_schema.columns "
            "WHERE table_schema = 'public' AND data_type = 'bytea' AND table_name NOT LIKE 'idempotency%'"
        )
        for table, column in columns:
            number = await work.fetchval(f"SELECT count(*) FROM {table} WHERE position($1 in {column}) = 1", mark)
            found.update({f"{table}.{column}": number} if number else {})
    return found


@pytest.mark.parametrize("limit", [1, 100])
async def test_nothing_needs_the_old_master_key_after_a_rotation(
    settings: PathwaysSettings, issuer: Issuer, limit: int
) -> None:
    async with started(keyed(settings, "k1"), issuer) as care:
        await care.made("/v1/patients", anybody())
        await play(care)
        before = await begin_with(care, b"k1\0")
    ours = {f"{it.table}.{it.column}" for it in ALL}
    assert set(before) == ours | {"patient_key.wrapped"}, "a column is not rotated, or its sample is missing"
    async with started(keyed(settings, "k2", "k1"), issuer) as care:
        assert await rotate(care, limit) == before.total()
        assert await begin_with(care, b"k1\0") == Counter()
        async with care.runtime.system.work(NATIONAL) as work:
            assert (await show_keys(work, care.runtime.keyring)).finished
            assert await masters_in_use(work) == {"k2": before.total() - 1}
    async with started(keyed(settings, "k2"), issuer) as care, care.runtime.system.work(NATIONAL) as work:
        for it in ALL:
            for row in await work.fetch(f"SELECT id, territory, {it.column} AS sealed FROM {it.table}"):
                context = it.bound_to(row["territory"], row["id"])
                assert row["sealed"] is None or care.runtime.keyring.decrypt_bytes(row["sealed"], context)
