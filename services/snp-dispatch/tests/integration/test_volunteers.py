"""Calls offered to practitioners who volunteered: who is asked when, one winner, and what others are told."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import pytest
from dispatch_stage import DOCTOR, ELSEWHERE, HERE, NOW, NURSE, OTHER_DOCTOR, STRANGER, Dispatch, a_call, fire
from racing import codes, together

from kit.work import Work
from snp_dispatch.domain.ladder import Ladder
from snp_dispatch.store import effectors
from snp_dispatch.usecases.escalate import begin_ladders
from snp_dispatch.usecases.keep_ladders import keep_ladders
from snp_dispatch.usecases.refill import Refill
from snp_dispatch.usecases.volunteer_offers import close_offers

WILLING = {"commune": "35236", "radius_km": 40, "max_per_week": 5}
FAR = "56001"
"""Allaire, some kilometres from Redon."""
ACCEPT = {"starts_at": (NOW + timedelta(hours=3)).isoformat()}


@pytest.fixture
def laddered(dispatch: Dispatch, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Sets the first step of the territory's ladder for the calls to come, and those after it (none)."""

    async def one_step(*, then: Sequence[Any] = (), **step: Any) -> None:
        body = {"kind": "offer_volunteers", "after_minutes": 0, "minutes": 15, "radius_km": 30} | step
        ladder = Ladder.model_validate({"version": "t", "offer_hold_seconds": 900, "steps": [body, *then]})
        monkeypatch.setitem(dispatch.rules.ladders, HERE, ladder)
        monkeypatch.setitem(dispatch.rules.digests, HERE, ladder.digest)
        await keep_ladders(dispatch.runtime.system, dispatch.rules)

    return one_step


async def willing(dispatch: Dispatch, rpps: str, **changes: Any) -> None:
    answer = await dispatch.put(f"/volunteers/{rpps}", WILLING | changes)
    assert answer.status_code == 200, answer.text


async def waiting(dispatch: Dispatch, **changes: Any) -> Any:
    """A call whose only step has been taken."""
    call = await dispatch.call(**changes)
    assert call["state"] == "waiting"
    await dispatch.system(begin_ladders)
    await fire(dispatch)
    return call


async def offers(dispatch: Dispatch, **filters: Any) -> list[dict[str, Any]]:
    return list((await dispatch.get("/offers", role="coordinator", **filters))["items"])


async def answer(dispatch: Dispatch, offer: Mapping[str, Any], verb: str, body: Any) -> Any:
    rpps = offer["effector"]["rpps"]
    path = f"/offers/{offer['id']}/{verb}"
    return await dispatch.post(path, body, role="practitioner", rpps=rpps, sub=rpps)


async def many(dispatch: Dispatch, count: int) -> list[str]:
    """More doctors, all of them volunteers."""
    numbers = [f"99000001{n:03d}" for n in range(count)]

    async def known(work: Work) -> None:
        for number in numbers:
            skills = ("general-practice",)
            await effectors.apply(
                work, number=number, kind="person", name="Doctor", profession="10", specialties=skills, listed=True,
                version=1,
            )  # fmt: skip

    await dispatch.system(known)
    async with dispatch.runtime.system.work(HERE) as work:
        for number in numbers:
            await effectors.apply_participation(work, rpps=number, participates=True, version=1)
    for number in numbers:
        await willing(dispatch, number)
    return numbers


async def test_one_after_the_other_the_nearest_first(dispatch: Dispatch, laddered: Any) -> None:
    await laddered(mode="one_by_one")
    await willing(dispatch, DOCTOR, commune=FAR)
    await willing(dispatch, OTHER_DOCTOR)
    call = await waiting(dispatch)
    (first,) = await offers(dispatch)
    assert (first["effector"]["rpps"], first["state"], first["distance_km"]) == (OTHER_DOCTOR, "open", 0)
    assert (first["age_band"], first["profession"], first["call_id"]) == ("60-69", "10", call["id"])
    declined = await answer(dispatch, first, "decline", {"reason": "busy"})
    assert (declined.status_code, declined.json()["state"]) == (200, "declined")
    (second,) = await offers(dispatch, state="open")
    assert second["effector"]["rpps"] == DOCTOR
    accepted = await answer(dispatch, second, "accept", ACCEPT)
    assert accepted.status_code == 201, accepted.text
    booking = accepted.json()
    seen = await dispatch.get(f"/calls/{call['id']}")
    assert (seen["state"], seen["booking"]["id"], booking["practitioner_rpps"]) == ("booked", booking["id"], DOCTOR)
    length = timedelta(minutes=20)
    assert booking["ends_at"] == (NOW + timedelta(hours=3) + length).isoformat().replace("+00:00", "Z")
    assert len(await dispatch.told("offer.made")) == 2
    assert [len(await dispatch.told(it)) for it in ("offer.declined", "offer.accepted", "booking.confirmed")] == [1] * 3


