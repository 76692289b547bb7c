"""Who may do what: every route refuses the wrong caller, and the database shows a territory its own rows only."""

import re
from typing import Any

import asyncpg
import pytest
from dispatch_stage import DOCTOR, ELSEWHERE, HERE, OTHER_DOCTOR, ROLES, Dispatch, a_call, a_slot

from kit.http import WorkRoute
from kit.testing.harness import connected
from snp_dispatch.main import ROUTERS
from snp_dispatch.store.base import Table

ID = "00000000-0000-7000-8000-000000000000"

ROUTES = {
    ("POST", "/v1/slots"): "slots:write",
    ("GET", "/v1/slots"): "slots:read",
    ("GET", "/v1/slots/{slot_id}"): "slots:read",
    ("POST", "/v1/slots/{slot_id}/withdraw"): "slots:write",
    ("POST", "/v1/slots/{slot_id}/overbook"): "bookings:overbook",
    ("GET", "/v1/overbookings"): "bookings:overbook",
    ("POST", "/v1/availabilities"): "slots:write",
    ("GET", "/v1/availabilities"): "slots:read",
    ("GET", "/v1/availabilities/{availability_id}"): "slots:read",
    ("POST", "/v1/availabilities/{availability_id}/end"): "slots:write",
    ("POST", "/v1/effectors/{number}/pause"): "slots:write",
    ("POST", "/v1/effectors/{number}/resume"): "slots:write",
    ("GET", "/v1/effectors/{number}/fairness"): "slots:read",
    ("GET", "/v1/pauses"): "slots:read",
    ("POST", "/v1/quotas"): "slots:write",
    ("POST", "/v1/effectors/{number}/calendar-feeds"): "slots:write",
    ("GET", "/v1/effectors/{number}/calendar-feeds"): "slots:write",
    ("POST", "/v1/effectors/{number}/calendar-feeds/{feed_id}/revoke"): "slots:write",
    ("POST", "/v1/effectors/{number}/busy-calendar"): "slots:write",
    ("PUT", "/v1/effectors/{number}/busy-calendar/url"): "slots:write",
    ("GET", "/v1/effectors/{number}/busy-calendar/url"): "slots:write",
    ("POST", "/v1/effectors/{number}/busy-calendar/url/remove"): "slots:write",
    ("GET", "/v1/quotas"): "slots:read",
    ("POST", "/v1/quotas/{quota_id}/remove"): "slots:write",
    ("POST", "/v1/calls"): "calls:write",
    ("GET", "/v1/calls"): "calls:read",
    ("GET", "/v1/calls/{call_id}"): "calls:read",
    ("GET", "/v1/calls/{call_id}/contact"): "calls:contact",
    ("GET", "/v1/calls/{call_id}/explanation"): "calls:read",
    ("POST", "/v1/calls/{call_id}/cancel"): "calls:write",
    ("POST", "/v1/calls/{call_id}/holds"): "calls:write",
    ("GET", "/v1/holds/{hold_id}"): "calls:read",
    ("POST", "/v1/holds/{hold_id}/confirm"): "calls:write",
    ("POST", "/v1/holds/{hold_id}/extend"): "calls:write",
    ("POST", "/v1/holds/{hold_id}/transfer"): "calls:write",
    ("POST", "/v1/holds/{hold_id}/release"): "calls:write",
    ("GET", "/v1/bookings"): "calls:read",
    ("GET", "/v1/bookings/{booking_id}"): "calls:read",
    ("GET", "/v1/bookings/{booking_id}/bulletin"): "calls:read",
    ("POST", "/v1/bookings/{booking_id}/cancel"): "bookings:write",
    ("POST", "/v1/bookings/{booking_id}/move"): "bookings:write",
    ("POST", "/v1/bookings/{booking_id}/fulfil"): "bookings:outcome",
    ("POST", "/v1/bookings/{booking_id}/no-show"): "bookings:outcome",
    ("POST", "/v1/bookings/{booking_id}/undo-outcome"): "bookings:outcome",
    ("GET", "/v1/compensations"): "compensation:read",
    ("GET", "/v1/compensations/export.csv"): "compensation:read",
    ("GET", "/v1/policies/current"): "calls:read",
    ("GET", "/v1/waitlist"): "waitlist:read",
    ("POST", "/v1/effectors/{number}/closures"): "slots:write",
    ("POST", "/v1/effectors/{number}/closures/preview"): "slots:write",
    ("POST", "/v1/calls/{call_id}/accept"): "calls:write",
    ("GET", "/v1/calls/{call_id}/escalation"): "calls:read",
    ("POST", "/v1/assignments"): "assignments:write",
    ("GET", "/v1/assignments"): "calls:read",
    ("GET", "/v1/assignments/{assignment_id}"): "calls:read",
    ("POST", "/v1/policies/dry-run"): "policies:write",
    ("GET", "/v1/desk"): "calls:read",
    ("GET", "/v1/events"): "calls:read",
    ("GET", "/v1/calls/{call_id}/events"): "calls:read",
    ("PUT", "/v1/volunteers/{rpps}"): "slots:write",
    ("GET", "/v1/volunteers/{rpps}"): "slots:write",
    ("POST", "/v1/volunteers/{rpps}/remove"): "slots:write",
    ("GET", "/v1/offers"): "slots:write",
    ("GET", "/v1/offers/{offer_id}"): "slots:write",
    ("POST", "/v1/offers/{offer_id}/accept"): "slots:write",
    ("POST", "/v1/offers/{offer_id}/decline"): "slots:write",
    ("POST", "/v1/grants"): "grants:write",
    ("GET", "/v1/grants"): "slots:read",
    ("GET", "/v1/grants/{grant_id}"): "slots:read",
    ("POST", "/v1/grants/{grant_id}/revoke"): "grants:write",
    ("GET", "/v1/grants/{grant_id}/slots"): "slots:read",
    ("GET", "/v1/grants/{grant_id}/bookings"): "calls:read",
    ("POST", "/v1/grants/{grant_id}/bookings"): "calls:write",
}


