"""Slots: publishing, reading, withdrawing."""

from datetime import timedelta
from typing import Any

import pytest
from dispatch_stage import (
    ALLAIRE,
    CLINIC,
    DOCTOR,
    ELSEWHERE,
    NOW,
    NURSE,
    OTHER_DOCTOR,
    RENNES,
    STRANGER,
    Dispatch,
    a_slot,
)


def between(start: float, end: float, **changes: Any) -> dict[str, Any]:
    """A slot from one hour to another, counted from now."""
    times = {
        "starts_at": (NOW + timedelta(hours=start)).isoformat(),
        "ends_at": (NOW + timedelta(hours=end)).isoformat(),
    }
    return a_slot(**{**times, **changes})


async def test_a_published_slot_is_free_and_told(dispatch: Dispatch) -> None:
    slot = await dispatch.made("/slots", a_slot(), role="practitioner", rpps=DOCTOR)
    assert slot == await dispatch.get(f"/slots/{slot['id']}")
    assert slot["effector"] == {"rpps": DOCTOR, "finess": None, "name": "Nolwenn VALZEMERIC"}
    assert slot["place"] == {"commune": "35236", "name": "Redon"}
    assert (slot["state"], slot["free_seats"], slot["audience"]) == ("free", 1, ["CPTS", "SNP"])
    assert [row["territory"] for row in await dispatch.told("slot.published")] == ["pays-de-redon"]


@pytest.mark.parametrize("hours", [0.1, 11, 16, 20, 24 * 5])
async def test_any_hour_may_be_published(dispatch: Dispatch, hours: float) -> None:
    assert (await dispatch.slot(hours))["state"] == "free"


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"effector": {"rpps": "99000009999"}}, 404, "effector_unknown"),
        ({"effector": {"finess": "990099999"}}, 404, "effector_unknown"),
        ({"effector": {"rpps": STRANGER}}, 409, "not_participating"),
        ({"effector": {}}, 422, "effector_unclear"),
        ({"effector": {"rpps": DOCTOR, "finess": CLINIC}}, 422, "effector_unclear"),
        ({"effector": {"rpps": "12"}}, 422, "invalid_input"),
        ({"place": {"commune": "99999"}}, 422, "commune_unknown"),
        ({"place": {"commune": "Redon"}}, 422, "invalid_input"),
        ({"place": {}}, 422, "invalid_input"),
        ({"mode": "FAX"}, 422, "invalid_input"),
        ({"audience": []}, 422, "invalid_input"),
        ({"audience": ["ALL"]}, 422, "invalid_input"),
        ({"capacity": 0}, 422, "invalid_input"),
        ({"starts_at": "2026-11-24T14:00:00"}, 422, "invalid_input"),
        ({"starts_at": "tomorrow"}, 422, "invalid_input"),
        ({"ends_at": (NOW + timedelta(hours=4)).isoformat()}, 422, "ends_before_start"),
        ({"ends_at": (NOW + timedelta(hours=3)).isoformat()}, 422, "ends_before_start"),
        ({"ends_at": (NOW + timedelta(hours=29)).isoformat()}, 422, "too_long"),
        ({"colour": "blue"}, 422, "invalid_input"),
    ],
)
async def test_refused_slots(dispatch: Dispatch, change: dict[str, Any], status: int, code: str) -> None:
    assert await dispatch.refused("/slots", a_slot(**change), role="coordinator") == (status, code)
    assert (await dispatch.get("/slots"))["items"] == []
    assert await dispatch.told() == []


async def test_a_slot_that_is_over_is_refused(dispatch: Dispatch) -> None:
    assert await dispatch.refused("/slots", between(-2, -1), role="coordinator") == (422, "slot_over")


