"""Files of exports are given up after their time, what they were stays known; proofs follow keys that rotate."""

import base64
import hashlib
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest
import pytest_asyncio
import yaml
from export_stage import Replica, replicas
from processes import killed_while_waiting, process
from telling import NOW

from contracts.envelope import NATIONAL
from indicators.domain.export_retention import ExportRetention
from indicators.keys import report, rotation_of
from indicators.main import build
from indicators.settings import IndicatorsSettings
from indicators.usecases.purge_exports import load_retention, purge_exports
from indicators.usecases.remove_blobs import GRACE, remove_blobs
from indicators.usecases.reseal_proofs import reseal_proofs
from kit.clock import FixedClock
from kit.crypto import UndecryptableError
from kit.runtime import Runtime
from kit.testing.harness import Issuer, client, until
from kit.testing.servers import Servers

SCOPES = ("exports:read", "exports:write", "figures:write", "figures:proofs", "indicators:read")
PDF = b"%PDF-1.7 counted by hand"


def rules(months: int) -> ExportRetention:
    whats = ("quarterly_dashboard", "half_yearly_report", "annual_report", "campaign_report")
    kept = [{"what": it, "since": "2026-01-01", "months": months, "source": "test"} for it in whats]
    return ExportRetention.model_validate({"version": "1", "kept": kept})


RULES = {"pays-de-redon": rules(12)}


async def ordered(http: httpx.AsyncClient) -> str:
    order = {"what": "quarterly_dashboard", "period": "2026-Q3", "formats": ["csv", "json"]}
    answer = await http.post("/v1/export-runs", json=order, headers={"Idempotency-Key": str(uuid4())})
    return str(answer.raise_for_status().json()["id"])


async def purge(runtime: Runtime, given: dict[str, ExportRetention] = RULES, limit: int = 100) -> int:
    async with runtime.system.work(NATIONAL) as work:
        return await purge_exports(work, given, limit)


async def remove(runtime: Runtime) -> int:
    async with runtime.system.work(NATIONAL) as work:
        return await remove_blobs(work, runtime.blobs, 100)


def stored(settings: IndicatorsSettings) -> set[str]:
    return {it.name for it in (settings.blob_dir / "indicators").iterdir()}


def later(clock: FixedClock, day: datetime) -> None:
    clock.advance(day - clock.now())


@pytest_asyncio.fixture
async def made(
    settings: IndicatorsSettings, clock: FixedClock, issuer: Issuer
) -> AsyncIterator[tuple[httpx.AsyncClient, Replica, str]]:
    """An export that was made and delivered, the API, and the worker's jobs."""
    async with (
        replicas(settings, clock) as (one,),
        client(build(settings, clock), issuer.token(*SCOPES)) as http,
    ):
        run = await ordered(http)
        assert await one.work_off() == 1
        yield http, one, run


async def test_files_are_given_up_after_their_time_and_what_they_were_stays_known(
    made: tuple[httpx.AsyncClient, Replica, str], settings: IndicatorsSettings, clock: FixedClock
) -> None:
    http, one, run = made
    before = (await http.get(f"/v1/export-runs/{run}")).json()
    path, digest = before["files"][0]["url"], before["files"][0]["sha256"]
    assert hashlib.sha256((await http.get(path)).content).hexdigest() == digest
    later(clock, NOW.replace(year=2027) - timedelta(seconds=1))
    assert await purge(one.runtime) == 0
    clock.advance(timedelta(seconds=2))
    assert (await purge(one.runtime), await purge(one.runtime)) == (1, 0)
    gone = await http.get(path)
    assert (gone.status_code, gone.json()["code"]) == (410, "export_purged")
    after = (await http.get(f"/v1/export-runs/{run}")).json()
    assert after["purged_at"] == "2027-11-22T09:00:01Z"
    assert [it["sha256"] for it in after["files"]] == [it["sha256"] for it in before["files"]]
    assert (after["state"], after["receipt"]) == ("delivered", before["receipt"])
    assert (await remove(one.runtime), len(stored(settings))) == (0, 2), "somebody may be reading them"
    clock.advance(GRACE)
    assert (await remove(one.runtime), stored(settings)) == (2, set())
    assert await remove(one.runtime) == 0


async def test_one_that_is_under_way_keeps_its_files_and_one_that_failed_is_not_tried_again_without(
    made: tuple[httpx.AsyncClient, Replica, str], clock: FixedClock
) -> None:
    http, one, run = made
    async with one.runtime.system.work(NATIONAL) as work:
        await work.execute("UPDATE export_run SET state = 'waiting', next_at = $1", NOW)
    later(clock, NOW.replace(year=2030))
    assert await purge(one.runtime) == 0
    async with one.runtime.system.work(NATIONAL) as work:
        await work.execute("UPDATE export_run SET state = 'failed', next_at = NULL")
    assert await purge(one.runtime) == 1
    again = await http.post(f"/v1/export-runs/{run}/retry", headers={"Idempotency-Key": "again"})
    assert (again.status_code, again.json()["code"]) == (410, "export_purged")


