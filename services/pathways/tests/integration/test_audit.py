"""The record of accesses is evidence: sealed in batches, verified by a command, told as FHIR."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import asyncpg
import pytest
import pytest_asyncio
from enrolling import AUDIT, OTHER, Care, anybody

from contracts.envelope import NATIONAL
from kit.testing.servers import Servers
from pathways.audit import verified
from pathways.settings import PathwaysSettings
from pathways.store import audit
from pathways.usecases.seal_accesses import seal_accesses
from pathways.usecases.verify_audit import Verified


async def seal(care: Care, limit: int = 1000) -> int:
    async with care.runtime.system.work(NATIONAL) as work:
        return await seal_accesses(work, care.runtime.keyring, limit)


@pytest_asyncio.fixture
async def patient(care: Care) -> str:
    """A patient whose identity was read five times: six rows in three batches, and one row elsewhere."""
    found = (await care.patient())["id"]
    for _ in range(5):
        await care.get(f"/v1/patients/{found}/identity", purpose="care")
    async with care.connect("pathways:write", "patients:identity", territory=OTHER) as elsewhere:
        await elsewhere.post("/v1/patients", json=anybody(), headers={"Idempotency-Key": "1"})
    assert [await seal(care, 3) for _ in range(4)] == [3, 3, 1, 0]
    return str(found)


@pytest_asyncio.fixture
async def owner(settings: PathwaysSettings, servers: Servers) -> AsyncIterator[asyncpg.Connection]:
    """Somebody who may do anything to the database, and puts the guard aside."""
    connection = await asyncpg.connect(servers.admin_url(settings.database_url.get_secret_value()))
    await connection.execute("ALTER TABLE access_record DISABLE TRIGGER access_record_guard")
    yield connection
    await connection.close()


async def check(settings: PathwaysSettings, **known: str) -> Verified:
    return await verified(settings, {name.replace("_", "-"): value for name, value in known.items()})


async def test_the_chain_holds(care: Care, settings: PathwaysSettings, patient: str) -> None:
    first = await check(settings)
    assert first.findings == []
    assert {territory: head.partition(":")[0] for territory, head in first.heads.items()} == {
        "haute-saintonge": "1",
        "pays-de-redon": "3",
    }
    await care.get(f"/v1/patients/{patient}/identity", purpose="care")
    await seal(care)
    assert (await check(settings, pays_de_redon=first.heads["pays-de-redon"])).findings == []


_SECOND = "(SELECT id FROM access_record WHERE territory = 'pays-de-redon' ORDER BY id OFFSET 1 LIMIT 1)"


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        (f"UPDATE access_record SET subject = 'somebody' WHERE id = {_SECOND}", "pays-de-redon batch 1: altered, row "),
        (f"UPDATE access_record SET patient_id = NULL WHERE id = {_SECOND}", "pays-de-redon batch 1: altered, row "),
        (f"DELETE FROM access_record WHERE id = {_SECOND}", "pays-de-redon batch 1: 1 rows of 2"),
        (f"UPDATE access_record SET batch = 2 WHERE id = {_SECOND}", "pays-de-redon batch 1: 1 rows of 2"),
        (f"UPDATE access_record SET batch = 9 WHERE id = {_SECOND}", "batch 9: rows name a batch that has no seal"),
        ("UPDATE access_seal SET digest = '' WHERE number = 1", "batch 1: the seal does not hold"),
        ("UPDATE access_seal SET row_count = 4 WHERE number = 2", "pays-de-redon batch 2: the seal does not hold"),
        ("UPDATE access_seal SET purged_at = now() WHERE number = 1", None),
        ("DELETE FROM access_seal WHERE number = 1", "pays-de-redon batch 1: the seal is missing"),
    ],
    ids=str,
)
async def test_what_was_altered_is_found(
    settings: PathwaysSettings, patient: str, owner: asyncpg.Connection, statement: str, expected: str | None
) -> None:
    altered = await owner.fetchval(f"SELECT {_SECOND}")
    await owner.execute(statement)
    findings = [str(it) for it in (await check(settings)).findings]
    assert any(expected in it for it in findings) if expected else findings == []
    if expected and expected.endswith("row "):
        assert findings == [f"{expected}{altered}"]


async def test_an_end_that_was_cut_off_is_found(
    settings: PathwaysSettings, patient: str, owner: asyncpg.Connection
) -> None:
    head = (await check(settings)).heads["pays-de-redon"]
    for table, column in (("access_record", "batch"), ("access_seal", "number")):
        await owner.execute(f"DELETE FROM {table} WHERE territory = 'pays-de-redon' AND {column} = 3")
    assert (await check(settings)).findings == []
    (finding,) = (await check(settings, pays_de_redon=head)).findings
    assert finding.what == "the head of an earlier run is gone"


async def test_a_purge_takes_rows_and_leaves_seals(care: Care, settings: PathwaysSettings, patient: str) -> None:
    async with care.runtime.system.work(NATIONAL) as work:
        assert await audit.purge(work, "pays-de-redon", work.now, 1) == 2
    assert await care.count("access_record") == 5
    assert await care.count("access_seal") == 4
    assert (await check(settings)).findings == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE access_record SET batch = 1",
        "UPDATE access_record SET batch = NULL",
        "DELETE FROM access_record",
        "UPDATE access_seal SET digest = ''",
        "DELETE FROM access_seal",
    ],
)
@pytest.mark.parametrize("database", ["db", "system"])
async def test_what_is_sealed_stays(care: Care, patient: str, database: str, statement: str) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with getattr(care.runtime, database).work("pays-de-redon") as work:
            await work.execute(statement)


async def test_reads_do_not_wait_for_seals(care: Care, settings: PathwaysSettings, patient: str) -> None:
    """Reading goes on while a batch is being sealed, and what comes meanwhile is in a later batch."""
    async with care.runtime.system.work(NATIONAL) as work:
        await care.get(f"/v1/patients/{patient}/identity", purpose="care")
        await seal_accesses(work, care.runtime.keyring, 1000)
        reads = [care.get(f"/v1/patients/{patient}/identity", purpose="care") for _ in range(20)]
        await asyncio.wait_for(asyncio.gather(*reads), 20)
    assert await seal(care) == 20
    assert (await check(settings)).findings == []


async def export(care: Care, **params: Any) -> dict[str, Any]:
    async with care.connect(AUDIT, role="coordinator") as http:
        answer = await http.get("/v1/audit-events", params=params)
    assert answer.headers["content-type"] == "application/fhir+json"
    found: dict[str, Any] = answer.json()
    return found


async def test_accesses_are_told_as_fhir(care: Care, patient: str) -> None:
    bundle = await export(care, patient_id=patient, limit=4)
    assert (bundle["resourceType"], bundle["type"], len(bundle["entry"])) == ("Bundle", "searchset", 4)
    event = bundle["entry"][0]["resource"]
    assert UUID(event["id"])
    assert (event["resourceType"], event["action"], event["outcome"]) == ("AuditEvent", "R", "0")
    assert event["agent"][0]["who"]["identifier"] == {"system": "urn:cpts:account", "value": "nurse-1"}
    assert event["entity"][0]["what"] == {"reference": f"Patient/{patient}"}
    assert event["purposeOfEvent"][0]["coding"][0]["code"] == "TREAT"
    cursor = bundle["link"][0]["url"].removeprefix("?cursor=")
    rest = await export(care, patient_id=patient, limit=4, cursor=cursor)
    assert [it["resource"]["action"] for it in rest["entry"]] == ["R", "C"]
    assert rest["link"] == []
    assert (await export(care, subject="nobody"))["entry"] == []
    assert (await export(care, until="2026-11-01T00:00:00Z"))["entry"] == []
    assert len((await export(care, since="2026-11-01T00:00:00Z"))["entry"]) == 6


async def test_an_emergency_is_told_as_such(care: Care, patient: str) -> None:
    async with care.connect("patients:emergency", sub="doctor", rpps="99000000093") as doctor:
        path = f"/v1/patients/{patient}/break-glass"
        await doctor.post(path, json={"reason": "continuity"}, headers={"Idempotency-Key": "1"})
    events = [it["resource"] for it in (await export(care))["entry"]]
    event = next(it for it in events if it["subtype"][0]["code"] == "break_glass")
    assert event["purposeOfEvent"][0]["coding"][0]["code"] == "ETREAT"
    assert event["agent"][0]["who"]["identifier"]["value"] == "899000000093"
