"""Searching professionals, communes, structures and territories, on the sample."""

from typing import Any

import pytest

REDON = "35236"


async def found(redon: Any, **params: Any) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = (await redon.get("/v1/professionals", limit=200, **params))["items"]
    return items


def places(item: dict[str, Any]) -> set[str]:
    return {activity["place"]["commune"] for activity in item["activities"]}


async def test_by_profession_specialty_and_commune(redon: Any) -> None:
    items = await found(redon, profession="10", specialty="general-practice", commune=REDON)
    assert items
    assert all(REDON in places(item) and item["profession"]["code"] == "10" for item in items)
    assert all("general-practice" in [code["code"] for code in item["specialties"]] for item in items)
    assert [item["rpps"] for item in await found(redon, specialty="cardiology", commune=REDON)] == ["99000000093"]


async def test_the_answer_shows_codes_with_labels(redon: Any) -> None:
    item = await redon.get("/v1/professionals/99000000093")
    assert item["name"] == "Dr Donatien MORZILAREC"
    assert item["profession"] == {"code": "10", "label": "Médecin"}
    assert item["specialties"] == [{"code": "cardiology", "label": "Cardiologie"}]
    [activity] = item["activities"]
    assert activity["mode"]["code"] == "L"
    assert activity["place"] == {
        "commune": REDON,
        "name": "Redon",
        "department": "35",
        "postal_code": "35600",
        "street": "2 Boulevard DES GENETS",
    }
    assert (item["snp_participation"], item["distance_km"], item["listed"]) == (False, None, True)


async def test_an_old_commune_code_finds_those_of_today(redon: Any) -> None:
    now = await found(redon, commune="56061")
    assert now
    assert await found(redon, commune="56064") == now


async def test_the_nearest_come_first(redon: Any) -> None:
    items = await found(redon, near=REDON, max_distance_km=12, profession="60")
    distances = [item["distance_km"] for item in items]
    assert distances == sorted(distances)
    assert distances[0] == 0.0
    assert 5 < distances[-1] <= 12
    further = await found(redon, near=REDON, profession="60")
    assert len(further) > len(items)
    assert len(await found(redon, near=REDON, max_distance_km=0.1, profession="60")) < len(items)


async def test_distance_is_to_the_nearest_place_that_matches(redon: Any) -> None:
    for item in await found(redon, near=REDON, commune="56061"):
        # Someone may practise at Redon too; what was asked for is La Gacilly, 13 km away.
        assert 10 < item["distance_km"] < 20


async def test_a_radius_over_the_whole_country_leaves_out_nobody(redon: Any) -> None:
    placed = [item for item in await _all(redon, near=REDON, max_distance_km=300) if item["distance_km"] > 40]
    assert {item["activities"][0]["place"]["name"] for item in placed} >= {"Rennes", "Nantes"}


async def test_by_territory(redon: Any) -> None:
    assert len(await _all(redon, territory="mine")) == len(await _all(redon, territory="pays-de-redon")) == 430
    assert await found(redon, territory="atlantique-nord-loire") == []
    inside = await found(redon, territory="mine", commune=REDON)
    assert [item["rpps"] for item in inside] == [item["rpps"] for item in await found(redon, commune=REDON)]
    assert await found(redon, territory="haute-saintonge", commune=REDON) == []


@pytest.mark.parametrize("params", [{}, {"near": REDON, "max_distance_km": 30}, {"name": "mo"}, {"name": "Morzilarek"}])
@pytest.mark.parametrize("limit", [7, 50])
async def test_pages_neither_repeat_nor_skip(redon: Any, params: dict[str, Any], limit: int) -> None:
    whole = [item["rpps"] for item in await _all(redon, limit=200, **params)]
    paged = [item["rpps"] for item in await _all(redon, limit=limit, **params)]
    assert paged == whole
    assert len(set(whole)) == len(whole) > 0


async def _all(redon: Any, limit: int = 200, **params: Any) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        page = await redon.get("/v1/professionals", limit=limit, **params, **cursor)
        items += page["items"]
        if page["next"] is None:
            return items
        cursor = {"cursor": page["next"]}


@pytest.mark.parametrize("typed", ["MORZILAREC donatien", "morzilarec", "donatien morz", "Mörzilàrec", "don mor"])
async def test_accents_case_order_and_endings_of_a_name_do_not_count(redon: Any, typed: str) -> None:
    page = await redon.get("/v1/professionals", name=typed, limit=200)
    assert "99000000093" in [item["rpps"] for item in page["items"]]
    assert page["similar"] is False


async def test_a_misspelt_name_is_found_by_likeness_and_said_so(redon: Any) -> None:
    page = await redon.get("/v1/professionals", name="Morzilarek")
    assert page["similar"] is True
    assert "MORZILAREC" in {item["family_name"] for item in page["items"]}
    assert (await redon.get("/v1/professionals", name="xqzwvk"))["items"] == []


