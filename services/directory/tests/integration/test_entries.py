"""Roles, care teams and the common directory of resources: kept by a territory, ended, never deleted."""

import asyncio
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest

from directory.usecases.list_entries import resources_that_hold
from kit.clock import FixedClock

RPPS, OTHER, SITE = "99000000093", "99000000283", "990010001"
READ, WRITE = "directory:read", "directory:write"
ROLE = {"role": "nursing_home_referent", "rpps": RPPS, "finess": SITE, "since": "2026-09-01"}
TEAM = {"name": "MSP du Pays", "kind": "msp", "basis": "same_structure", "commune": "35236", "since": "2026-01-01"}
RESOURCE = {
    "name": "Espace ressources cancer",
    "kind": "association",
    "themes": ["oncology"],
    "purpose": "Écoute, soins de support",
    "communes": ["35236"],
    "phone": "+33199000001",
    "email": "contact@example.org",
}
KEYS = count()


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(datetime(2026, 9, 29, 20, tzinfo=UTC))


@pytest.fixture
async def ready(new_settings: Any, templates: Any, issuer: Any, start: Any, clock: FixedClock) -> Any:
    async with start(await new_settings(templates.sampled), issuer, clock) as directory:
        yield directory


async def post(http: Any, path: str, body: dict[str, Any]) -> Any:
    return await http.post(f"/v1{path}", json=body, headers={"Idempotency-Key": f"k{next(KEYS)}"})


async def added(http: Any, path: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = await post(http, path, body)
    assert answer.status_code == 201, answer.text
    row: dict[str, Any] = answer.json()
    return row


async def names(ready: Any, **params: Any) -> list[str]:
    return [item["name"] for item in (await ready.get("/v1/resources", **params))["items"]]


async def test_a_role_begins_is_corrected_and_ends(ready: Any, clock: FixedClock) -> None:
    role = await added(ready.http, "/roles", ROLE)
    path = f"/v1/roles/{role['id']}"
    changed = await ready.http.put(path, json={**ROLE, "subject": "EHPAD"}, headers={"If-Match": '"1"'})
    assert (changed.json()["subject"], changed.headers["etag"]) == ("EHPAD", '"2"')
    stale = await ready.http.put(path, json=ROLE, headers={"If-Match": '"1"'})
    assert (stale.status_code, stale.json()["code"]) == (412, "version_mismatch")
    clock.advance(timedelta(days=10))
    early = await post(ready.http, f"/roles/{role['id']}/end", {"on": "2026-08-01"})
    assert early.json()["code"] == "ends_before_it_begins"
    ended = await post(ready.http, f"/roles/{role['id']}/end", {"on": "2026-10-05"})
    assert ended.json()["ended_on"] == "2026-10-05"
    assert (await post(ready.http, f"/roles/{role['id']}/end", {})).json()["code"] == "ended"
    assert (await ready.http.put(path, json=ROLE)).json()["code"] == "ended"
    assert (await ready.get("/v1/roles", current=True))["items"] == []
    past = await ready.get("/v1/roles", rpps=RPPS, current=True, at="2026-09-30")
    assert [(it["version"], it["ended_on"]) for it in past["items"]] == [(2, None)]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"role": "king"}, "role"),
        ({"rpps": "99000009999"}, "rpps"),
        ({"finess": "999999999"}, "finess"),
        ({"finess": None}, "finess"),
        ({"organisation": "Ligue"}, "rpps"),
        ({"role": "patient_expert"}, "rpps"),
    ],
)
async def test_what_does_not_fit_a_role_names_its_field(ready: Any, change: dict[str, Any], field: str) -> None:
    answer = await post(ready.http, "/roles", {**ROLE, **change})
    assert answer.status_code == 422, answer.text
    assert [it["field"] for it in answer.json()["errors"]] == [field]


async def test_a_patient_expert_is_reached_through_an_association(ready: Any) -> None:
    body = {"role": "patient_expert", "organisation": "Association de patients", "since": "2026-09-01"}
    assert (await added(ready.http, "/roles", body))["rpps"] is None