async def test_another_territory_keeps_its_own_as_long_as_it_says(
    made: tuple[httpx.AsyncClient, Replica, str], clock: FixedClock, settings: IndicatorsSettings, issuer: Issuer
) -> None:
    _, one, _ = made
    async with client(build(settings, clock), issuer.token(*SCOPES, territory="haute-saintonge")) as theirs:
        await ordered(theirs)
    assert await one.work_off() == 1
    later(clock, NOW.replace(year=2029))
    longer = {**RULES, "haute-saintonge": rules(120)}
    assert await purge(one.runtime, longer) == 1
    purged = await one.rows("SELECT territory FROM export_run WHERE purged_at IS NOT NULL")
    assert [it["territory"] for it in purged] == ["pays-de-redon"]


async def test_a_batch_is_as_long_as_it_may_be(made: tuple[httpx.AsyncClient, Replica, str], clock: FixedClock) -> None:
    http, one, _ = made
    await ordered(http)
    await ordered(http)
    assert await one.work_off() == 2
    later(clock, NOW.replace(year=2029))
    assert [await purge(one.runtime, limit=2) for _ in range(3)] == [2, 1, 0]


def test_a_territory_may_say_its_own(deploy_dir: Path, tmp_path: Path) -> None:
    for slug in ("here", "there"):
        (tmp_path / slug).mkdir()
        (tmp_path / slug / "territory.yaml").write_text(f"id: {slug}\n")
    own = rules(7).model_dump(mode="json")
    (tmp_path / "here" / "export-retention.yaml").write_text(yaml.safe_dump(own))
    found = load_retention(deploy_dir / "indicators", tmp_path, ["here", "there"])
    assert {slug: it.kept[0].months for slug, it in found.items()} == {"here": 7, "there": 36}


def keyed(settings: IndicatorsSettings, *names: str) -> IndicatorsSettings:
    """The same settings with these keys, the first of which seals."""
    keys = ",".join(f"{name}:{base64.b64encode(name[1].encode() * 32).decode()}" for name in names)
    return IndicatorsSettings(**{**dict(settings), "encryption_keys": keys})


async def enter(http: httpx.AsyncClient, period: str, **form: Any) -> dict[str, Any]:
    data = {"indicator": "N-03", "period": period, "comment": "Compté", "value": "18"} | form
    files = {"unsaid": ("", b"")} if "corrects" in form else {"file": (f"preuve-{period}.pdf", PDF + period.encode())}
    answer = await http.post("/v1/manual-figures", data=data, files=files, headers={"Idempotency-Key": str(uuid4())})
    body: dict[str, Any] = answer.raise_for_status().json()
    return body


async def proofs(http: httpx.AsyncClient) -> dict[str, bytes]:
    found = {}
    for item in (await http.get("/v1/manual-figures")).json()["items"]:
        answer = await http.get(f"/v1/manual-figures/{item['id']}/proof")
        assert answer.status_code == 200, answer.text
        assert f"preuve-{item['period']}.pdf" in answer.headers["content-disposition"]
        found[item["id"]] = answer.content
    return found


async def sealed_with_the_old_key(settings: IndicatorsSettings, clock: FixedClock, issuer: Issuer) -> dict[str, bytes]:
    """Three proofs; one of them proves two entries."""
    async with client(build(keyed(settings, "k1"), clock), issuer.token(*SCOPES)) as http:
        for period in ("2023", "2024"):
            await enter(http, period)
        wrong = await enter(http, "2025")
        await enter(http, "2025", corrects=wrong["id"], value="17")
        found = await proofs(http)
    assert len(found) == 4
    return found


async def reseal(runtime: Runtime, limit: int) -> int:
    async with runtime.system.work(NATIONAL) as work:
        return await reseal_proofs(work, runtime.keyring, runtime.blobs, limit)


async def test_when_a_key_retires_the_worker_has_sealed_every_proof_anew(
    settings: IndicatorsSettings, clock: FixedClock, issuer: Issuer
) -> None:
    before = await sealed_with_the_old_key(settings, clock, issuer)
    old = stored(settings)
    both = keyed(settings, "k2", "k1")
    rotation = await rotation_of(both)
    assert (rotation.finished, rotation.seals) == (False, {"k1": 3})
    assert report(rotation) == "k1: 3 proofs, still needed\nnot finished: the worker seals what is left"
    async with replicas(both, clock) as (one,):
        batches = [await reseal(one.runtime, 2)]
        while batches[-1]:
            batches.append(await reseal(one.runtime, 2))
        assert (sum(batches), await remove(one.runtime)) == (3, 0)
        assert old < stored(settings), "whoever reads the old files can finish"
        clock.advance(GRACE)
        assert await remove(one.runtime) == 3
    assert len(stored(settings)) == 3
    assert not stored(settings) & old
    rotation = await rotation_of(both)
    assert (rotation.finished, rotation.seals) == (True, {"k2": 3})
    async with client(build(keyed(settings, "k2"), clock), issuer.token(*SCOPES)) as http:
        assert await proofs(http) == before


