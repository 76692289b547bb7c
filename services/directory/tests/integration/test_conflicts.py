"""What a territory attests is never overwritten by an import: a difference is shown, and a person settles it."""

from pathlib import Path
from typing import Any

import pytest

from contracts.envelope import NATIONAL
from directory.usecases.compare_national import compare_changed

RPPS = "99000000093"  # practises in Redon, 35236
READ, WRITE = "directory:read", "directory:write"


@pytest.fixture
async def ready(new_settings: Any, templates: Any, issuer: Any, start: Any) -> Any:
    async with start(await new_settings(templates.sampled), issuer) as directory:
        yield directory


async def says(ready: Any, kind: str, value: str) -> dict[str, Any]:
    answer = await ready.http.put(f"/v1/professionals/{RPPS}/statements/{kind}", json={"value": value})
    assert answer.status_code == 200, answer.text
    said: dict[str, Any] = answer.json()
    return said


async def conflicts(ready: Any, **params: Any) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = (await ready.get("/v1/conflicts", **params))["items"]
    return items


async def resolve(http: Any, conflict: str, keep: str, key: str = "r") -> Any:
    path = f"/v1/conflicts/{conflict}/resolve"
    return await http.post(path, json={"keep": keep, "reason": "Vérifié"}, headers={"Idempotency-Key": key})


async def compared(ready: Any) -> int:
    async with ready.runtime.system.work(NATIONAL) as work:
        return await compare_changed(work, ready.runtime.extras["reference"].statements)


async def imported(ready: Any, sample: Path, moved_to: str, key: str) -> None:
    """The person's lines with another commune, as a later source would have them."""
    header, *rows = sample.read_text(encoding="utf-8").splitlines()
    names = header.split("|")
    code = next(i for i, name in enumerate(names) if name.startswith("Code commune"))
    lines = [row.split("|") for row in rows if row.split("|")[1] == RPPS]
    for line in lines:
        line[code] = moved_to
    run = await ready.imported("\n".join([header, *("|".join(line) for line in lines)]).encode(), key)
    assert run["state"] == "completed"


async def test_both_values_are_shown_with_their_dates_and_sources(ready: Any) -> None:
    await says(ready, "commune", "35268")
    (shown,) = await conflicts(ready)
    assert (shown["about"], shown["kind"], shown["state"]) == (RPPS, "commune", "open")
    assert (shown["attested"]["value"], shown["attested"]["source"]) == ("35268", "coordinator")
    assert shown["national"]["values"] == ["35236"]
    assert all((shown["attested"]["at"], shown["national"]["at"], shown["raised_at"]))
    await says(ready, "commune", "35236")
    assert await conflicts(ready) == []
    await says(ready, "commune", "35268")
    await ready.http.delete(f"/v1/professionals/{RPPS}/statements/commune")
    assert await conflicts(ready) == []


async def test_an_import_raises_it_and_a_settled_one_comes_back_only_for_another_value(
    ready: Any, sample: Path
) -> None:
    await says(ready, "commune", "35236")
    assert await conflicts(ready) == []
    await imported(ready, sample, "56239", "later-1")
    assert [await compared(ready), await compared(ready)] == [1, 0]
    (shown,) = await conflicts(ready)
    assert shown["national"]["values"] == ["56239"]
    said = await ready.get(f"/v1/professionals/{RPPS}/statements/commune")
    assert (said["value"], said["state"]) == ("35236", "holds"), "the import changes nothing of it"
    kept = await resolve(ready.http, shown["id"], "attested")
    assert (kept.status_code, kept.json()["state"], kept.json()["kept"]) == (200, "resolved", "attested")
    await says(ready, "commune", "35236")
    assert await conflicts(ready) == [], "said again, the same: still settled"
    again = await resolve(ready.http, shown["id"], "national", "r2")
    assert (again.status_code, again.json()["code"]) == (409, "not_open")
    await imported(ready, sample, "44067", "later-2")
    assert await compared(ready) == 1
    (back,) = await conflicts(ready)
    assert (back["national"]["values"], back["kept"]) == (["44067"], None)


async def test_keeping_the_national_value_withdraws_the_statement(ready: Any) -> None:
    await says(ready, "commune", "35268")
    (shown,) = await conflicts(ready)
    assert (await resolve(ready.http, shown["id"], "national")).json()["kept"] == "national"
    said = await ready.get(f"/v1/professionals/{RPPS}/statements/commune")
    assert said["state"] == "withdrawn"
    assert await conflicts(ready) == []
    assert len(await conflicts(ready, state="resolved", kind="commune", about=RPPS)) == 1


async def test_only_a_coordinator_of_the_territory_settles_it(ready: Any) -> None:
    await says(ready, "commune", "35268")
    (shown,) = await conflicts(ready)
    async with ready.connect(READ, WRITE, role="practitioner", rpps=RPPS) as http:
        assert (await resolve(http, shown["id"], "attested")).json()["code"] == "not_coordinator"
    async with ready.connect(READ, WRITE, role="coordinator", territory="haute-saintonge") as http:
        assert (await http.get("/v1/conflicts")).json()["items"] == []
        assert (await resolve(http, shown["id"], "attested")).json()["code"] == "conflict_unknown"