async def test_who_does_not_answer_in_time_gives_way_to_the_next(dispatch: Dispatch, laddered: Any) -> None:
    await laddered(mode="one_by_one")
    await willing(dispatch, DOCTOR)
    await willing(dispatch, OTHER_DOCTOR, commune=FAR)
    await waiting(dispatch)
    (first,) = await offers(dispatch)
    dispatch.advance(minutes=15)
    refused = await answer(dispatch, first, "accept", ACCEPT)
    assert (refused.status_code, refused.json()["code"]) == (410, "offer_expired")
    assert await fire(dispatch) == 1
    assert [(it["effector"]["rpps"], it["state"]) for it in await offers(dispatch)] == [
        (OTHER_DOCTOR, "open"),
        (DOCTOR, "expired"),
    ]
    dispatch.advance(minutes=15)
    assert await fire(dispatch) == 1
    assert len(await offers(dispatch)) == 2
    assert len(await dispatch.told("offer.expired")) == 2


@pytest.mark.parametrize("how", ["one_by_one", "broadcast"])
@pytest.mark.parametrize("last", ["declines", "is_silent"])
async def test_when_nobody_is_left_the_ladder_goes_on_at_once(
    dispatch: Dispatch, laddered: Any, how: str, last: str
) -> None:
    await laddered(mode=how, then=[{"kind": "human", "after_minutes": 240}])
    for rpps in (DOCTOR, OTHER_DOCTOR):
        await willing(dispatch, rpps)
    call = await waiting(dispatch)
    path = f"/calls/{call['id']}/escalation"
    assert (await dispatch.get(path))["next"]["at"] == "2026-11-24T12:00:00Z"
    first = (await offers(dispatch, state="open"))[0]
    await answer(dispatch, first, "decline", {"reason": "busy"})
    assert await fire(dispatch) == 0
    (second,) = await offers(dispatch, state="open")
    if last == "declines":
        await answer(dispatch, second, "decline", {"reason": "busy"})
    else:
        dispatch.advance(minutes=15)
        assert await fire(dispatch) == 2  # the ends of both offers
    assert await fire(dispatch) == 1
    seen = await dispatch.get(path)
    assert ([it["kind"] for it in seen["done"]], seen["next"]) == (["offer_volunteers", "human"], None)
    dispatch.advance(hours=5)
    await fire(dispatch)
    assert len(await dispatch.told("call.escalated")) == 2


async def test_an_answer_that_comes_after_the_next_step_hastens_nothing(dispatch: Dispatch, laddered: Any) -> None:
    steps = [{"kind": "human", "after_minutes": 5}, {"kind": "back_to_caller", "after_minutes": 240, "redirect": "15"}]
    await laddered(mode="one_by_one", then=steps)
    await willing(dispatch, DOCTOR)
    call = await waiting(dispatch)
    dispatch.advance(minutes=5)
    assert await fire(dispatch) == 1
    (offer,) = await offers(dispatch)
    await answer(dispatch, offer, "decline", {"reason": "busy"})
    assert await fire(dispatch) == 0
    assert (await dispatch.get(f"/calls/{call['id']}/escalation"))["next"]["kind"] == "back_to_caller"


@pytest.mark.parametrize("round_", range(3))
async def test_of_many_acceptances_at_once_one_wins(dispatch: Dispatch, laddered: Any, round_: int) -> None:
    await laddered(mode="broadcast")
    await many(dispatch, 12)
    call = await waiting(dispatch)
    made = await offers(dispatch)
    assert len(made) == 12
    found = codes(await together(answer(dispatch, it, "accept", ACCEPT) for it in made))
    assert found == {201: 1, "offer_closed": 11}
    assert Counter(it["state"] for it in await offers(dispatch)) == {"accepted": 1, "closed": 11}
    assert len(await dispatch.told("offer.closed")) == 11
    (row,) = await dispatch.rows("SELECT count(*) AS n FROM booking WHERE call_id = $1", call["id"])
    assert row["n"] == 1
    # The slots of those who lost were undone with their transactions.
    assert len(await dispatch.rows("SELECT id FROM slot")) == 1
    assert await fire(dispatch) == 0