PUBLIC = {("GET", "/v1/calendar-feeds/{territory}~{secret}.ics")}
"""Without a token: the address is the secret (test_calendars.py)."""


def at(path: str) -> str:
    """The path with an id that nothing has, and an RPPS number."""
    return re.sub(r"{\w+_id}", ID, path).replace("{number}", DOCTOR).replace("{rpps}", DOCTOR)


SCOPES = sorted(set(ROUTES.values()))


def routes_of(dispatch: Dispatch) -> set[tuple[str, str]]:
    document = dispatch.app.openapi()
    return {(method.upper(), path) for path, item in document["paths"].items() for method in item}


async def test_the_table_names_every_route(dispatch: Dispatch) -> None:
    assert routes_of(dispatch) == set(ROUTES) | PUBLIC


async def status_of(dispatch: Dispatch, method: str, path: str, token: str | None, **headers: str) -> tuple[int, str]:
    url = at(path)
    body = {"POST": a_call() if path == "/v1/calls" else {}}.get(method)
    async with connected(dispatch.app, token) as http:
        answer = await http.request(method, url, json=body, headers={"Idempotency-Key": "k", **headers})
    return answer.status_code, answer.json().get("code", "")


@pytest.mark.parametrize(("method", "path"), list(ROUTES))
async def test_every_route_refuses_the_wrong_caller(dispatch: Dispatch, method: str, path: str) -> None:
    scope = ROUTES[method, path]
    others = [it for it in SCOPES if it != scope]
    issue = dispatch.issuer.token
    assert await status_of(dispatch, method, path, None) == (401, "token_missing")
    assert await status_of(dispatch, method, path, "forged") == (401, "token_invalid")
    assert await status_of(dispatch, method, path, issue(scope, expires_in=-10)) == (401, "token_expired")
    assert await status_of(dispatch, method, path, issue(*others)) == (403, "scope_missing")
    assert await status_of(dispatch, method, path, issue(scope, territory="atlantis")) == (403, "territory_unknown")
    foreign = {"X-Territory": ELSEWHERE}
    assert await status_of(dispatch, method, path, issue(scope), **foreign) == (403, "territory_forbidden")


KEYLESS = {("POST", "/v1/policies/dry-run"), ("POST", "/v1/effectors/{number}/closures/preview")}
"""Marked `no_effect`: they change nothing."""


@pytest.mark.parametrize(("method", "path"), [it for it in ROUTES if it[0] == "POST" and it not in KEYLESS])
async def test_every_post_asks_for_its_key(dispatch: Dispatch, method: str, path: str) -> None:
    url = at(path)
    async with connected(dispatch.app, dispatch.issuer.token(*SCOPES)) as http:
        answer = await http.request(method, url, json={})
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_required")


async def test_a_practitioner_reads_their_own_calls_and_patients(dispatch: Dispatch) -> None:
    booking = await dispatch.booked()
    other = await dispatch.call()
    http = await dispatch.client("practitioner", rpps=DOCTOR, sub="doctor")
    assert (await http.get(f"/v1/calls/{booking['call_id']}")).status_code == 200
    refused = await http.get(f"/v1/calls/{other['id']}")
    assert (refused.status_code, refused.json()["code"]) == (403, "not_your_call")
    mine = await dispatch.made("/calls", a_call(origin="professional"), role="practitioner", rpps=DOCTOR, sub="doctor")
    assert [it["id"] for it in (await http.get("/v1/calls")).json()["items"]] == [mine["id"]]


@pytest.mark.parametrize("role", sorted(ROLES))
async def test_every_role_reads_the_policy(dispatch: Dispatch, role: str) -> None:
    assert (await dispatch.get("/policies/current", role=role))["territory"] == HERE


def test_every_route_is_a_transaction() -> None:
    routes = [route for router in ROUTERS for route in router.routes]
    assert len(routes) >= 50
    assert {type(route) for route in routes} == {WorkRoute}