@pytest.mark.parametrize(
    ("params", "field", "code"),
    [
        ({"commune": "35999"}, "commune", "commune_unknown"),
        ({"near": "99999"}, "near", "commune_unknown"),
        ({"commune": "Redon"}, "commune", "string_pattern_mismatch"),
        ({"profession": "11"}, "profession", "profession_unknown"),
        ({"specialty": "magic"}, "specialty", "specialty_unknown"),
        ({"territory": "nowhere"}, "territory", "territory_unknown"),
        ({"max_distance_km": 5}, "max_distance_km", "near_missing"),
        ({"max_distance_km": "nan", "near": REDON}, "max_distance_km", "finite_number"),
        ({"max_distance_km": 301, "near": REDON}, "max_distance_km", "less_than_equal"),
        ({"name": "--"}, "name", "name_empty"),
        ({"cursor": "W10"}, "cursor", "cursor_invalid"),
        ({"cursor": "WzEsMiwzXQ"}, "cursor", "cursor_invalid"),
        ({"snp": "perhaps"}, "snp", "bool_parsing"),
        ({"limit": 201}, "limit", "less_than_equal"),
    ],
)
async def test_a_bad_filter_is_named(redon: Any, params: dict[str, Any], field: str, code: str) -> None:
    answer = await redon.http.get("/v1/professionals", params=params)
    assert answer.status_code == 422
    assert [(error["field"], error["code"]) for error in answer.json()["errors"]] == [(field, code)]


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/v1/professionals/99000009999", 404, "professional_unknown"),
        ("/v1/professionals/1", 422, "invalid_input"),
        ("/v1/structures/990019999", 404, "structure_unknown"),
        ("/v1/communes/35999", 404, "commune_unknown"),
        ("/v1/territories/nowhere", 404, "territory_unknown"),
        ("/v1/imports/019ab000-0000-7000-8000-000000000001", 404, "import_unknown"),
        ("/v1/imports/019ab000-0000-7000-8000-000000000001/errors", 404, "import_unknown"),
    ],
)
async def test_what_is_not_there(redon: Any, path: str, status: int, code: str) -> None:
    answer = await redon.http.get(path)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_communes_by_name_postal_code_and_distance(redon: Any) -> None:
    async def names(**params: Any) -> list[str]:
        return [item["name"] for item in (await redon.get("/v1/communes", **params))["items"]]

    assert (await names(name="st nicolas redon"))[0] == "Saint-Nicolas-de-Redon"
    assert (await names(name="paris"))[0] == "Paris"
    assert {"Redon", "Bains-sur-Oust", "Sainte-Marie"} <= set(await names(postal_code="35600"))
    near = await redon.get("/v1/communes", near=REDON, max_distance_km=10)
    assert [item["distance_km"] for item in near["items"]] == sorted(item["distance_km"] for item in near["items"])
    assert near["items"][0]["name"] == "Redon"


async def test_the_distance_between_redon_and_rennes(redon: Any) -> None:
    near = await redon.get("/v1/communes", near=REDON, name="rennes", max_distance_km=80)
    [rennes] = [item for item in near["items"] if item["insee_code"] == "35238"]
    assert rennes["distance_km"] == pytest.approx(58.23, abs=0.05)


async def test_communes_page_through_the_country(redon: Any) -> None:
    seen: list[str] = []
    page = await redon.get("/v1/communes", name="saint", limit=200)
    while page["next"] and len(seen) < 1000:
        seen += [item["insee_code"] for item in page["items"]]
        page = await redon.get("/v1/communes", name="saint", limit=200, cursor=page["next"])
    assert len(set(seen)) == len(seen) == 1000


async def test_an_old_code_leads_to_the_commune_of_today(redon: Any) -> None:
    assert (await redon.get("/v1/communes/56064"))["name"] == "La Gacilly"
    assert (await redon.get("/v1/communes/75112"))["insee_code"] == "75056"


async def test_territories(redon: Any) -> None:
    listed = (await redon.get("/v1/territories"))["items"]
    assert [item["slug"] for item in listed] == [
        "atlantique-nord-loire",
        "haute-saintonge",
        "marches-de-bretagne",
        "pays-de-redon",
    ]
    page = await redon.get("/v1/territories", limit=3)
    assert [item["slug"] for item in (await redon.get("/v1/territories", cursor=page["next"]))["items"]] == [
        "pays-de-redon"
    ]
    mine = await redon.get("/v1/territories/pays-de-redon")
    assert (mine["commune_count"], len(mine["communes"]), mine["municipal_population"]) == (39, 39, 83_086)
    assert (mine["population"]["count"], mine["contract"]["signed_on"]) == (81_246, "2021-07-08")
    bare = await redon.get("/v1/territories/atlantique-nord-loire")
    assert (bare["communes"], bare["municipal_population"], bare["population"]) == ([], None, None)


async def test_structures_by_name_and_place(redon: Any) -> None:
    listed = (await redon.get("/v1/structures", name="intercom redon"))["items"]
    assert {item["place"]["commune"] for item in listed} >= {REDON}
    near = (await redon.get("/v1/structures", near=REDON, limit=5))["items"]
    assert [item["distance_km"] for item in near] == sorted(item["distance_km"] for item in near)
    page = await redon.get("/v1/structures", near=REDON, limit=5)
    following = await redon.get("/v1/structures", near=REDON, limit=200, cursor=page["next"])
    assert not {item["finess"] for item in page["items"]} & {item["finess"] for item in following["items"]}
    assert await redon.get("/v1/structures/990010001") == next(i for i in listed if i["finess"] == "990010001")


async def test_the_nomenclature(redon: Any) -> None:
    known = await redon.get("/v1/nomenclature")
    assert {"code": "10", "label": "Médecin"} in known["professions"]
    [practice] = [item for item in known["specialties"] if item["code"] == "general-practice"]
    assert (practice["profession"], practice["skills"]) == ("10", ["SM26", "SM53", "SM54"])
