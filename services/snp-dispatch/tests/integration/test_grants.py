"""Neighbours see and book each other's slots only under a recorded grant, while it is active."""

import asyncio
from collections import Counter
from datetime import timedelta
from typing import Any

import asyncpg
import pytest
from balance import assert_balanced
from dispatch_stage import DOCTOR, ELSEWHERE, HERE, NOW, Dispatch, a_call, a_slot

from kit.work import Work
from snp_dispatch.usecases.recall_lent import recall_lent

THERE: dict[str, Any] = {"territory": ELSEWHERE}
"""Claims of a caller of the neighbour, who has the calls; the slots are of HERE."""


async def granted(dispatch: Dispatch, **changes: Any) -> Any:
    body = {"to_territory": ELSEWHERE, "ends_at": "2026-12-24T08:00:00Z", **changes}
    return await dispatch.made("/grants", body, role="coordinator")


async def call_there(dispatch: Dispatch, **changes: Any) -> Any:
    return await dispatch.made("/calls", a_call(**changes), **THERE)


async def slots_there(dispatch: Dispatch, grant: Any) -> list[str]:
    return [it["id"] for it in (await dispatch.get(f"/grants/{grant['id']}/slots", claims=THERE))["items"]]


async def booked_there(dispatch: Dispatch, grant: Any, call: Any, slot: Any) -> Any:
    body = {"call_id": call["id"], "slot_id": slot["id"]}
    return await dispatch.made(f"/grants/{grant['id']}/bookings", body, **THERE)


async def refused_there(dispatch: Dispatch, grant: Any, call: Any, slot: Any) -> tuple[int, str]:
    body = {"call_id": call["id"], "slot_id": slot["id"]}
    return await dispatch.refused(f"/grants/{grant['id']}/bookings", body, **THERE)


async def test_without_a_grant_a_neighbours_slot_does_not_exist(dispatch: Dispatch) -> None:
    slot, call = await dispatch.slot(4), await call_there(dispatch)
    assert call["state"] == "waiting"
    assert await dispatch.refused(f"/calls/{call['id']}/holds", {"slot_id": slot["id"]}, **THERE) == (
        404,
        "slot_not_found",
    )
    for_somebody_else = await granted(dispatch, to_territory="marches-de-bretagne")
    assert await refused_there(dispatch, for_somebody_else, call, slot) == (404, "grant_not_found")


async def test_with_a_grant_the_slot_is_seen_and_booked_and_each_side_is_told(dispatch: Dispatch) -> None:
    slot, grant, call = await dispatch.slot(4), await granted(dispatch), await call_there(dispatch)
    assert await slots_there(dispatch, grant) == [slot["id"]]
    booking = await booked_there(dispatch, grant, call, slot)
    assert (booking["slot_id"], booking["practitioner_rpps"], booking["state"]) == (slot["id"], DOCTOR, "confirmed")
    assert (await dispatch.get(f"/calls/{call['id']}", claims=THERE))["state"] == "booked"
    assert await slots_there(dispatch, grant) == []
    assert (await dispatch.get(f"/slots/{slot['id']}"))["state"] == "booked"
    told = {
        row["type"].split(".")[3] + "." + row["type"].split(".")[4]: row["territory"] for row in await dispatch.told()
    }
    assert (told["booking.confirmed"], told["slot.lent"]) == (ELSEWHERE, HERE)


async def test_both_sides_read_the_bookings_and_a_practitioner_their_own(dispatch: Dispatch) -> None:
    grant = await granted(dispatch)
    booking = await booked_there(dispatch, grant, await call_there(dispatch), await dispatch.slot(4))
    path = f"/grants/{grant['id']}/bookings"
    assert [it["id"] for it in (await dispatch.get(path))["items"]] == [booking["id"]]
    assert [it["id"] for it in (await dispatch.get(path, claims=THERE))["items"]] == [booking["id"]]
    mine = await dispatch.get(path, role="practitioner", claims={"rpps": DOCTOR})
    assert [it["id"] for it in mine["items"]] == [booking["id"]]
    other = await dispatch.get(path, role="practitioner", claims={"rpps": "99000000101"})
    assert other["items"] == []


async def test_only_what_the_grant_names(dispatch: Dispatch) -> None:
    nurses = await granted(dispatch, professions=["60"])
    snp_only = await granted(dispatch, audience=["SNP"])
    slot, call = await dispatch.slot(4, audience=["CPTS"]), await call_there(dispatch)
    for grant in (nurses, snp_only):
        assert await slots_there(dispatch, grant) == []
        assert await refused_there(dispatch, grant, call, slot) == (404, "slot_not_found")


async def test_the_hard_constraints_hold_over_the_border(dispatch: Dispatch) -> None:
    grant, call = await granted(dispatch), await call_there(dispatch, constraints={"max_distance_km": 5})
    far = await dispatch.slot(4, place={"commune": "35238"})
    assert await refused_there(dispatch, grant, call, far) == (409, "slot_not_suitable")


