"""The common directory of resources (*répertoire commun des ressources*), published and sent like every list."""

import asyncio
import csv
import io
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from openpyxl import load_workbook
from pypdf import PdfReader

from contracts.envelope import NATIONAL
from directory.usecases.publish_list import publish_due
from kit.clock import FixedClock

SCOPES = ("directory:read", "directory:write", "directory:publish")
KEYS = count()
CANCER = {
    "name": "Espace ressources cancer",
    "kind": "association",
    "themes": ["oncology", "carers"],
    "purpose": "Écoute, soins de support",
    "communes": ["35236"],
    "phone": "+33199000001",
    "email": "contact@example.org",
}
CLIC = {"name": "CLIC", "kind": "coordination", "themes": ["geriatrics"]}
HERE = "shared-resources"


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(datetime(2026, 10, 5, 8, tzinfo=UTC))


@pytest.fixture
async def ready(new_settings: Any, templates: Any, issuer: Any, start: Any, clock: FixedClock) -> Any:
    async with start(await new_settings(templates.empty), issuer, clock) as directory:
        yield directory


@pytest.fixture
async def http(ready: Any) -> Any:
    async with ready.connect(*SCOPES, role="coordinator", sub="coordinator") as client:
        yield client


async def post(http: Any, path: str, body: Any = None, status: int = 201) -> dict[str, Any]:
    answer = await http.post(f"/v1{path}", json=body, headers={"Idempotency-Key": f"k{next(KEYS)}"})
    assert answer.status_code == status, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def items(http: Any, path: str) -> list[dict[str, Any]]:
    answer = await http.get(f"/v1/publications/{path}")
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


async def test_two_versions_and_what_changed(http: Any, clock: FixedClock) -> None:
    cancer = await post(http, "/resources", CANCER | {"valid_until": "2026-12-31"})
    clic = await post(http, "/resources", CLIC)
    one = await post(http, "/publications", {"list": HERE})
    assert (one["number"], one["row_count"], one["title"]) == (1, 2, "Répertoire commun des ressources")
    cells = {row["key"]: row["cells"] for row in await items(http, f"{one['id']}/rows")}
    assert (cells[cancer["id"]]["communes"], cells[clic["id"]]["communes"]) == ("Redon", "Tout le territoire")
    assert cells[cancer["id"]]["themes"] == "Aidants, Oncologie"
    assert cells[cancer["id"]]["kind"] == "Association"
    clock.advance(timedelta(days=1))
    changed = await http.put(f"/v1/resources/{clic['id']}", json=CLIC | {"phone": "+33199000002"})
    assert changed.status_code == 200
    new = await post(http, "/resources", CLIC | {"name": "Transport solidaire", "kind": "transport"})
    clock.advance(timedelta(days=90))
    two = await post(http, "/publications", {"list": HERE})
    assert [two[name] for name in ("number", "row_count", "added", "changed", "gone")] == [2, 2, 1, 1, 1]
    told = {it["key"]: it for it in await items(http, f"{two['id']}/changes")}
    assert told[new["id"]]["kind"] == "added"
    assert (told[cancer["id"]]["kind"], told[cancer["id"]]["label"]) == ("gone", CANCER["name"])
    fields = {it["column"]: (it["before"], it["after"]) for it in told[clic["id"]]["fields"]}
    assert fields["phone"] == ("", "+33199000002")
    assert len(await items(http, f"{one['id']}/rows")) == 2, "the first stands as it was"


async def test_oncology_is_a_list_of_its_own(http: Any) -> None:
    for body in (CANCER, CLIC):
        await post(http, "/resources", body)
    whole, part = [await post(http, "/publications", {"list": it}) for it in (HERE, f"{HERE}-oncology")]
    assert (whole["number"], whole["row_count"], part["number"], part["row_count"]) == (1, 2, 1, 1)
    assert [it["cells"]["name"] for it in await items(http, f"{part['id']}/rows")] == [CANCER["name"]]


