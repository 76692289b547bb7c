"""Searching by what the territory attests, by mode and sector; counts by facet; misspelt names."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

RPPS, OTHER = "99000000093", "99000000283"
READ = "directory:read"


@pytest.fixture(scope="module")
async def attested(new_settings: Any, templates: Any, issuer: Any, start: Any) -> Any:
    """One who speaks Breton and makes visits, one who speaks Turkish, makes none and accepts patients."""
    async with start(await new_settings(templates.sampled), issuer) as directory:
        said = [(RPPS, "languages", ["br"]), (RPPS, "home_visits", True)]
        said += [(OTHER, "languages", ["tr", "fr"]), (OTHER, "home_visits", False)]
        for rpps, kind, value in said:
            path = f"/v1/professionals/{rpps}/statements/{kind}"
            assert (await directory.http.put(path, json={"value": value})).status_code == 200
        until = (datetime.now(UTC).date() + timedelta(days=30)).isoformat()
        answer = await directory.http.put(
            f"/v1/professionals/{OTHER}/acceptance", json={"accepts": True, "valid_until": until}
        )
        assert answer.status_code == 200, answer.text
        yield directory


async def found(directory: Any, **asked: Any) -> list[str]:
    return [item["rpps"] for item in (await directory.get("/v1/professionals", **asked))["items"]]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"capability": "languages"}, {RPPS, OTHER}),
        ({"capability": "languages=br"}, {RPPS}),
        ({"capability": "home_visits"}, {RPPS}),
        ({"capability": "home_visits=no"}, {OTHER}),
        ({"capability": ["languages=fr", "home_visits=no"]}, {OTHER}),
        ({"capability": ["languages=fr", "home_visits=yes"]}, set()),
        ({"accepts": True}, {OTHER}),
        ({"accepts": False}, set()),
        ({"accepts": True, "capability": "languages=br"}, set()),
        ({"capability": "languages=br", "commune": "35236"}, {RPPS}),
        ({"capability": "languages=br", "commune": "44109"}, set()),
        ({"capability": "languages", "near": "35236", "max_distance_km": 60, "profession": "10"}, None),
    ],
)
async def test_only_what_is_attested_here_counts(attested: Any, asked: dict[str, Any], expected: Any) -> None:
    answer = set(await found(attested, **asked))
    assert answer == expected if expected is not None else answer <= {RPPS, OTHER}
    async with attested.connect(READ, territory="haute-saintonge") as http:
        assert (await http.get("/v1/professionals", params=asked)).json()["items"] == []


async def test_mode_and_sector_are_those_of_the_place(attested: Any) -> None:
    everyone = (await attested.get("/v1/professionals", commune="35236", limit=200))["items"]
    for mode in ("L", "S"):
        expected = [
            item["rpps"]
            for item in everyone
            if any(
                it["place"]["commune"] == "35236" and it["mode"] and it["mode"]["code"] == mode
                for it in item["activities"]
            )
        ]
        assert await found(attested, commune="35236", mode=mode, limit=200) == expected
        assert expected
    assert RPPS in await found(attested, capability="languages=br", mode="L", sector="SA07")


@pytest.mark.parametrize(
    ("asked", "field", "code"),
    [
        ({"capability": "alchemy"}, "capability", "kind_unknown"),
        ({"capability": "languages=xx"}, "capability", "code_unknown"),
        ({"mode": "Z", "commune": "35236"}, "mode", "mode_unknown"),
        ({"mode": "L"}, "mode", "place_missing"),
        ({"sector": "SA07", "profession": "10"}, "sector", "place_missing"),
        ({"accepts": True, "commune": "35236", "at": "2026-09-30"}, "at", "at_refused"),
    ],
)
async def test_what_cannot_be_asked_names_its_field(
    attested: Any, asked: dict[str, Any], field: str, code: str
) -> None:
    answer = await attested.http.get("/v1/professionals", params=asked)
    assert answer.status_code == 422
    assert [(it["field"], it["code"]) for it in answer.json()["errors"]] == [(field, code)]


@pytest.mark.parametrize(
    "asked",
    [
        {"commune": "35236"},
        {"territory": "pays-de-redon", "profession": "10"},
        {"near": "35236", "max_distance_km": 24.5},
        {"name": "mo"},
        {"capability": "languages"},
        {},
    ],
)
async def test_counts_are_those_of_the_search(attested: Any, asked: dict[str, Any]) -> None:
    items: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        page = await attested.get("/v1/professionals", limit=200, **asked, **cursor)
        items += page["items"]
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}
    counted = await attested.get("/v1/professionals/facets", **asked)
    assert (counted["total"], counted["capped"]) == (str(len(items)), False)
    if "commune" in asked:
        assert [(it["code"], it["count"]) for it in counted["communes"]] == [("35236", len(items))]


@pytest.mark.parametrize(
    ("asked", "narrowed_by"),
    [
        ({"territory": "pays-de-redon"}, ("profession", "specialty")),
        ({"near": "35236", "max_distance_km": 24.5}, ("profession", "specialty")),
        ({"territory": "pays-de-redon", "profession": "10"}, ("specialty", "commune")),
        ({"commune": "35236", "specialty": "general-practice"}, ("commune",)),
        ({"name": "mo"}, ("profession", "specialty", "commune")),
        ({"capability": "languages", "commune": "35236"}, ("profession", "commune")),
        ({}, ("profession", "specialty", "commune")),
    ],
)
async def test_a_count_is_that_of_the_search_narrowed_by_it(
    attested: Any, asked: dict[str, Any], narrowed_by: tuple[str, ...]
) -> None:
    counted = await attested.get("/v1/professionals/facets", **asked)
    lists = {"profession": "professions", "specialty": "specialties", "commune": "communes"}
    for by in narrowed_by:
        assert counted[lists[by]]
        for facet in counted[lists[by]]:
            narrowed = await attested.get("/v1/professionals/facets", **asked | {by: facet["code"]})
            assert (facet, narrowed["total"]) == (facet, str(facet["count"]))


async def test_beyond_the_cap_it_says_so(attested: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    exact = await attested.get("/v1/professionals/facets")
    monkeypatch.setattr("directory.store.search_counts.FACET_CAP", 10)
    monkeypatch.setattr("directory.api.facets.FACET_CAP", 10)
    counted = await attested.get("/v1/professionals/facets")
    assert (counted["total"], counted["capped"]) == ("10+", True)
    assert [counted[it] for it in ("professions", "specialties", "communes")] == [
        exact[it] for it in ("professions", "specialties", "communes")
    ]
    counted = await attested.get("/v1/professionals/facets", name="ma")
    assert (counted["total"], counted["capped"]) == ("10+", True)


@pytest.mark.parametrize("typed", ["Morzilarek", "MORZILAREQ donatien", "morzillarec Donatyen"])
async def test_a_misspelt_name_is_found_by_its_words(attested: Any, typed: str) -> None:
    page = await attested.get("/v1/professionals", name=typed)
    assert page["similar"] is True
    assert RPPS in [item["rpps"] for item in page["items"]]
    assert int((await attested.get("/v1/professionals/facets", name=typed))["total"]) == len(page["items"])


async def test_a_name_like_none_finds_nobody(attested: Any) -> None:
    page = await attested.get("/v1/professionals", name="xqzwkvjh")
    assert page["items"] == []