async def test_a_yes_and_a_no_of_the_same_person_at_once_leave_one(dispatch: Dispatch, laddered: Any) -> None:
    await laddered(mode="one_by_one")
    await many(dispatch, 8)
    for _ in range(4):
        await waiting(dispatch)
    made = await offers(dispatch)
    assert len(made) == 4
    for number, offer in enumerate(made):
        at = {"starts_at": (NOW + timedelta(hours=3 + number)).isoformat()}
        yes, no = await asyncio.gather(
            answer(dispatch, offer, "accept", at), answer(dispatch, offer, "decline", {"reason": "busy"})
        )
        assert sorted([yes.status_code == 201, no.status_code == 200]) == [False, True]
        call = await dispatch.get(f"/calls/{offer['call_id']}")
        assert call["state"] == ("booked" if yes.status_code == 201 else "waiting")


async def test_a_call_takes_one_visit_from_a_freed_seat_or_a_volunteer(dispatch: Dispatch, laddered: Any) -> None:
    """The refill books the call in the same moment in which a volunteer accepts it."""
    await laddered(mode="broadcast")
    await willing(dispatch, DOCTOR, max_per_week=20)
    refill = Refill(dispatch.rules)
    for number in range(6):
        hours = 3 + number
        call = await waiting(dispatch, mode="book")
        (offer,) = await offers(dispatch, state="open")
        slot = await dispatch.slot(hours, effector={"rpps": OTHER_DOCTOR})
        at = {"starts_at": (NOW + timedelta(hours=hours)).isoformat()}
        accepted, _ = await asyncio.gather(
            answer(dispatch, offer, "accept", at),
            dispatch.system(lambda work: refill.run(work, dispatch.runtime.db)),
        )
        assert accepted.status_code == 201 or accepted.json()["code"] == "offer_closed", accepted.text
        await dispatch.system(lambda work: refill.run(work, dispatch.runtime.db))
        rows = await dispatch.rows("SELECT id FROM booking WHERE call_id = $1 AND state = 'confirmed'", call["id"])
        assert len(rows) == 1
        await dispatch.system(close_offers)
        assert await offers(dispatch, state="open") == []
        if accepted.status_code == 201:
            body = {"reason": "agenda_closed"}
            await dispatch.made(f"/slots/{slot['id']}/withdraw", body, role="coordinator", status=200)


async def test_an_offer_closes_when_the_call_is_closed_by_its_caller(dispatch: Dispatch, laddered: Any) -> None:
    await laddered(mode="broadcast")
    await willing(dispatch, DOCTOR)
    call = await waiting(dispatch)
    (offer,) = await offers(dispatch)
    await dispatch.made(f"/calls/{call['id']}/cancel", {"reason": "patient_left"}, status=200)
    assert (await offers(dispatch))[0]["state"] == "closed"
    refused = await answer(dispatch, offer, "accept", ACCEPT)
    assert (refused.status_code, refused.json()["code"]) == (409, "offer_closed")
    assert await dispatch.system(close_offers) == 1
    assert len(await dispatch.told("offer.closed")) == 1
    dispatch.advance(minutes=15)
    await fire(dispatch)
    assert await dispatch.told("offer.expired") == []


@pytest.mark.parametrize(
    "changes",
    [
        {"radius_km": 1, "commune": FAR},
        {"weekdays": [1, 3]},
        {"starts": "10:00"},
        {"ends": "09:00", "starts": "07:00"},
        {"modes": ["VR"]},
    ],
)
async def test_who_did_not_agree_to_it_is_not_asked(dispatch: Dispatch, laddered: Any, changes: Any) -> None:
    """It is Tuesday, nine o'clock."""
    await laddered(mode="broadcast")
    await willing(dispatch, DOCTOR, **changes)
    call = await waiting(dispatch)
    assert await offers(dispatch) == []
    done = (await dispatch.get(f"/calls/{call['id']}/escalation"))["done"]
    assert done[0]["detail"] == {"reason": "no_volunteer"}


async def test_nobody_is_asked_more_often_than_they_agreed_to(dispatch: Dispatch, laddered: Any) -> None:
    await laddered(mode="broadcast")
    await willing(dispatch, DOCTOR, max_per_week=1)
    await waiting(dispatch)
    await waiting(dispatch)
    (offer,) = await offers(dispatch)
    assert (await answer(dispatch, offer, "accept", ACCEPT)).status_code == 201
    await waiting(dispatch)
    assert len(await offers(dispatch)) == 1