async def test_over_revoked_or_not_begun(dispatch: Dispatch) -> None:
    slot, call = await dispatch.slot(4), await call_there(dispatch)
    later = await granted(dispatch, starts_at="2026-11-25T08:00:00Z")
    assert await refused_there(dispatch, later, call, slot) == (410, "grant_not_active")
    short = await granted(dispatch, ends_at="2026-11-24T09:00:00Z")
    dispatch.advance(hours=1)
    assert await refused_there(dispatch, short, call, slot) == (410, "grant_not_active")
    revoked = await granted(dispatch)
    await dispatch.made(f"/grants/{revoked['id']}/revoke", role="coordinator", status=200)
    assert await refused_there(dispatch, revoked, call, slot) == (410, "grant_not_active")
    answer = await (await dispatch.client("ed", **THERE)).get(f"/v1/grants/{revoked['id']}/slots")
    assert (answer.status_code, answer.json()["code"]) == (410, "grant_not_active")


async def test_after_a_revocation_what_is_booked_stays_and_can_be_ended(dispatch: Dispatch) -> None:
    grant, slot = await granted(dispatch), await dispatch.slot(1)
    second = await dispatch.slot(2)
    kept = await booked_there(dispatch, grant, await call_there(dispatch), slot)
    given_up = await booked_there(dispatch, grant, await call_there(dispatch), second)
    await dispatch.made(f"/grants/{grant['id']}/revoke", role="coordinator", status=200)
    refused = await dispatch.refused(f"/slots/{slot['id']}/withdraw", {"reason": "closed"}, role="coordinator")
    assert refused == (409, "slot_booked")
    body = {"reason": "recovered", "by": "patient"}
    await dispatch.made(f"/bookings/{given_up['id']}/cancel", body, status=200, **THERE)
    assert (await dispatch.get(f"/slots/{second['id']}"))["state"] == "free"
    dispatch.advance(hours=1)
    await dispatch.made(f"/bookings/{kept['id']}/fulfil", role="operator", status=200, **THERE)


async def test_a_neighbours_visit_is_not_moved(dispatch: Dispatch) -> None:
    grant = await granted(dispatch)
    booking = await booked_there(dispatch, grant, await call_there(dispatch), await dispatch.slot(4))
    own = await dispatch.made("/slots", a_slot(20), role="coordinator", **THERE)
    body = {"slot_id": own["id"], "reason": "x", "by": "operator"}
    refused = await dispatch.refused(f"/bookings/{booking['id']}/move", body, **THERE)
    assert refused == (409, "booking_of_neighbour")


async def test_the_wrong_hands(dispatch: Dispatch) -> None:
    grant, slot = await granted(dispatch), await dispatch.slot(4)
    revoke = f"/grants/{grant['id']}/revoke"
    assert await dispatch.refused(revoke, role="coordinator", **THERE) == (403, "not_your_grant")
    assert await dispatch.refused(revoke, role="operator") == (403, "scope_missing")
    assert await dispatch.refused(revoke, role="coordinator", territory="marches-de-bretagne") == (
        404,
        "grant_not_found",
    )
    call = await dispatch.call()
    body = {"call_id": call["id"], "slot_id": slot["id"]}
    assert await dispatch.refused(f"/grants/{grant['id']}/bookings", body) == (403, "not_your_grant")
    await dispatch.made(revoke, role="coordinator", status=200)
    assert await dispatch.refused(revoke, role="coordinator") == (409, "grant_revoked")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"to_territory": "atlantis"}, "territory_unknown"),
        ({"to_territory": HERE}, "territory_unknown"),
        ({"ends_at": NOW.isoformat()}, "period_wrong"),
        ({"ends_at": "2028-01-01T00:00:00Z"}, "period_wrong"),
        ({"professions": ["99"]}, "code_unknown"),
    ],
)
async def test_a_grant_that_cannot_be(dispatch: Dispatch, changes: Any, code: str) -> None:
    body = {"to_territory": ELSEWHERE, "ends_at": "2026-12-24T08:00:00Z", **changes}
    answer = await dispatch.post("/grants", body, role="coordinator")
    assert answer.status_code == 422
    assert code in answer.text


async def test_a_grant_opens_nothing_else_of_the_neighbour(dispatch: Dispatch) -> None:
    """A coordinator of the neighbour cannot touch the slot by any other route."""
    await granted(dispatch)
    slot = await dispatch.slot(4)
    body = {"reason": "closed"}
    for role in ("coordinator", "practitioner"):
        refused = await dispatch.refused(f"/slots/{slot['id']}/withdraw", body, role=role, rpps=DOCTOR, **THERE)
        assert refused == (404, "slot_not_found")
    assert (await dispatch.get("/slots", claims=THERE))["items"] == []
    answer = await (await dispatch.client("ed", **THERE)).get(f"/v1/slots/{slot['id']}")
    assert answer.status_code == 404


