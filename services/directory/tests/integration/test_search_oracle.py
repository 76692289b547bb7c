"""Whatever way a search takes through the indexes, it answers what reading everybody one by one would."""

import random
from dataclasses import dataclass
from typing import Any

import pytest

from directory.domain.names import normalise

COMMUNES = ["35236", "56061", "44067", "44185", "35238"]
NAMES = ["mo", "morz", "lis", "dor qui", "elodie", "zz"]
SEED, SEARCHES, PARTICIPANTS = 20261122, 60, 60


@dataclass
class Everybody:
    """All entries of the sample, and how far the communes are from one another."""

    items: list[dict[str, Any]]
    communes_of: dict[str, set[str]]
    kilometres: dict[str, dict[str, float]]

    def expected(self, limit: int = 200, **asked: Any) -> list[tuple[str, float | None]]:
        """(RPPS, distance) of those who match, in order."""
        found = [(self._distance(item, asked), item) for item in self.items if self._matches(item, asked)]
        kept = [(distance, item) for distance, item in found if distance is not None]
        kept.sort(key=lambda pair: (pair[0], _sort_name(pair[1]), pair[1]["rpps"]))
        return [(item["rpps"], distance if "near" in asked else None) for distance, item in kept][:limit]

    def _matches(self, item: dict[str, Any], asked: dict[str, Any]) -> bool:
        words = f" {_sort_name(item)}"
        return (
            asked.get("profession", item["profession"]["code"]) == item["profession"]["code"]
            and asked.get("snp", item["snp_participation"]) == item["snp_participation"]
            and ("specialty" not in asked or asked["specialty"] in [code["code"] for code in item["specialties"]])
            and all(f" {word}" in words for word in normalise(asked.get("name", "")).split())
        )

    def _distance(self, item: dict[str, Any], asked: dict[str, Any]) -> float | None:
        """To the nearest place that matches; 0 when no distance is asked for, None when no place matches."""
        if not asked.keys() & {"commune", "territory", "near"}:
            return 0.0
        places = {activity["place"]["commune"] for activity in item["activities"]}
        places &= self.communes_of[asked["territory"]] if "territory" in asked else places
        places &= {asked["commune"]} if "commune" in asked else places
        around = self.kilometres[asked["near"]] if "near" in asked else dict.fromkeys(places, 0.0)
        distances = [around[place] for place in places if around.get(place, 999) <= asked.get("max_distance_km", 999)]
        return min(distances, default=None)


def _sort_name(item: dict[str, Any]) -> str:
    return f"{normalise(item['family_name'])} {normalise(item['given_name'])}"


@pytest.fixture(scope="module")
async def searched(new_settings: Any, templates: Any, issuer: Any, start: Any) -> Any:
    async with start(await new_settings(templates.sampled), issuer) as directory:
        items = (await directory.get("/v1/professionals", limit=200))["items"]
        for item in random.Random(SEED).sample(items, PARTICIPANTS):
            path = f"/v1/professionals/{item['rpps']}/participation"
            assert (await directory.http.put(path, json={"participates": True})).status_code == 200
        yield directory


@pytest.fixture(scope="module")
async def everybody(searched: Any) -> Everybody:
    items: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while len(items) < 436:
        page = await searched.get("/v1/professionals", limit=200, **cursor)
        items += page["items"]
        cursor = {"cursor": page["next"]}
    territory = await searched.get("/v1/territories/pays-de-redon")
    names = {item["insee_code"] for item in territory["communes"]} | set(COMMUNES) | {"44109"}
    kilometres = {commune: await _distances(searched, commune, names) for commune in COMMUNES}
    return Everybody(items, {"pays-de-redon": {item["insee_code"] for item in territory["communes"]}}, kilometres)


async def _distances(searched: Any, origin: str, communes: set[str]) -> dict[str, float]:
    found: dict[str, float] = {}
    cursor: dict[str, str] = {}
    while True:
        page = await searched.get("/v1/communes", near=origin, max_distance_km=150, limit=200, **cursor)
        found |= {item["insee_code"]: item["distance_km"] for item in page["items"] if item["insee_code"] in communes}
        if page["next"] is None or communes <= found.keys():
            return found
        cursor = {"cursor": page["next"]}


def questions() -> list[dict[str, Any]]:
    dice = random.Random(SEED)
    choices: dict[str, list[Any]] = {
        "profession": ["10", "60", "70", "21"],
        "specialty": ["general-practice", "ophthalmology", "advanced-practice-nurse"],
        "commune": COMMUNES,
        "territory": ["pays-de-redon"],
        "near": COMMUNES,
        "name": NAMES,
        "snp": [True, False],
    }
    asked = []
    for _ in range(SEARCHES):
        question = {name: dice.choice(values) for name, values in choices.items() if dice.random() < 0.3}
        if "near" in question:
            question["max_distance_km"] = dice.choice([0.5, 9.5, 24.5, 120])
        asked.append(question)
    return asked


async def test_every_search_answers_what_reading_everybody_would(searched: Any, everybody: Everybody) -> None:
    answered = 0
    for question in questions():
        page = await searched.get("/v1/professionals", limit=200, **question)
        if page["similar"]:
            assert everybody.expected(**question) == []
            continue
        ranked = [item["distance_km"] or 0 for item in page["items"]]
        assert ranked == sorted(ranked)
        # Distances are shown in tens of metres: two communes may look equally far and not be.
        items = sorted(page["items"], key=lambda item: (item["distance_km"] or 0, _sort_name(item), item["rpps"]))
        found = [(item["rpps"], item["distance_km"]) for item in items]
        assert found == everybody.expected(**question), question
        answered += bool(found)
    assert answered > SEARCHES / 3


@pytest.mark.parametrize(
    "question", [{"snp": True, "near": "35236", "max_distance_km": 60}, {"snp": True}, {"name": "mo"}]
)
async def test_pages_from_the_persons_side(searched: Any, everybody: Everybody, question: dict[str, Any]) -> None:
    found: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = await searched.get("/v1/professionals", limit=7, **question, **cursor)
        found += [item["rpps"] for item in page["items"]]
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}
    assert found == [rpps for rpps, _ in everybody.expected(**question)]


async def test_likeness_and_place_together(searched: Any) -> None:
    page = await searched.get("/v1/professionals", name="Morzilarek", near="35236", max_distance_km=60)
    assert page["similar"] is True
    distances = [item["distance_km"] for item in page["items"]]
    assert distances == sorted(distances)
    assert distances
