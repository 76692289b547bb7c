"""Published lists: numbered, frozen, with files that stay the same and what changed since the last."""

import asyncio
import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest
from openpyxl import load_workbook
from pypdf import PdfReader

from contracts.envelope import NATIONAL
from directory.domain.publications import ListRow, differences, harmless, quarter_day
from directory.usecases.publish_list import publish_due
from kit.clock import FixedClock

FIRST, SECOND, NURSE = "99000000093", "99000000283", "99000000192"
PUBLISH = ("directory:read", "directory:publish", "directory:write")


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(datetime(2026, 10, 5, 8, tzinfo=UTC))


@pytest.fixture
async def ready(new_settings: Any, templates: Any, issuer: Any, start: Any, clock: FixedClock) -> Any:
    async with start(await new_settings(templates.sampled), issuer, clock) as directory:
        yield directory


@pytest.fixture
async def http(ready: Any) -> Any:
    async with ready.connect(*PUBLISH, role="coordinator", sub="coordinator") as client:
        yield client


async def say(http: Any, rpps: str, **body: Any) -> None:
    answer = await http.put(f"/v1/professionals/{rpps}/acceptance", json={"accepts": True, **body})
    assert answer.status_code == 200, answer.text


async def publish(http: Any, key: str = "1") -> dict[str, Any]:
    answer = await http.post("/v1/publications", json={"list": "accepting-doctors"}, headers={"Idempotency-Key": key})
    assert answer.status_code == 201, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def read(http: Any, path: str, **params: Any) -> Any:
    answer = await http.get(f"/v1/publications{path}", params=params)
    assert answer.status_code == 200, answer.text
    return answer


async def test_a_version_is_frozen_and_the_next_tells_what_changed(http: Any, clock: FixedClock) -> None:
    await say(http, FIRST, capacity=20, patients=["ald"])
    one = await publish(http)
    assert (one["number"], one["row_count"], one["added"], one["gone"], one["changed"]) == (1, 1, 1, 0, 0)
    await say(http, FIRST, capacity=5, patients=["ald"])
    await say(http, SECOND)
    clock.advance(timedelta(days=1))
    two = await publish(http, "2")
    assert (two["number"], two["added"], two["gone"], two["changed"]) == (2, 1, 0, 1)
    await say(http, FIRST, accepts=False)
    clock.advance(timedelta(days=1))
    three = await publish(http, "3")
    assert (three["number"], three["added"], three["gone"], three["changed"]) == (3, 0, 1, 0)

    (frozen,) = (await read(http, f"/{one['id']}/rows")).json()["items"]
    assert (frozen["key"], frozen["cells"]["capacity"]) == (FIRST, "20")
    assert frozen["cells"]["patients"] == "Patients en affection de longue durée (ALD)"
    changes = {it["key"]: it for it in (await read(http, f"/{two['id']}/changes")).json()["items"]}
    assert changes[FIRST]["fields"] == [{"column": "capacity", "before": "20", "after": "5"}]
    assert (changes[SECOND]["kind"], changes[SECOND]["fields"]) == ("added", [])
    (gone,) = (await read(http, f"/{three['id']}/changes")).json()["items"]
    assert (gone["key"], gone["kind"], gone["label"]) == (FIRST, "gone", frozen["cells"]["name"])
    listed = (await read(http, "", list="accepting-doctors", limit=2)).json()
    assert [it["number"] for it in listed["items"]] == [3, 2]
    assert [it["number"] for it in (await read(http, "", cursor=listed["next"])).json()["items"]] == [1]


async def test_files_are_the_same_bytes_and_say_what_the_rows_say(http: Any) -> None:
    await say(http, FIRST, capacity=20)
    version = await publish(http)
    files = {}
    for name in ("csv", "xlsx", "pdf"):
        first, second = [await read(http, f"/{version['id']}/file", format=name) for _ in range(2)]
        assert first.content == second.content
        assert first.headers["content-disposition"] == f'attachment; filename="accepting-doctors-1.{name}"'
        files[name] = first.content
    (row,) = (await read(http, f"/{version['id']}/rows")).json()["items"]
    table = list(csv.reader(io.StringIO(files["csv"].decode("utf-8-sig")), delimiter=";"))
    assert table[0] == [column["label"] for column in version["columns"]]
    assert table[1] == list(row["cells"].values())
    sheet = load_workbook(io.BytesIO(files["xlsx"])).active
    assert [cell.value or "" for cell in sheet[2]] == table[1]
    text = PdfReader(io.BytesIO(files["pdf"])).pages[0].extract_text()
    assert "Version 1 du 5 octobre 2026" in text
    assert row["cells"]["commune"] in text


