"""The sample gives every count that it is documented to give (rpps_sample_expected.csv)."""

import csv
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

SCOPES = {
    "tableau_1_5_1": "self-employed persons per profession and département of their first place",
    "territoire_personnes_distinctes": "persons per profession, mode and pharmacists' section",
    "commune_site_principal_tableau": "self-employed persons of the table per commune of their first place",
    "commune_site_principal_tous": "persons per commune of their first place",
}


async def pages(directory: Any, path: str, **params: Any) -> list[dict[str, Any]]:
    """Every item of a list, page by page."""
    items: list[dict[str, Any]] = []
    cursor = None
    while True:
        page = await directory.get(path, limit=97, **params, **({"cursor": cursor} if cursor else {}))
        items += page["items"]
        cursor = page["next"]
        if cursor is None:
            return items


@pytest.fixture
def expected(sample: Path) -> list[dict[str, str]]:
    with sample.with_name("rpps_sample_expected.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def of_scope(expected: Iterable[dict[str, str]], scope: str) -> list[dict[str, str]]:
    rows = [row for row in expected if row["scope"] == scope]
    assert rows, SCOPES[scope]
    return rows


async def test_the_file_is_counted(redon: Any, expected: list[dict[str, str]]) -> None:
    [run] = (await redon.get("/v1/imports"))["items"]
    totals = {row["key"]: int(row["total"]) for row in of_scope(expected, "fichier")}
    assert run["state"] == "completed"
    assert run["counts"]["lines_read"] == totals["lignes"]
    assert run["counts"]["persons_added"] == totals["personnes"]
    assert run["counts"]["lines_rejected"] == 0
    assert run["counts"]["lines_duplicate"] == 2
    assert run["counts"]["places_unresolved"] == 0
    found = await pages(redon, "/v1/professionals", territory="pays-de-redon")
    assert len(found) == totals["personnes_territoire"]


async def test_everyone_is_found_when_nothing_is_asked(redon: Any) -> None:
    found = await pages(redon, "/v1/professionals")
    assert len({item["rpps"] for item in found}) == len(found) == 436
    assert sum(not item["activities"] for item in found) == 4


async def test_private_practitioners_per_profession_and_departement(redon: Any, expected: list[dict[str, str]]) -> None:
    found = await pages(redon, "/v1/professionals", territory="mine")
    rows = of_scope(expected, "tableau_1_5_1")
    total: Counter[str] = Counter()
    for row in rows[:-1]:
        counted = Counter(
            item["activities"][0]["place"]["department"]
            for item in found
            if item["activities"][0]["mode"]["code"] == "L" and _is(item, row["key"])
        )
        wanted = {department: int(row[f"dep{department}"]) for department in ("35", "56", "44")}
        assert counted == Counter(wanted), row["label"]
        total += counted
    assert total == Counter({department: int(rows[-1][f"dep{department}"]) for department in ("35", "56", "44")})


def _is(item: dict[str, Any], key: str) -> bool:
    """`10/SM53+SM26` is a doctor with one of these skills; a bare profession is anyone of it."""
    profession, _, skills = key.partition("/")
    if item["profession"]["code"] != profession:
        return False
    return not skills or bool({skill["code"] for skill in item["skills"]} & set(skills.split("+")))


async def test_persons_per_profession_and_mode(redon: Any, expected: list[dict[str, str]]) -> None:
    communes = {item["insee_code"] for item in (await redon.get("/v1/territories/pays-de-redon"))["communes"]}
    persons: defaultdict[str, set[str]] = defaultdict(set)
    for item in await pages(redon, "/v1/professionals", territory="pays-de-redon"):
        for activity in item["activities"]:
            if activity["place"]["commune"] in communes:
                parts = (item["profession"]["code"], activity["mode"]["code"], activity["section"])
                persons["/".join(part for part in parts if part)].add(item["rpps"])
    wanted = {row["key"]: int(row["total"]) for row in of_scope(expected, "territoire_personnes_distinctes")}
    assert {key: len(numbers) for key, numbers in persons.items()} == wanted


@pytest.mark.parametrize(
    ("scope", "table_only"), [("commune_site_principal_tous", False), ("commune_site_principal_tableau", True)]
)
async def test_persons_per_commune(redon: Any, expected: list[dict[str, str]], scope: str, table_only: bool) -> None:
    keys = [row["key"] for row in of_scope(expected, "tableau_1_5_1")[:-1]]
    found = [
        item
        for item in await pages(redon, "/v1/professionals", territory="pays-de-redon")
        if not table_only or (item["activities"][0]["mode"]["code"] == "L" and any(_is(item, key) for key in keys))
    ]
    counted = Counter(item["activities"][0]["place"]["commune"] for item in found)
    assert counted == Counter({row["key"]: int(row["total"]) for row in of_scope(expected, scope)})


async def test_general_practitioners_of_the_territory(redon: Any) -> None:
    found = await pages(redon, "/v1/professionals", territory="mine", specialty="general-practice")
    assert len(found) == 52
    skills = {skill["code"] for item in found for skill in item["skills"]}
    assert {"SM26", "SM53", "SM54"} <= skills


async def test_structures_come_with_the_lines(redon: Any) -> None:
    found = await pages(redon, "/v1/structures")
    assert len(found) == 27
    hospital = next(item for item in found if item["finess"] == "990010001")
    assert (hospital["name"], hospital["place"]["commune"]) == ("CH INTERCOM REDON CARENTOIR", "35236")
