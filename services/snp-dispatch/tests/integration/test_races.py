"""Races on real connections: who wins is open, that one wins is not."""

from collections import Counter
from collections.abc import Awaitable, Callable

import asyncpg
import pytest
from dispatch_stage import DOCTOR, NOW, OTHER_DOCTOR, Dispatch, a_call, a_slot
from racing import codes, open_calls, together

from snp_dispatch.usecases.sweep import expire_holds

MANY = 100


async def test_many_callers_on_one_slot_give_one_hold(dispatch: Dispatch) -> None:
    slot, calls = await dispatch.slot(), await open_calls(dispatch, MANY)
    spare = await dispatch.slot(6)
    body = {"slot_id": slot["id"]}
    answers = await together(dispatch.post(f"/calls/{call['id']}/holds", body) for call in calls)
    assert codes(answers) == {201: 1, "slot_taken": MANY - 1}
    lost = [answer.json() for answer in answers if answer.status_code == 409]
    assert {tuple(it["slot_id"] for it in one["alternatives"]) for one in lost} == {(spare["id"],)}
    assert len(await dispatch.rows("SELECT * FROM hold WHERE state = 'active'")) == 1
    assert len(await dispatch.told("hold.placed")) == 1


async def test_one_call_on_one_slot_gives_one_hold(dispatch: Dispatch) -> None:
    slot, call = await dispatch.slot(), await dispatch.call()
    body = {"slot_id": slot["id"]}
    answers = await together(dispatch.post(f"/calls/{call['id']}/holds", body) for _ in range(MANY))
    assert set(codes(answers)) <= {201, "slot_taken"}
    assert codes(answers)[201] >= 1
    live = await dispatch.rows("SELECT id::text FROM hold WHERE state = 'active'")
    claims = await dispatch.rows("SELECT hold_id::text AS id FROM seat_claim")
    assert live == claims
    assert len(live) == 1


@pytest.mark.parametrize("capacity", [2, 5])
async def test_every_seat_finds_a_taker(dispatch: Dispatch, capacity: int) -> None:
    slot, calls = await dispatch.slot(capacity=capacity), await open_calls(dispatch, 40)
    answers = await together(dispatch.post(f"/calls/{it['id']}/holds", {"slot_id": slot["id"]}) for it in calls)
    assert codes(answers) == {201: capacity, "slot_taken": 40 - capacity}


async def test_an_expired_hold_is_taken_over_by_one(dispatch: Dispatch) -> None:
    slot, calls = await dispatch.slot(), await open_calls(dispatch, 40)
    await dispatch.held(calls[0], slot)
    dispatch.advance(minutes=5)
    sweeps = [dispatch.system(expire_holds) for _ in range(3)]
    tries = [dispatch.post(f"/calls/{it['id']}/holds", {"slot_id": slot["id"]}) for it in calls]
    answers = (await together([*tries, *sweeps]))[: len(tries)]
    assert codes(answers) == {201: 1, "slot_taken": 39}
    assert len(await dispatch.told("hold.expired")) == 1


async def test_callers_who_swap_their_holds_do_not_lock_each_other_up(dispatch: Dispatch) -> None:
    """Each wants what the other one holds, after both have expired: two slots locked in one order."""
    one, two = await dispatch.slot(10), await dispatch.slot(11)
    for _ in range(10):
        first, second = await open_calls(dispatch, 2)
        await dispatch.held(first, one)
        await dispatch.held(second, two)
        dispatch.advance(minutes=5)
        answers = await together(
            [
                dispatch.post(f"/calls/{first['id']}/holds", {"slot_id": two["id"]}),
                dispatch.post(f"/calls/{second['id']}/holds", {"slot_id": one["id"]}),
            ]
        )
        assert {answer.status_code for answer in answers} <= {201, 409}
        assert 201 in {answer.status_code for answer in answers}
        dispatch.advance(minutes=5)
        await dispatch.system(expire_holds)