async def test_an_acceptance_keeps_the_rules_of_every_booking(dispatch: Dispatch, laddered: Any) -> None:
    await laddered(mode="broadcast")
    await willing(dispatch, DOCTOR)
    await waiting(dispatch, patient={"ref": "pseudonym-1"})
    (offer,) = await offers(dispatch)

    async def refused(body: Any) -> tuple[int, Any]:
        found = await answer(dispatch, offer, "accept", body)
        return found.status_code, found.json().get("reason", found.json()["code"])

    def at(hours: float) -> dict[str, str]:
        return {"starts_at": (NOW + timedelta(hours=hours)).isoformat()}

    assert await refused(at(-1)) == (409, "too_early")
    assert await refused(at(60)) == (409, "after_deadline")
    assert await refused({**ACCEPT, "mode": "VR"}) == (409, "mode")
    assert await refused({**at(3), "ends_at": at(2)["starts_at"]}) == (422, "period_wrong")
    await dispatch.slot(3, place={"commune": "17415"}, audience=["PRO"])
    assert await refused(at(3.25)) == (409, "slot_overlap")
    quota = {"effector": {"rpps": DOCTOR}, "organisation": None, "period": "day", "max_slots": 0}
    made = await dispatch.made("/quotas", quota, role="coordinator")
    assert await refused(at(5)) == (409, "quota_reached")
    await dispatch.made(f"/quotas/{made['id']}/remove", role="coordinator", status=200)
    other = await dispatch.slot(8, effector={"rpps": OTHER_DOCTOR})
    second = await dispatch.made("/calls", a_call(patient={"ref": "pseudonym-1"}))
    await dispatch.made(
        f"/holds/{(hold := await dispatch.held(second, other))['id']}/confirm", {"token": hold["token"]}
    )
    assert await refused(at(5)) == (409, "already_booked")
    assert (await offers(dispatch))[0]["state"] == "open"


async def test_volunteering_is_stated_read_and_ended_by_oneself(dispatch: Dispatch) -> None:
    me = {"rpps": DOCTOR, "sub": DOCTOR}
    stated = await dispatch.put(f"/volunteers/{DOCTOR}", WILLING, role="practitioner", **me)
    assert stated.status_code == 200, stated.text
    assert (stated.json()["weekdays"], stated.json()["starts"]) == ([1, 2, 3, 4, 5], "08:00")
    again = await dispatch.put(f"/volunteers/{DOCTOR}", WILLING | {"modes": ["HH", "AMB"]}, role="practitioner", **me)
    assert again.json()["modes"] == ["HH", "AMB"]
    assert await dispatch.get(f"/volunteers/{DOCTOR}", role="practitioner", claims=me) == again.json()
    await dispatch.made(f"/volunteers/{DOCTOR}/remove", role="practitioner", status=200, **me)
    gone = await dispatch.refused(f"/volunteers/{DOCTOR}/remove", role="practitioner", **me)
    assert gone == (404, "volunteer_not_found")


@pytest.mark.parametrize(
    ("rpps", "changes", "expected"),
    [
        (STRANGER, {}, (409, "not_participating")),
        ("99000000999", {}, (404, "effector_unknown")),
        (DOCTOR, {"commune": "99999"}, (422, "commune_unknown")),
        (DOCTOR, {"starts": "19:00", "ends": "08:00"}, (422, "ends_before_start")),
        (DOCTOR, {"weekdays": [0]}, (422, "invalid_input")),
    ],
)
async def test_what_nobody_can_volunteer_for(
    dispatch: Dispatch, rpps: str, changes: Any, expected: tuple[int, str]
) -> None:
    refused = await dispatch.put(f"/volunteers/{rpps}", WILLING | changes)
    assert (refused.status_code, refused.json()["code"]) == expected


async def test_offers_are_for_whom_they_are_made(dispatch: Dispatch, laddered: Any) -> None:
    await laddered(mode="broadcast")
    await willing(dispatch, DOCTOR)
    await willing(dispatch, NURSE)
    await waiting(dispatch)
    (offer,) = await offers(dispatch)
    other = {"role": "practitioner", "rpps": OTHER_DOCTOR, "sub": OTHER_DOCTOR}
    assert await dispatch.refused(f"/offers/{offer['id']}/accept", ACCEPT, **other) == (403, "not_your_agenda")
    decline = await dispatch.refused(f"/offers/{offer['id']}/decline", {"reason": "busy"}, **other)
    assert decline == (403, "not_your_agenda")
    http = await dispatch.client(**other)
    for path in ("/offers", f"/offers?rpps={DOCTOR}", f"/offers/{offer['id']}", f"/volunteers/{DOCTOR}"):
        assert (await http.get(f"/v1{path}")).status_code == 403, path
    own = await dispatch.get("/offers", role="practitioner", claims={"rpps": DOCTOR, "sub": DOCTOR}, rpps=DOCTOR)
    assert [it["id"] for it in own["items"]] == [offer["id"]]
    far = await dispatch.client("coordinator", territory=ELSEWHERE)
    assert (await far.get(f"/v1/offers/{offer['id']}")).status_code == 404