@pytest.mark.parametrize(
    ("starts", "ends"),
    [
        ("9999-12-31T23:00:00-14:00", "9999-12-31T23:59:59-14:00"),
        ("0001-01-01T00:00:00+14:00", "0001-01-01T01:00:00+14:00"),
        ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"),
    ],
)
async def test_the_ends_of_time(dispatch: Dispatch, starts: str, ends: str) -> None:
    answer = await dispatch.post("/slots", a_slot(starts_at=starts, ends_at=ends), role="coordinator")
    assert answer.status_code == 422, answer.text
    http = await dispatch.client("ed")
    for path in ("slots", "calls", "bookings"):
        assert (await http.get(f"/v1/{path}", params={"from": starts, "to": ends})).status_code in (200, 422)


async def test_a_refusal_names_the_field(dispatch: Dispatch) -> None:
    answer = await dispatch.post("/slots", a_slot(place={"commune": "99999"}), role="coordinator")
    assert [error["field"] for error in answer.json()["errors"]] == ["place.commune"]


@pytest.mark.parametrize(
    ("start", "end", "status"),
    [(4, 4.5, 409), (4.25, 4.75, 409), (3, 6, 409), (4.1, 4.2, 409), (3.5, 4, 201), (4.5, 5, 201)],
)
@pytest.mark.parametrize("territory", ["pays-de-redon", ELSEWHERE])
async def test_overlap_is_refused_whatever_the_territory(
    dispatch: Dispatch, start: float, end: float, status: int, territory: str
) -> None:
    await dispatch.slot(4)
    answer = await dispatch.post("/slots", between(start, end), role="coordinator", territory=territory)
    assert answer.status_code == status, answer.text
    if status == 409:
        assert answer.json()["code"] == "slot_overlap"


async def test_two_effectors_may_have_the_same_hour(dispatch: Dispatch) -> None:
    one, other = await dispatch.slot(4), await dispatch.slot(4, effector={"rpps": OTHER_DOCTOR})
    assert one["starts_at"] == other["starts_at"]


async def test_a_withdrawn_slot_leaves_room(dispatch: Dispatch) -> None:
    slot = await dispatch.slot(4)
    gone = await dispatch.made(
        f"/slots/{slot['id']}/withdraw", {"reason": "Congés de Noël"}, role="practitioner", rpps=DOCTOR, status=200
    )
    assert (gone["state"], gone["withdrawn_reason"]) == ("withdrawn", "Congés de Noël")
    assert await dispatch.refused(f"/slots/{slot['id']}/withdraw", {"reason": "again"}, role="coordinator") == (
        409,
        "slot_withdrawn",
    )
    await dispatch.slot(4)
    # Free text may name somebody: it does not leave the service.
    (told,) = await dispatch.told("slot.withdrawn")
    assert '"reason":"free_text"' in told["body"]


async def test_a_slot_that_somebody_has_is_not_withdrawn(dispatch: Dispatch) -> None:
    slot, call = await dispatch.slot(), await dispatch.call()
    hold = await dispatch.held(call, slot)
    path, body = f"/slots/{slot['id']}/withdraw", {"reason": "away"}
    assert await dispatch.refused(path, body, role="coordinator") == (409, "slot_held")
    await dispatch.made(f"/holds/{hold['id']}/confirm", {"token": hold["token"]})
    assert await dispatch.refused(path, body, role="coordinator") == (409, "slot_booked")


async def test_a_slot_whose_hold_has_expired_is_withdrawn(dispatch: Dispatch) -> None:
    slot, call = await dispatch.slot(), await dispatch.call()
    await dispatch.held(call, slot)
    dispatch.advance(minutes=6)
    gone = await dispatch.made(f"/slots/{slot['id']}/withdraw", {"reason": "away"}, role="coordinator", status=200)
    assert gone["state"] == "withdrawn"


@pytest.mark.parametrize("path", ["/slots/{id}/withdraw"])
async def test_unknown_slots(dispatch: Dispatch, path: str) -> None:
    nowhere = "00000000-0000-7000-8000-000000000000"
    assert await dispatch.refused(path.format(id=nowhere), {"reason": "x"}, role="coordinator") == (
        404,
        "slot_not_found",
    )
    http = await dispatch.client("ed")
    assert (await http.get(f"/v1/slots/{nowhere}")).status_code == 404
    assert (await http.get("/v1/slots/not-an-id")).status_code == 422