async def test_a_call_holds_one_slot_at_a_time(dispatch: Dispatch) -> None:
    made, call = [await dispatch.slot(hours) for hours in range(1, 9)], await dispatch.call()
    answers = await together(dispatch.post(f"/calls/{call['id']}/holds", {"slot_id": it["id"]}) for it in made)
    assert set(codes(answers)) <= {201, "call_busy"}
    assert 201 in codes(answers)
    assert len(await dispatch.rows("SELECT * FROM hold WHERE state = 'active'")) == 1
    assert len(await dispatch.rows("SELECT * FROM seat_claim")) == 1


async def test_the_same_key_fifty_times_is_one_call_and_one_booking(dispatch: Dispatch) -> None:
    for hours in range(1, 9):
        await dispatch.slot(hours)
    body = a_call(mode="book")
    answers = await together(dispatch.post("/calls", body, key="same") for _ in range(50))
    assert {(answer.status_code, answer.content) for answer in answers} == {(201, answers[0].content)}
    assert len((await dispatch.get("/calls"))["items"]) == 1
    assert len((await dispatch.get("/bookings"))["items"]) == 1
    assert len(await dispatch.told("booking.confirmed")) == 1
    other = await dispatch.post("/calls", a_call(), key="same")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


async def test_one_shots_book_every_slot_once(dispatch: Dispatch) -> None:
    made = [await dispatch.slot(0.5 + number / 2) for number in range(30)]
    answers = await together(dispatch.post("/calls", a_call(mode="book")) for _ in range(40))
    assert {answer.status_code for answer in answers} == {201}
    got = [answer.json() for answer in answers]
    assert Counter(it["state"] for it in got) == {"booked": 30, "waiting": 10}
    assert {it["booking"]["slot_id"] for it in got if it["booking"]} == {it["id"] for it in made}


async def test_one_shots_and_holds_share_the_slots(dispatch: Dispatch) -> None:
    made, calls = [await dispatch.slot(hours) for hours in range(1, 11)], await open_calls(dispatch, 20)
    holds = [dispatch.post(f"/calls/{c['id']}/holds", {"slot_id": made[n % 10]["id"]}) for n, c in enumerate(calls)]
    shots = [dispatch.post("/calls", a_call(mode="book")) for _ in range(20)]
    answers = await together([*holds, *shots])
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert len(await dispatch.rows("SELECT * FROM seat_claim")) == 10
    held = sum(1 for answer in answers[:20] if answer.status_code == 201)
    booked = sum(1 for answer in answers[20:] if answer.json()["state"] == "booked")
    assert held + booked == 10


async def test_a_hold_is_confirmed_by_one(dispatch: Dispatch) -> None:
    slot, call = await dispatch.slot(), await dispatch.call()
    hold = await dispatch.held(call, slot)
    path, body = f"/holds/{hold['id']}/confirm", {"token": hold["token"]}
    answers = await together(dispatch.post(path, body) for _ in range(20))
    assert codes(answers) == {201: 1, "hold_not_active": 19}
    assert len((await dispatch.get("/bookings"))["items"]) == 1


@pytest.mark.parametrize("round_", range(5))
async def test_confirm_and_release_do_not_both_win(dispatch: Dispatch, round_: int) -> None:
    slot, call = await dispatch.slot(), await dispatch.call()
    hold = await dispatch.held(call, slot)
    body = {"token": hold["token"]}
    confirm, release = await together(
        [dispatch.post(f"/holds/{hold['id']}/confirm", body), dispatch.post(f"/holds/{hold['id']}/release", body)]
    )
    assert sorted((confirm.status_code, release.status_code)) in ([200, 409], [201, 409])
    state = (await dispatch.get(f"/slots/{slot['id']}"))["state"]
    assert state == ("booked" if confirm.status_code == 201 else "free")


