"""Who takes part in unscheduled care, per territory."""

import asyncio
from typing import Any

import asyncpg
import pytest

RPPS, OTHER = "99000000093", "99000000283"
READ, WRITE = "directory:read", "directory:write"


@pytest.fixture
async def ready(new_settings: Any, templates: Any, issuer: Any, start: Any) -> Any:
    async with start(await new_settings(templates.sampled), issuer) as directory:
        yield directory


def path(rpps: str = RPPS) -> str:
    return f"/v1/professionals/{rpps}/participation"


async def put(http: Any, participates: bool, rpps: str = RPPS, **headers: str) -> Any:
    return await http.put(path(rpps), json={"participates": participates}, headers=headers)


async def told(directory: Any) -> list[tuple[str, str]]:
    events = await directory.outbox()
    return [(e["territory"], e["subject"]) for e in events if e["type"] == "fr.cpts.directory.participation.changed.v1"]


async def test_nobody_takes_part_before_choosing(ready: Any) -> None:
    answer = await ready.http.get(path())
    assert answer.headers["etag"] == '"0"'
    assert answer.json() == {
        "rpps": RPPS,
        "territory": "pays-de-redon",
        "participates": False,
        "version": 0,
        "changed_at": None,
    }


async def test_each_change_is_one_event_of_the_next_version(ready: Any) -> None:
    versions = []
    for choice in (False, True, True, False, True):
        answer = await put(ready.http, choice)
        versions.append(answer.json()["version"])
        assert answer.headers["etag"] == f'"{versions[-1]}"'
    assert versions == [0, 1, 1, 2, 3]
    assert await told(ready) == [("pays-de-redon", RPPS)] * 3


async def test_the_search_shows_and_filters_the_choice(ready: Any) -> None:
    await put(ready.http, True)
    assert [item["rpps"] for item in (await ready.get("/v1/professionals", snp=True))["items"]] == [RPPS]
    assert (await ready.get(f"/v1/professionals/{RPPS}"))["snp_participation"] is True
    others = await ready.get("/v1/professionals", snp=False, commune="35236", limit=200)
    assert RPPS not in [item["rpps"] for item in others["items"]]
    assert others["items"]


async def test_a_choice_belongs_to_one_territory(ready: Any) -> None:
    await put(ready.http, True)
    neighbour = {"territory": "marches-de-bretagne", "role": "coordinator"}
    async with ready.connect(READ, WRITE, **neighbour) as http:
        assert (await http.get(path())).json()["participates"] is False
        assert (await http.get("/v1/professionals", params={"snp": True})).json()["items"] == []
        assert (await put(http, True)).json()["version"] == 1
    assert await told(ready) == [("pays-de-redon", RPPS), ("marches-de-bretagne", RPPS)]


async def test_a_practitioner_chooses_for_themself_only(ready: Any) -> None:
    async with ready.connect(READ, WRITE, role="practitioner", rpps=RPPS) as http:
        assert (await put(http, True)).status_code == 200
        refused = await put(http, True, OTHER)
    assert (refused.status_code, refused.json()["code"]) == (403, "not_own_entry")


@pytest.mark.parametrize("claims", [{}, {"role": "ed"}, {"role": "operator", "organisation": "CHIRC"}])
async def test_no_other_role_chooses_even_with_the_scope(ready: Any, claims: dict[str, str]) -> None:
    async with ready.connect(READ, WRITE, **claims) as http:
        assert (await put(http, True)).json()["code"] == "not_own_entry"


async def test_a_change_on_something_read_before_says_so(ready: Any) -> None:
    assert (await put(ready.http, True, **{"If-Match": '"0"'})).status_code == 200
    stale = await put(ready.http, False, **{"If-Match": '"0"'})
    assert (stale.status_code, stale.json()["code"], stale.headers["etag"]) == (412, "version_mismatch", '"1"')
    assert (await put(ready.http, False, **{"If-Match": "*"})).json()["version"] == 2


@pytest.mark.parametrize("body", [{}, {"participates": "yes"}, {"participates": 1}, {"participates": True, "x": 1}])
async def test_a_choice_is_yes_or_no(ready: Any, body: dict[str, Any]) -> None:
    answer = await ready.http.put(path(), json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")


async def test_somebody_unknown_is_404(ready: Any) -> None:
    for answer in (await put(ready.http, True, "99000009999"), await ready.http.get(path("99000009999"))):
        assert (answer.status_code, answer.json()["code"]) == (404, "professional_unknown")


async def test_fifty_equal_choices_at_once_are_one_change(ready: Any) -> None:
    answers = await asyncio.gather(*(put(ready.http, True) for _ in range(50)))
    assert {(answer.status_code, answer.json()["version"]) for answer in answers} == {(200, 1)}
    assert len(await told(ready)) == 1


async def test_row_level_security_holds_for_the_role_of_the_service(ready: Any) -> None:
    await put(ready.http, True)
    url = ready.runtime.settings.database_url.get_secret_value()
    connection = await asyncpg.connect(url, server_settings={"role": "directory_app"})
    insert = "INSERT INTO participation VALUES ('pays-de-redon', $1, true, 1, now(), 'forger')"
    try:
        assert await connection.fetchval("SELECT count(*) FROM participation") == 0
        await connection.execute("SET app.territory = 'marches-de-bretagne'")
        assert await connection.fetchval("SELECT count(*) FROM participation") == 0
        assert await connection.execute("UPDATE participation SET participates = false") == "UPDATE 0"
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(insert, OTHER)
        await connection.execute("SET app.territory = 'pays-de-redon'")
        assert await connection.fetchval("SELECT count(*) FROM participation") == 1
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute("DELETE FROM participation")
    finally:
        await connection.close()