async def test_a_practitioner_keeps_to_their_own_agenda(dispatch: Dispatch) -> None:
    mine = {"role": "practitioner", "rpps": OTHER_DOCTOR}
    assert await dispatch.refused("/slots", a_slot(), **mine) == (403, "not_your_agenda")
    slot = await dispatch.slot()
    assert await dispatch.refused(f"/slots/{slot['id']}/withdraw", {"reason": "x"}, **mine) == (403, "not_your_agenda")
    await dispatch.made("/slots", a_slot(effector={"rpps": OTHER_DOCTOR}), **mine)


async def test_a_structure_says_who_serves(dispatch: Dispatch) -> None:
    silent = await dispatch.slot(4, effector={"finess": CLINIC})
    assert silent["effector"] == {"rpps": None, "finess": CLINIC, "name": "Centre de santé de Redon"}
    assert silent["profession"] is None
    spoken = await dispatch.slot(6, effector={"finess": CLINIC}, profession="10", specialty="general-practice")
    call = await dispatch.call()
    assert [it["slot_id"] for it in call["proposals"]] == [spoken["id"]]
    assert call["proposals"][0]["practitioner"]["finess"] == CLINIC


async def test_the_profession_of_a_person_is_the_directory_s(dispatch: Dispatch) -> None:
    slot = await dispatch.slot(4, effector={"rpps": NURSE}, profession="10", specialty="general-practice")
    assert (slot["profession"], slot["specialties"]) == ("60", [])


@pytest.mark.parametrize(
    ("params", "hours"),
    [
        ({}, [2, 4, 6, 30]),
        ({"rpps": OTHER_DOCTOR}, [6]),
        ({"commune": ALLAIRE}, [4]),
        ({"commune": RENNES}, []),
        ({"state": "booked"}, [2]),
        ({"state": "free"}, [4, 6, 30]),
        ({"state": "held"}, []),
        ({"from": (NOW + timedelta(hours=4)).isoformat()}, [4, 6, 30]),
        ({"to": (NOW + timedelta(hours=4)).isoformat()}, [2]),
        ({"from": "2026-11-24T11:00:00+01:00", "to": "2026-11-24T15:00:00+01:00"}, [2, 4]),
    ],
)
async def test_lists(dispatch: Dispatch, params: dict[str, str], hours: list[float]) -> None:
    await dispatch.booked(2)
    await dispatch.slot(4, place={"commune": ALLAIRE})
    await dispatch.slot(6, effector={"rpps": OTHER_DOCTOR})
    await dispatch.slot(30)
    found = await dispatch.get("/slots", **params)
    starts = [(NOW + timedelta(hours=it)).isoformat().replace("+00:00", "Z") for it in hours]
    assert [it["starts_at"] for it in found["items"]] == starts


async def test_pages_follow_each_other(dispatch: Dispatch) -> None:
    made = [(await dispatch.slot(hours))["id"] for hours in (1, 2, 3, 4, 5)]
    found: list[str] = []
    cursor: dict[str, str] = {}
    while cursor is not None:
        page = await dispatch.get("/slots", limit=2, **cursor)
        found += [it["id"] for it in page["items"]]
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}
    assert found == made


@pytest.mark.parametrize(
    "params",
    [
        {"limit": 0},
        {"limit": 201},
        {"cursor": "nonsense"},
        {"cursor": "WzFd"},
        {"from": "yesterday"},
        {"from": "2026-11-24T11:00:00"},
        {"state": "half"},
        {"rpps": "1"},
    ],
)
async def test_bad_lists(dispatch: Dispatch, params: dict[str, Any]) -> None:
    http = await dispatch.client("ed")
    assert (await http.get("/v1/slots", params=params)).status_code == 422