# ---- row-level security, as the very role that serves requests

TENANTS = sorted(name for name, table in Table.metadata.tables.items() if "territory" in table.columns)


async def as_app(dispatch: Dispatch, territory: str | None, sql: str) -> list[Any]:
    connection = await asyncpg.connect(dispatch.settings.database_url.get_secret_value())
    try:
        await connection.execute("SET ROLE snp_dispatch_app")
        if territory is not None:
            await connection.execute(f"SET app.territory = '{territory}'")
        return list(await connection.fetch(sql))
    finally:
        await connection.close()


async def everything_once(dispatch: Dispatch) -> None:
    """At least one row in every tenant table, of one territory."""
    slot = await dispatch.slot(1)
    call = await dispatch.call(patient={"contact": {"name": "Someone", "phone": "+33199000001"}})
    await dispatch.held(call, slot)
    await dispatch.slot(2)
    booked = await dispatch.made("/calls", a_call(mode="book"))
    extra = {"call_id": (await dispatch.call())["id"], "reason": "agreed"}
    await dispatch.made(f"/slots/{booked['booking']['slot_id']}/overbook", extra, role="operator")
    hours = {"weekdays": [1], "starts": "08:00", "ends": "09:00", "slot_minutes": 30, "every_minutes": 30}
    body = {"effector": {"rpps": DOCTOR}, "place": {"commune": "35236"}, "audience": ["CPTS"], **hours}
    await dispatch.made("/availabilities", body, role="coordinator")
    await dispatch.made(f"/effectors/{OTHER_DOCTOR}/pause", {"reason": "away"}, role="coordinator")
    quota = {"effector": {"rpps": DOCTOR}, "period": "week", "max_slots": 50}
    await dispatch.made("/quotas", quota, role="coordinator")
    await dispatch.made(f"/effectors/{OTHER_DOCTOR}/calendar-feeds", role="coordinator")
    busy = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nDTSTART:20261210T080000Z\nDURATION:PT1H\nEND:VEVENT\nEND:VCALENDAR"
    await dispatch.made(f"/effectors/{DOCTOR}/busy-calendar", {"calendar": busy}, role="coordinator", status=200)
    await dispatch.get(f"/calls/{call['id']}/contact")
    await dispatch.made("/assignments", {}, role="operator")
    grant = {"to_territory": "marches-de-bretagne", "ends_at": "2026-12-24T08:00:00Z"}
    await dispatch.made("/grants", grant, role="coordinator")


HIDDEN = {"outbox", "outbox_daily"}
"""Plumbing that requests may not even read."""


async def test_the_database_shows_a_territory_its_own_rows_only(dispatch: Dispatch) -> None:
    await everything_once(dispatch)
    for table in TENANTS:
        if table in HIDDEN:
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await as_app(dispatch, HERE, f"SELECT 1 FROM {table}")
            continue
        counts = {
            place: len(await as_app(dispatch, place, f"SELECT 1 FROM {table} WHERE territory = '{HERE}'"))
            for place in (HERE, ELSEWHERE, None)
        }
        assert counts[HERE] >= 1, table
        assert (counts[ELSEWHERE], counts[None]) == (0, 0), table


async def test_the_database_refuses_rows_of_another_territory(dispatch: Dispatch) -> None:
    await everything_once(dispatch)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await as_app(
            dispatch,
            ELSEWHERE,
            f"INSERT INTO participation (territory, rpps, participates, version) VALUES ('{HERE}', '1', true, 1)",
        )
    assert await as_app(dispatch, ELSEWHERE, "UPDATE call SET state = 'cancelled' RETURNING id") == []
    assert await as_app(dispatch, ELSEWHERE, "DELETE FROM booking RETURNING id") == []


@pytest.mark.parametrize("table", ["contact_read", "overbooking"])
@pytest.mark.parametrize("verb", ["UPDATE {} SET client = 'nobody'", "DELETE FROM {}"])
async def test_audits_only_grow(dispatch: Dispatch, verb: str, table: str) -> None:
    await everything_once(dispatch)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await as_app(dispatch, HERE, verb.format(table))


async def test_the_role_of_requests_owns_nothing_and_bypasses_nothing(dispatch: Dispatch) -> None:
    (row,) = await as_app(
        dispatch,
        HERE,
        "SELECT rolsuper, rolbypassrls, (SELECT count(*) FROM pg_class WHERE relowner = r.oid) AS owned "
        "FROM pg_roles r WHERE rolname = current_user",
    )
    assert tuple(row) == (False, False, 0)


async def test_the_same_key_of_another_client_is_another_key(dispatch: Dispatch) -> None:
    first = await dispatch.post("/slots", a_slot(4), role="coordinator", key="k")
    second = await dispatch.post("/slots", a_slot(6), role="coordinator", key="k", sub="another coordinator")
    assert (first.status_code, second.status_code) == (201, 201)