async def test_row_level_security_asks_for_the_grant_too(dispatch: Dispatch) -> None:
    """Even a transaction that looks over the border sees nothing of a territory that granted nothing."""
    await dispatch.slot(4)

    async def seen(territory: str, neighbour: str) -> int:
        connection = await asyncpg.connect(dispatch.settings.database_url.get_secret_value())
        try:
            await connection.execute(
                f"SET ROLE snp_dispatch_app; SET app.territory = '{territory}'; SET app.neighbour = '{neighbour}'"
            )
            return len(await connection.fetch("SELECT 1 FROM slot"))
        finally:
            await connection.close()

    assert await seen(ELSEWHERE, HERE) == 0
    await granted(dispatch)
    assert await seen(ELSEWHERE, HERE) == 1
    assert await seen("marches-de-bretagne", HERE) == 0


async def test_two_territories_race_for_one_seat(dispatch: Dispatch) -> None:
    """Ten holds at home and ten bookings over the border, by real connections: one of them gets it."""
    slot, grant = await dispatch.slot(4), await granted(dispatch)
    here = [await dispatch.call() for _ in range(10)]
    there = [await call_there(dispatch) for _ in range(10)]
    answers = await asyncio.gather(
        *(dispatch.post(f"/calls/{it['id']}/holds", {"slot_id": slot["id"]}) for it in here),
        *(
            dispatch.post(f"/grants/{grant['id']}/bookings", {"call_id": it["id"], "slot_id": slot["id"]}, **THERE)
            for it in there
        ),
    )
    assert Counter(it.status_code for it in answers) == {201: 1, 409: 19}
    assert {it.json()["code"] for it in answers if it.status_code == 409} == {"slot_taken"}
    claims = await dispatch.rows("SELECT territory FROM seat_claim")
    assert claims == [{"territory": HERE}]


async def test_a_hold_past_its_time_stands_in_no_neighbours_way(dispatch: Dispatch) -> None:
    """Also when no sweeper runs: the neighbour's claim retires it, and its caller may hold again."""
    slot, other, grant, mine = await dispatch.slot(4), await dispatch.slot(5), await granted(dispatch), a_call()
    call = await dispatch.made("/calls", mine)
    await dispatch.held(call, slot)
    dispatch.advance(minutes=6)
    assert set(await slots_there(dispatch, grant)) == {slot["id"], other["id"]}
    await booked_there(dispatch, grant, await call_there(dispatch), slot)
    (told,) = await dispatch.told("hold.expired")
    assert told["territory"] == HERE
    await dispatch.held(call, other)
    await assert_balanced(dispatch)


async def test_a_closure_puts_a_neighbours_patient_back_on_their_waitlist(dispatch: Dispatch) -> None:
    """Nobody comes to a closed door: the visit is called off by the worker, and the call waits where it belongs."""
    slot, grant = await dispatch.slot(4), await granted(dispatch)
    booking = await booked_there(dispatch, grant, await call_there(dispatch), slot)
    body = {"starts_at": NOW.isoformat(), "ends_at": (NOW + timedelta(hours=12)).isoformat()}
    path = f"/effectors/{DOCTOR}/closures"
    shown = await dispatch.made(f"{path}/preview", body, role="coordinator", status=200)
    assert (shown["free_slots"], shown["lent_slots"], shown["patients"]) == ([], [slot["id"]], [])
    await dispatch.made(path, {**body, "reason": "Dr V. is ill"}, role="coordinator")

    async def recall(work: Work) -> int:
        return await recall_lent(work, dispatch.runtime.db, dispatch.rules)

    assert [await dispatch.system(recall) for _ in range(2)] == [1, 0]
    ended = await dispatch.get(f"/bookings/{booking['id']}", claims=THERE)
    assert (ended["state"], ended["ended_by"], ended["reason"]) == ("cancelled", "practitioner", "agenda_closed")
    assert (await dispatch.get(f"/calls/{booking['call_id']}", claims=THERE))["state"] == "waiting"
    (told,) = await dispatch.told("booking.cancelled")
    assert told["territory"] == ELSEWHERE
    assert await dispatch.rows("SELECT * FROM seat_claim") == []


async def test_free_text_stays_in_the_territory_where_it_was_written(dispatch: Dispatch) -> None:
    grant = await granted(dispatch)
    booking = await booked_there(dispatch, grant, await call_there(dispatch), await dispatch.slot(4))
    body = {"reason": "Mrs K. feels better", "by": "patient"}
    await dispatch.made(f"/bookings/{booking['id']}/cancel", body, status=200, **THERE)
    path = f"/grants/{grant['id']}/bookings"
    (there,) = (await dispatch.get(path, claims=THERE))["items"]
    (here,) = (await dispatch.get(path))["items"]
    assert (there["reason"], here["reason"]) == ("Mrs K. feels better", "free_text")