async def test_a_rotation_that_is_killed_goes_on_where_it_was(
    settings: IndicatorsSettings, clock: FixedClock, issuer: Issuer, servers: Servers
) -> None:
    """The worker dies after it wrote the files under the new seal, and before it could say where they are."""
    before = await sealed_with_the_old_key(settings, clock, issuer)
    both = keyed(settings, "k2", "k1")
    far = FixedClock(NOW.replace(year=2098))  # what is to be removed waits longer than this test
    async with replicas(both, far) as (one,):
        assert await reseal(one.runtime, 1) == 1
    url = servers.admin_url(settings.database_url.get_secret_value())
    started = []

    async def begin() -> Any:
        started.append(running := process(both, "indicators.worker"))
        return await running.__aenter__()

    await killed_while_waiting(url, "LOCK TABLE blob_to_remove IN SHARE MODE", begin)
    assert set((await rotation_of(both)).seals) >= {"k1", "k2"}
    async with client(build(both, clock), issuer.token(*SCOPES)) as http:
        assert await proofs(http) == before
    await begin()

    async def finished() -> bool:
        return (await rotation_of(both)).finished

    await until(finished, 120)
    for running in started:
        await running.__aexit__(None, None, None)
    async with client(build(keyed(settings, "k2"), clock), issuer.token(*SCOPES)) as http:
        assert await proofs(http) == before


async def test_a_correction_that_keeps_the_old_file_meanwhile_keeps_it_from_being_removed(
    settings: IndicatorsSettings, clock: FixedClock, issuer: Issuer
) -> None:
    """It read where the proof was just before that changed: its row names the file under the old seal."""
    await sealed_with_the_old_key(settings, clock, issuer)
    both = keyed(settings, "k2", "k1")
    async with replicas(both, clock) as (one,):
        old = (await one.rows("SELECT * FROM manual_figure WHERE period = '2024'"))[0]
        assert await reseal(one.runtime, 10) == 3
        columns = {**old, "id": uuid4(), "number": 2}
        marks = ", ".join(f"${number}" for number in range(1, len(columns) + 1))
        async with one.runtime.db.work("pays-de-redon") as work:
            await work.execute(f"INSERT INTO manual_figure ({', '.join(columns)}) VALUES ({marks})", *columns.values())
        clock.advance(GRACE)
        assert await remove(one.runtime) == 2
        assert await reseal(one.runtime, 10) == 1
        clock.advance(GRACE)
        assert await remove(one.runtime) == 1
    async with client(build(keyed(settings, "k2"), clock), issuer.token(*SCOPES)) as http:
        assert len(await proofs(http)) == 5


async def test_one_that_does_not_open_keeps_no_other_waiting(
    settings: IndicatorsSettings, clock: FixedClock, issuer: Issuer
) -> None:
    await sealed_with_the_old_key(settings, clock, issuer)
    async with replicas(keyed(settings, "k2", "k1"), clock) as (one,):
        lost = (await one.rows("SELECT proof_blob FROM manual_figure WHERE period = '2023'"))[0]["proof_blob"]
        await one.runtime.blobs.delete(lost)
        assert await reseal(one.runtime, 10) == 2
        assert await reseal(one.runtime, 10) == 0
    assert (await rotation_of(keyed(settings, "k2", "k1"))).seals == {"k1": 1, "k2": 2}


async def test_without_the_old_key_nothing_is_sealed_anew(
    settings: IndicatorsSettings, clock: FixedClock, issuer: Issuer
) -> None:
    await sealed_with_the_old_key(settings, clock, issuer)
    async with replicas(keyed(settings, "k3"), clock) as (one,):
        assert await reseal(one.runtime, 10) == 0
        row = (await one.rows("SELECT proof_id, proof_name FROM manual_figure"))[0]
        with pytest.raises(UndecryptableError):
            one.runtime.keyring.decrypt(row["proof_name"], b"")


@pytest.mark.parametrize("column", ["value = 1", "comment = 'x'", "proof_digest = 'x'", "number = 9"])
async def test_the_worker_changes_nothing_of_an_entry_but_its_seal(
    settings: IndicatorsSettings, clock: FixedClock, column: str
) -> None:
    async with replicas(settings, clock) as (one,):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with one.runtime.system.work(NATIONAL) as work:
                await work.execute(f"UPDATE manual_figure SET {column}")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with one.runtime.db.work("pays-de-redon") as work:
                await work.execute("UPDATE manual_figure SET proof_blob = 'x'")