@pytest.mark.parametrize("round_", range(5))
async def test_a_slot_is_not_withdrawn_under_a_hold(dispatch: Dispatch, round_: int) -> None:
    slot, calls = await dispatch.slot(), await open_calls(dispatch, 5)
    withdraw = dispatch.post(f"/slots/{slot['id']}/withdraw", {"reason": "away"}, role="coordinator")
    holds = [dispatch.post(f"/calls/{call['id']}/holds", {"slot_id": slot["id"]}) for call in calls]
    gone, *tried = await together([withdraw, *holds])
    winners = [answer for answer in tried if answer.status_code == 201]
    assert {answer.status_code for answer in tried} <= {201, 409}
    assert (gone.status_code, len(winners)) in {(200, 0), (409, 1)}


@pytest.mark.parametrize("round_", range(5))
async def test_a_call_is_not_cancelled_under_a_booking(dispatch: Dispatch, round_: int) -> None:
    slot, call = await dispatch.slot(), await dispatch.call()
    hold = await dispatch.held(call, slot)
    confirm, cancel = await together(
        [
            dispatch.post(f"/holds/{hold['id']}/confirm", {"token": hold["token"]}),
            dispatch.post(f"/calls/{call['id']}/cancel", {"reason": "left"}),
        ]
    )
    assert sorted((confirm.status_code, cancel.status_code)) in ([200, 409], [201, 409])
    state = (await dispatch.get(f"/calls/{call['id']}"))["state"]
    assert state == ("booked" if confirm.status_code == 201 else "cancelled")


async def test_overlapping_slots_are_published_once(dispatch: Dispatch) -> None:
    """In two territories at once: the exclusion constraint alone would deadlock here."""
    bodies = [a_slot(4 + (number % 5) / 10) for number in range(40)]
    answers = await together(
        dispatch.post(
            "/slots", body, role="coordinator", territory="pays-de-redon" if number % 2 else "haute-saintonge"
        )
        for number, body in enumerate(bodies)
    )
    assert codes(answers) == {201: 1, "slot_overlap": 39}


async def test_a_booking_ends_one_way(dispatch: Dispatch) -> None:
    booking = await dispatch.booked(1)
    dispatch.advance(hours=1)
    path = f"/bookings/{booking['id']}"
    answers = await together(
        [dispatch.post(f"{path}/fulfil", role="operator") for _ in range(5)]
        + [dispatch.post(f"{path}/no-show", {"absent": "patient"}, role="operator") for _ in range(5)]
    )
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 9
    assert len(await dispatch.told("booking.fulfilled", "booking.missed")) == 1


@pytest.fixture
def claim(owner: asyncpg.Connection) -> Callable[..., Awaitable[str]]:
    async def insert(slot_id: str, seat: int, hold_id: str) -> str:
        return await owner.execute(
            "INSERT INTO seat_claim (slot_id, seat, territory, hold_id, expires_at) VALUES ($1, $2, 'x', $3, now())",
            slot_id,
            seat,
            hold_id,
        )

    return insert


async def test_the_database_refuses_what_must_not_happen(
    dispatch: Dispatch, owner: asyncpg.Connection, claim: Callable[..., Awaitable[str]]
) -> None:
    """Even to a superuser who forgets every rule of ours."""
    slot, other = await dispatch.slot(4), await dispatch.slot(6, effector={"rpps": OTHER_DOCTOR})
    await claim(slot["id"], 1, other["id"])
    with pytest.raises(asyncpg.UniqueViolationError):
        await claim(slot["id"], 1, slot["id"])
    with pytest.raises(asyncpg.ExclusionViolationError):
        await owner.execute("UPDATE slot SET effector_id = $1, starts_at = $2 WHERE id = $3", DOCTOR, NOW, other["id"])
    with pytest.raises(asyncpg.CheckViolationError):
        await owner.execute("UPDATE seat_claim SET booking_id = hold_id")
    await owner.execute("DELETE FROM seat_claim")