async def test_a_long_entry_fits_in_every_file(http: Any) -> None:
    """Five texts of a thousand characters are higher than a page; a control character is not for a spreadsheet."""
    long = "Une consultation sans ordonnance, " * 28
    await post(
        http, "/resources", CANCER | dict.fromkeys(("purpose", "public", "opening", "referral"), long + "\x0bfin")
    )
    await post(http, "/resources", CLIC | {"name": "=1+1"})
    version = await post(http, "/publications", {"list": HERE})
    names = ("csv", "xlsx", "pdf")
    found = [await http.get(f"/v1/publications/{version['id']}/file", params={"format": it}) for it in names]
    assert [it.status_code for it in found] == [200, 200, 200]
    files = [it.content for it in found]
    table = list(csv.reader(io.StringIO(files[0].decode("utf-8-sig")), delimiter=";"))
    assert [row[0] for row in table] == ["Ressource", "'=1+1", CANCER["name"]]
    assert table[2][3] == (long + "fin")
    assert "RPPS" in table[0]
    assert [row[0].value for row in load_workbook(io.BytesIO(files[1])).active.iter_rows()] == [r[0] for r in table]
    pages = [page.extract_text() for page in PdfReader(io.BytesIO(files[2])).pages]
    assert "Répertoire commun des ressources" in pages[0]
    assert "RPPS" not in pages[0], "some columns are for machines"
    # A word that goes on on the next page is read in two.
    assert "".join("".join(pages).split()).count("ordonnance") > 4 * 28 - 8


async def test_it_is_published_by_itself_once_the_territory_has_resources(
    ready: Any, http: Any, clock: FixedClock
) -> None:
    async def due() -> int:
        async with ready.runtime.system.work(NATIONAL) as work:
            return await publish_due(work, ready.runtime.extras["reference"], ready.runtime.blobs)

    clock.advance(timedelta(days=17))  # 22 October
    assert await due() == 0, "nobody begins by an empty list"
    await post(http, "/resources", CANCER)
    assert [await due(), await due()] == [1, 0]
    (one,) = (await http.get("/v1/publications")).json()["items"]
    assert (one["list"], one["published_by"]) == (HERE, "publish-lists")


async def test_recipients_are_counted_once_and_told_without_their_names(ready: Any, http: Any) -> None:
    """What I-19 counts: distinct recipients, whatever the lists they stand on and the versions they get."""
    await post(http, "/resources", CANCER)
    lists = [(await post(http, "/diffusion-lists", {"name": name}))["id"] for name in ("Santé", "Social")]
    for list_id, owner in ((lists[0], "a@example.org"), (lists[1], "A@example.org"), (lists[1], "b@example.org")):
        body = {"kind": "other", "name": owner, "owner_kind": "email", "owner": owner}
        await post(http, f"/diffusion-lists/{list_id}/recipients", body)
    one, two = [await post(http, "/publications", {"list": HERE}) for _ in range(2)]
    sent = await asyncio.gather(
        *(post(http, f"/publications/{one['id']}/send", {"lists": lists}, 202) for _ in range(3)),
        post(http, f"/publications/{two['id']}/send", {"lists": lists[:1]}, 202),
    )
    assert sum(it["planned"] for it in sent) == 3
    async with ready.runtime.system.work(NATIONAL) as work:
        rows = await work.fetch("SELECT body::jsonb -> 'data' AS data FROM outbox WHERE type LIKE '%.list.sent.v1'")
    told = [row["data"] for row in rows]
    assert {it["list"] for it in told} == {HERE}
    assert sum(it["recipient_count"] for it in told) == 3
    assert len({it for row in told for it in row["recipients"]}) == 2
    assert "example.org" not in str(told)


async def test_only_who_publishes_does(ready: Any, http: Any) -> None:
    version = await post(http, "/publications", {"list": HERE})
    async with ready.connect("directory:read", role="practitioner", rpps="99000000093") as other:
        body = {"list": HERE}
        refused = await other.post("/v1/publications", json=body, headers={"Idempotency-Key": "1"})
        assert refused.status_code == 403
    async with ready.connect(*SCOPES, role="coordinator", territory="haute-saintonge") as other:
        assert (await other.get(f"/v1/publications/{version['id']}")).json()["code"] == "publication_unknown"
