"""What a territory attests: who may say it, until when it counts, what is told of it."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from contracts.envelope import NATIONAL
from directory.usecases.lapse_statements import lapse_statements
from kit.clock import FixedClock

RPPS, OTHER, SITE = "99000000093", "99000000283", "990010001"
READ, WRITE = "directory:read", "directory:write"


@pytest.fixture
def calendar() -> FixedClock:
    return FixedClock(datetime(2026, 9, 29, 20, tzinfo=UTC))


@pytest.fixture
async def ready(new_settings: Any, templates: Any, issuer: Any, start: Any, calendar: FixedClock) -> Any:
    async with start(await new_settings(templates.sampled), issuer, calendar) as directory:
        yield directory


def path(kind: str, rpps: str = RPPS) -> str:
    return f"/v1/professionals/{rpps}/statements/{kind}"


async def said(http: Any, kind: str, value: Any, rpps: str = RPPS, **body: Any) -> dict[str, Any]:
    answer = await http.put(path(kind, rpps), json={"value": value, **body})
    assert answer.status_code == 200, answer.text
    kept: dict[str, Any] = answer.json()
    return kept


async def told(ready: Any) -> list[tuple[str, str, int, dict[str, list[str]]]]:
    """Territory, subject, version, and kind -> codes of each event."""
    async with ready.runtime.system.work(NATIONAL) as work:
        rows = await work.fetch(
            "SELECT territory, body::jsonb ->> 'subject' AS about,"
            " (body::jsonb ->> 'aggregateversion')::int AS version,"
            " ARRAY(SELECT ARRAY[s ->> 'kind', s ->> 'codes']"
            " FROM jsonb_array_elements(body::jsonb -> 'data' -> 'statements') s) AS stated"
            " FROM outbox WHERE type LIKE '%statements.changed%' ORDER BY seq"
        )
    return [tuple(row.values()) for row in rows]  # type: ignore[misc]


async def test_a_statement_has_who_when_and_until_when(ready: Any, calendar: FixedClock) -> None:
    kept = await said(ready.http, "languages", ["fr", "br"], source="survey")
    assert kept == {
        "about": RPPS,
        "kind": "languages",
        "label": "Langues parlées avec les patients",
        "place": None,
        "value": ["br", "fr"],
        "labels": ["Breton", "Français"],
        "source": "survey",
        "declared_at": "2026-09-29T20:00:00Z",
        "declared_by": "coordinator",
        "valid_until": None,
        "state": "holds",
        "version": 1,
    }
    visits = await said(ready.http, "home_visits", True)
    assert visits["valid_until"] == "2027-09-29T20:00:00Z"
    entry = await ready.get(f"/v1/professionals/{RPPS}")
    assert [(it["kind"], it["state"]) for it in entry["statements"]] == [
        ("home_visits", "holds"),
        ("languages", "holds"),
    ]


async def test_it_lapses_by_itself_and_the_job_tells_it_once(ready: Any, calendar: FixedClock) -> None:
    end = calendar.now() + timedelta(days=1)
    await said(ready.http, "home_visits", True, valid_until=end.isoformat())
    await said(ready.http, "languages", ["br"])
    calendar.advance(timedelta(days=1))
    entry = await ready.get(f"/v1/professionals/{RPPS}")
    assert [(it["kind"], it["state"]) for it in entry["statements"]] == [
        ("home_visits", "lapsed"),
        ("languages", "holds"),
    ]
    kinds = ready.runtime.extras["reference"].statements
    for expected in (1, 0):
        async with ready.runtime.system.work(NATIONAL) as work:
            assert await lapse_statements(work, kinds) == expected
    events = await told(ready)
    assert [(event[0], event[1], event[2]) for event in events] == [("pays-de-redon", RPPS, n) for n in (1, 2, 3)]
    assert [[kind for kind, _ in event[3]] for event in events] == [
        ["home_visits"],
        ["home_visits", "languages"],
        ["languages"],
    ]
    renewed = await said(ready.http, "home_visits", True)
    assert (renewed["state"], renewed["version"]) == ("holds", 3)


async def test_as_it_was_on_a_day(ready: Any, calendar: FixedClock) -> None:
    first = calendar.now()
    await said(ready.http, "home_visits", True, valid_until=(first + timedelta(days=10)).isoformat())
    calendar.advance(timedelta(days=3))
    await ready.http.delete(path("home_visits"))
    calendar.advance(timedelta(days=30))

    async def count(at: datetime) -> int:
        page = await ready.get("/v1/statements", kind="home_visits", state="holds", at=at.date().isoformat())
        return len(page["items"])

    assert [await count(first + timedelta(days=n)) for n in (-1, 0, 2, 3, 12)] == [0, 1, 1, 0, 0]
    answer = await ready.http.get(path("home_visits"), params={"at": first.date().isoformat()})
    assert (answer.status_code, answer.json()["state"]) == (200, "holds")


async def test_who_may_say_what(ready: Any) -> None:
    async with ready.connect(READ, WRITE, role="practitioner", rpps=RPPS, sub="doctor") as http:
        assert (await said(http, "home_visits", True))["source"] == "self"
        for answer in (
            await http.put(path("home_visits", OTHER), json={"value": True}),
            await http.put(f"/v1/structures/{SITE}/statements/home_visits", json={"value": True}),
            await http.delete(path("home_visits", OTHER)),
        ):
            assert (answer.status_code, answer.json()["code"]) == (403, "not_own_entry")
        assert (await http.delete(path("home_visits"))).json()["state"] == "withdrawn"
        assert (await http.delete(path("home_visits"))).status_code == 404
    for claims in ({}, {"role": "ed"}, {"role": "operator", "organisation": "CHIRC"}):
        async with ready.connect(READ, WRITE, **claims) as http:
            assert (await http.put(path("home_visits"), json={"value": True})).json()["code"] == "not_own_entry"


@pytest.mark.parametrize(
    ("kind", "body", "code", "field"),
    [
        ("alchemy", {"value": True}, "kind_unknown", "kind"),
        ("places", {"value": 3}, "kind_not_of_this", "kind"),
        ("languages", {"value": ["xx"]}, "value_refused", "value"),
        ("home_visits", {"value": True, "valid_until": "2020-01-01T00:00:00Z"}, "valid_until_refused", "valid_until"),
        ("gender", {"value": "female", "source": "survey"}, "source_refused", "source"),
    ],
)
async def test_what_does_not_fit_names_its_field(
    ready: Any, kind: str, body: dict[str, Any], code: str, field: str
) -> None:
    answer = await ready.http.put(path(kind), json=body)
    assert answer.status_code == 422
    assert [(it["field"], it["code"]) for it in answer.json()["errors"]] == [(field, code)]


async def test_hours_are_of_a_place(ready: Any) -> None:
    hours = [{"day": 1, "from": "08:30", "to": "12:00"}]
    answer = await ready.http.put(path("opening_hours"), json={"value": hours}, params={"place": "35236"})
    assert (answer.json()["value"], answer.json()["place"]) == (hours, "35236")
    refused = await ready.http.put(path("languages"), json={"value": ["fr"]}, params={"place": "35236"})
    assert refused.json()["code"] == "place_refused"


async def test_a_structure_has_statements_too(ready: Any) -> None:
    where = f"/v1/structures/{SITE}/statements"
    answer = await ready.http.put(f"{where}/accessibility", json={"value": ["step_free"]})
    assert answer.status_code == 200, answer.text
    assert [it["value"] for it in (await ready.get(where))["items"]] == [["step_free"]]
    assert (await ready.http.put(f"{where}/gender", json={"value": "male"})).json()["code"] == "kind_not_of_this"


async def test_another_territory_neither_sees_nor_changes_it(ready: Any) -> None:
    await said(ready.http, "languages", ["br"])
    async with ready.connect(READ, WRITE, territory="haute-saintonge", role="coordinator") as http:
        assert (await http.get(path("languages"))).status_code == 404
        assert (await http.get("/v1/statements")).json()["items"] == []
        assert (await http.delete(path("languages"))).status_code == 404
        assert (await said(http, "languages", ["fr"]))["version"] == 1
    assert (await ready.get(path("languages")))["value"] == ["br"]
    assert [event[0] for event in await told(ready)] == ["pays-de-redon", "haute-saintonge"]


async def test_a_change_on_something_read_before_says_so(ready: Any) -> None:
    first = await ready.http.put(path("languages"), json={"value": ["br"]}, headers={"If-Match": '"0"'})
    assert (first.status_code, first.headers["etag"]) == (200, '"1"')
    stale = await ready.http.put(path("languages"), json={"value": ["fr"]}, headers={"If-Match": '"0"'})
    assert (stale.status_code, stale.json()["code"], stale.headers["etag"]) == (412, "version_mismatch", '"1"')


async def test_statements_at_once_are_told_one_after_the_other(ready: Any) -> None:
    """The last event has them all: none is told with the state of before another one."""
    values = {
        "languages": ["fr"],
        "home_visits": True,
        "gender": "female",
        "tariff_sector": "1",
        "accessibility": ["parking"],
        "telehealth": ["telecare"],
    }
    await asyncio.gather(*(said(ready.http, kind, value) for kind, value in values.items()))
    events = await told(ready)
    assert sorted(event[2] for event in events) == [1, 2, 3, 4, 5, 6]
    last = max(events, key=lambda event: event[2])
    assert {kind for kind, _ in last[3]} == values.keys()