async def test_ten_at_once_are_ten_numbers(ready: Any, http: Any) -> None:
    await say(http, FIRST)
    versions = await asyncio.gather(*(publish(http, str(n)) for n in range(10)))
    assert sorted(it["number"] for it in versions) == list(range(1, 11))
    assert len({it["previous_id"] for it in versions}) == 10
    assert [e["type"] for e in await ready.outbox()].count("fr.cpts.directory.list.published.v1") == 10


async def test_a_version_cannot_be_changed_and_is_of_one_territory(ready: Any, http: Any) -> None:
    version = await publish(http)
    async with ready.connect(*PUBLISH, territory="haute-saintonge", role="coordinator") as other:
        for path in ("", "/rows", "/changes", "/file?format=csv"):
            answer = await other.get(f"/v1/publications/{version['id']}{path}")
            assert (answer.status_code, answer.json()["code"]) == (404, "publication_unknown")
        assert (await other.get("/v1/publications")).json()["items"] == []
    async with ready.runtime.db.work("pays-de-redon") as work:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await work.execute("UPDATE publication_row SET cells = '{}'")


async def test_an_unknown_list_is_refused_by_name(http: Any) -> None:
    refused = await http.post("/v1/publications", json={"list": "nobody"}, headers={"Idempotency-Key": "1"})
    assert (refused.status_code, refused.json()["code"]) == (422, "list_unknown")


async def due(directory: Any) -> int:
    async with directory.runtime.system.work(NATIONAL) as work:
        return await publish_due(work, directory.runtime.extras["reference"], directory.runtime.blobs)


async def test_the_list_is_published_by_itself_on_the_day_of_the_quarter(
    ready: Any, http: Any, clock: FixedClock
) -> None:
    await say(http, FIRST, valid_until="2027-03-01")
    assert await due(ready) == 0
    clock.advance(timedelta(days=17))  # 22 October
    assert [await due(ready), await due(ready)] == [1, 0]
    clock.advance(timedelta(days=60))
    assert await due(ready) == 0
    clock.advance(timedelta(days=40))  # the next quarter
    assert [await due(ready), await due(ready)] == [1, 0]
    versions = (await read(http, "")).json()["items"]
    assert [(it["number"], it["published_by"], it["row_count"]) for it in versions] == [
        (2, "publish-lists", 1),
        (1, "publish-lists", 1),
    ]


@pytest.mark.parametrize(
    ("cell", "kept"),
    [("=1+1", "'=1+1"), ("+33", "'+33"), ("-a", "'-a"), ("@x", "'@x"), ("\tx", "'\tx"), ("a=b", "a=b")],
)
def test_no_cell_is_a_formula(cell: str, kept: str) -> None:
    assert harmless(cell) == kept


def test_differences_of_lists_with_other_columns() -> None:
    before = [ListRow("1", {"name": "A"}), ListRow("2", {"name": "B"})]
    after = [ListRow("3", {"name": "C", "phone": ""}), ListRow("1", {"name": "A", "phone": "1"})]
    found = differences(["name", "phone"], before, after)
    assert [(it.key, it.kind, dict(it.fields)) for it in found] == [
        ("3", "added", {}),
        ("1", "changed", {"phone": ("", "1")}),
        ("2", "gone", {}),
    ]


def test_a_day_of_the_quarter() -> None:
    days = [quarter_day(datetime(2026, month, 28).date(), 22).isoformat() for month in (2, 4, 9, 12)]  # noqa: DTZ001
    assert days == ["2026-01-22", "2026-04-22", "2026-07-22", "2026-10-22"]
