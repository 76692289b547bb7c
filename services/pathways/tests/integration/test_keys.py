"""Keys: each patient's own, wrapped by master keys that rotate while requests run."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest
from enrolling import CAMILLE, Care, anybody, started
from rotating import keyed, rotate

from contracts.envelope import NATIONAL
from kit.crypto import Keyring, UndecryptableError
from kit.testing.harness import Issuer
from pathways.settings import PathwaysSettings
from pathways.store.seal import Seal
from pathways.usecases.show_keys import show_keys


async def identities(care: Care, ids: list[str]) -> list[str]:
    return [(await care.get(f"/v1/patients/{it}/identity", purpose="care"))["family_name"] for it in ids]


async def test_master_keys_rotate_while_requests_run(settings: PathwaysSettings, issuer: Issuer) -> None:
    async with started(keyed(settings, "k1"), issuer) as care:
        ids = [(await care.made("/v1/patients", anybody(number)))["id"] for number in range(10)]
        names = await identities(care, ids)
    async with (
        started(keyed(settings, "k1", "k2"), issuer) as before,
        started(keyed(settings, "k2", "k1"), issuer) as care,
    ):
        stop, statuses = asyncio.Event(), list[int]()

        async def ask(care: Care, first: int) -> None:
            for number in range(first, first + 1000):
                if stop.is_set() and number > first + 5:
                    return
                answer = await care.http.get(f"/v1/patients/{ids[number % 10]}/identity", params={"purpose": "care"})
                made = await care.post("/v1/patients", anybody(number), **{"Idempotency-Key": f"n{number}"})
                statuses.extend((answer.status_code, made.status_code))
                ids.append(made.json()["id"])

        asking = [asyncio.create_task(ask(process, first)) for process, first in ((before, 1000), (care, 5000))]
        assert await rotate(care) >= 10
        stop.set()
        await asyncio.gather(*asking)
        assert set(statuses) == {200, 201}
        # The processes that still wrapped under the old key are gone now: what they left is wrapped anew.
        await rotate(care)
        async with care.runtime.system.work(NATIONAL) as work:
            rotation = await show_keys(work, care.runtime.keyring)
    assert (rotation.finished, rotation.wraps) == (True, {"k2": len(ids)})
    async with started(keyed(settings, "k2"), issuer) as care:
        assert await identities(care, ids[:10]) == names
        assert len(await identities(care, ids[10:])) == len(ids) - 10


async def test_what_is_left_to_rotate_is_told(settings: PathwaysSettings, issuer: Issuer) -> None:
    async with started(keyed(settings, "k1"), issuer) as care:
        await care.patient()
    async with started(keyed(settings, "k2", "k1"), issuer) as care:
        await care.made("/v1/patients", anybody(), **{"Idempotency-Key": "second"})
        async with care.runtime.system.work(NATIONAL) as work:
            rotation = await show_keys(work, care.runtime.keyring)
    assert not rotation.finished
    assert list(rotation.lines()) == [
        "k1: 1 patients' keys, 0 other values, still needed",
        "k2: 1 patients' keys, 0 other values, encrypts",
        "not finished: the worker seals what is left",
    ]


async def test_entries_of_before_get_a_key(care: Care) -> None:
    patient = await care.patient()
    keyring, row_id = care.runtime.keyring, UUID(patient["id"])
    fields = {key: CAMILLE.get(key) for key in ("family_name", "given_name", "birth_date", "phone", "ins")}
    old = keyring.encrypt(orjson.dumps(fields).decode(), f"pays-de-redon|patient|{row_id}".encode())
    async with care.runtime.system.work(NATIONAL) as work:
        await work.execute(
            "UPDATE patient SET sealed = $2, key_id = NULL, birth_index = NULL WHERE id = $1", row_id, old
        )
    before = await care.get(f"/v1/patients/{row_id}/identity", purpose="care")
    assert await rotate(care) == 1
    assert await care.get(f"/v1/patients/{row_id}/identity", purpose="care") == before
    assert await care.get(f"/v1/patients/{row_id}") == patient
    assert await care.count("patient WHERE key_id IS NULL OR birth_index IS NULL") == 0


async def test_a_field_opens_in_its_own_place_only(care: Care) -> None:
    first, second = [UUID((await care.made("/v1/patients", anybody(number)))["id"]) for number in (1, 2)]
    async with care.runtime.system.work(NATIONAL) as work:
        rows = {row["id"]: dict(row) for row in await work.fetch(_ROWS)}
    seal = Seal(care.runtime.keyring, "pays-de-redon")
    mixed: dict[str, Any] = {**rows[first], "sealed": rows[second]["sealed"]}
    swapped = orjson.loads(rows[first]["sealed"])
    swapped["given_name"] = swapped["family_name"]
    for bad in (mixed, {**rows[first], "sealed": orjson.dumps(swapped)}):
        with pytest.raises(UndecryptableError):
            seal.open(bad)


_ROWS = "SELECT patient.*, k.wrapped FROM patient JOIN patient_key k ON k.id = patient.key_id"


async def test_pseudonyms_are_per_purpose_and_survive_rotation(settings: PathwaysSettings, issuer: Issuer) -> None:
    async def pseudonyms(care: Care, patient_id: str, ring: Keyring) -> list[UUID]:
        async with care.runtime.db.work("pays-de-redon") as work:
            keys = await Seal(ring, "pays-de-redon").keys(work, UUID(patient_id))
        assert keys is not None
        return [keys.pseudonym(purpose) for purpose in ("indicators", "dispatch")]

    async with started(keyed(settings, "k1"), issuer) as care:
        patient = await care.patient()
        told = await pseudonyms(care, patient["id"], care.runtime.keyring)
        assert len({*told, UUID(patient["id"]), UUID(patient["ref"])}) == 4
    async with started(keyed(settings, "k2", "k1"), issuer) as care:
        await rotate(care)
        assert await pseudonyms(care, patient["id"], care.runtime.keyring) == told
        async with care.runtime.db.work("pays-de-redon") as work:
            assert await Seal(care.runtime.keyring, "pays-de-redon").keys(work, uuid4()) is None