async def test_a_care_team_has_members_once_each(ready: Any) -> None:
    team = await added(ready.http, "/care-teams", TEAM)
    path = f"/care-teams/{team['id']}"
    member = {"rpps": RPPS, "role": "referent", "since": "2026-02-01"}
    answers = await asyncio.gather(*(post(ready.http, f"{path}/members", member) for _ in range(5)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409, 409]
    assert {answer.json().get("code") for answer in answers} == {None, "already_member"}
    other = await added(ready.http, f"{path}/members", {**member, "rpps": OTHER, "role": "member"})
    left = await post(ready.http, f"/care-team-members/{other['id']}/end", {"on": "2026-03-01"})
    assert left.json()["ended_on"] == "2026-03-01"
    assert len((await ready.get(f"/v1{path}/members", current=True))["items"]) == 1
    assert len((await ready.get(f"/v1{path}/members"))["items"]) == 2
    early = await post(ready.http, f"{path}/members", {**member, "rpps": OTHER, "since": "2025-01-01"})
    assert early.json()["code"] == "before_the_team"
    await post(ready.http, f"{path}/end", {"on": "2026-06-30"})
    gone = (await ready.get(f"/v1{path}/members", current=False))["items"]
    assert sorted(it["ended_on"] for it in gone) == ["2026-03-01", "2026-06-30"]
    assert (await post(ready.http, f"{path}/members", member)).json()["code"] == "ended"


async def test_resources_are_found_by_theme_kind_commune_and_words(ready: Any) -> None:
    await added(ready.http, "/resources", RESOURCE)
    await added(ready.http, "/resources", {"name": "CLIC", "kind": "coordination", "themes": ["geriatrics"]})
    assert await names(ready) == ["CLIC", "Espace ressources cancer"]
    assert await names(ready, theme="oncology") == ["Espace ressources cancer"]
    assert await names(ready, kind="coordination") == ["CLIC"]
    assert await names(ready, commune="35236") == ["CLIC", "Espace ressources cancer"]
    assert await names(ready, commune="44067") == ["CLIC"], "without communes it serves all"
    assert await names(ready, text="soins ecou") == ["Espace ressources cancer"]
    assert await names(ready, text="inconnu") == []
    first = await ready.get("/v1/resources", limit=1)
    assert await names(ready, limit=1, cursor=first["next"]) == ["Espace ressources cancer"]


async def test_a_resource_holds_until_its_day_and_is_attested_again(ready: Any, clock: FixedClock) -> None:
    row = await added(ready.http, "/resources", {**RESOURCE, "valid_until": "2026-10-31"})
    clock.advance(timedelta(days=60))
    assert await names(ready, holds=True) == []
    assert await names(ready, holds=True, at="2026-10-31") == ["Espace ressources cancer"]
    again = await ready.http.put(f"/v1/resources/{row['id']}", json={**RESOURCE, "purpose": "Écoute"})
    assert (again.status_code, again.json()["valid_until"], again.json()["version"]) == (200, "2027-11-28", 2)
    assert again.json()["attested_at"] == "2026-11-28T20:00:00Z"
    assert await names(ready, holds=True, text="soins") == []
    assert await names(ready, text="soins", at="2026-10-01") == ["Espace ressources cancer"]
    await post(ready.http, f"/resources/{row['id']}/end", {"on": "2026-11-27"})
    assert await names(ready) == []


async def test_a_published_version_gets_what_held_at_an_instant(ready: Any, clock: FixedClock) -> None:
    await added(ready.http, "/resources", RESOURCE)
    instant = clock.now() + timedelta(seconds=1)
    clock.advance(timedelta(days=1))
    await added(ready.http, "/resources", {"name": "Accueil", "kind": "social", "themes": ["oncology"]})
    async with ready.runtime.db.work("pays-de-redon") as work:
        before, now = await resources_that_hold(work, instant), await resources_that_hold(work, theme="oncology")
    assert [row["name"] for row in before] == ["Espace ressources cancer"]
    assert [row["name"] for row in now] == ["Accueil", "Espace ressources cancer"]


@pytest.mark.parametrize("change", [{"themes": ["magic"]}, {"kind": "x1"}, {"communes": ["99999"]}, {"name": " "}])
async def test_what_does_not_fit_a_resource_is_refused(ready: Any, change: dict[str, Any]) -> None:
    assert (await post(ready.http, "/resources", {**RESOURCE, **change})).status_code == 422


async def test_only_a_coordinator_of_the_territory_keeps_them(ready: Any) -> None:
    row = await added(ready.http, "/resources", RESOURCE)
    async with ready.connect(READ, WRITE, role="practitioner", rpps=RPPS) as http:
        for path, body in (("/resources", RESOURCE), ("/roles", ROLE), ("/care-teams", TEAM)):
            answer = await post(http, path, body)
            assert (answer.status_code, answer.json()["code"]) == (403, "not_coordinator")
        assert (await http.put(f"/v1/resources/{row['id']}", json=RESOURCE)).json()["code"] == "not_coordinator"
        assert (await post(http, f"/resources/{row['id']}/end", {})).json()["code"] == "not_coordinator"
    async with ready.connect(READ, WRITE, role="coordinator", territory="haute-saintonge") as http:
        assert (await http.get("/v1/resources")).json()["items"] == []
        assert (await http.get(f"/v1/resources/{row['id']}")).status_code == 404
        assert (await post(http, f"/resources/{row['id']}/end", {})).status_code == 404
