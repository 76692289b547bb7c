"""Why these slots, why not the others; what a practitioner carries already."""

from datetime import timedelta
from typing import Any

import asyncpg
import pytest
from dispatch_stage import DOCTOR, HERE, NOW, NURSE, OTHER_DOCTOR, Dispatch, a_call, a_slot

from snp_dispatch.domain.policy import PolicyVersions
from snp_dispatch.usecases import explain_call


async def explanation(dispatch: Dispatch, call: Any, **options: Any) -> Any:
    return await dispatch.get(f"/calls/{call['id']}/explanation", **options)


async def test_every_slot_that_was_not_chosen_has_its_reason(dispatch: Dispatch) -> None:
    """`cal#13606`: hard to debug. Each slot within territory, deadline and outer radius is counted once."""
    best = await dispatch.slot(1)
    taken = await dispatch.slot(2)
    held = await dispatch.slot(3)
    await dispatch.slot(4, mode="HH")
    await dispatch.slot(5, place={"commune": "35238"})
    await dispatch.slot(6, audience=["SNP"])
    await dispatch.made("/slots", a_slot(1, effector={"rpps": NURSE}), role="coordinator")
    await dispatch.slot(60)
    first, second = await dispatch.call(), await dispatch.call()
    hold = await dispatch.held(first, taken)
    await dispatch.made(f"/holds/{hold['id']}/confirm", {"token": hold["token"]})
    await dispatch.held(second, held)
    call = await dispatch.call()
    dispatch.advance(seconds=1)
    later = await dispatch.slot(7)
    told = await explanation(dispatch, call)
    assert [it["slot_id"] for it in told["chosen"]] == [best["id"]]
    reasons = {it["slot_id"]: it["reason"] for it in told["not_chosen"]}
    assert [reasons[it["id"]] for it in (taken, held, later)] == ["taken", "held", "published_later"]
    assert told["counts"] == {
        "audience": 1, "held": 1, "mode": 1, "profession": 1, "published_later": 1, "taken": 1, "too_far": 1,
    }  # fmt: skip
    assert (told["considered"], told["at_least"]) == (8, False)
    assert sum(told["counts"].values()) == len(told["not_chosen"]) == 7


async def test_a_broken_constraint_is_told_with_what_was_compared(dispatch: Dispatch) -> None:
    await dispatch.slot(5, place={"commune": "35238"})
    call = await dispatch.call(constraints={"max_distance_km": 12})
    (only,) = (await explanation(dispatch, call))["not_chosen"]
    assert (only["reason"], only["asked"]) == ("too_far", 12)
    assert 12 < only["has"] == only["distance_km"] <= 60


async def test_the_eleventh_is_costlier(dispatch: Dispatch) -> None:
    for hours in range(1, 13):
        await dispatch.slot(hours)
    call = await dispatch.call()
    told = await explanation(dispatch, call)
    assert told["counts"] == {"costlier": 2}
    assert len(told["chosen"]) == 10
    assert all(it["cost"] > told["chosen"][-1]["cost"] for it in told["not_chosen"])


async def test_counts_of_all_and_details_of_twenty(dispatch: Dispatch, monkeypatch: pytest.MonkeyPatch) -> None:
    for hours in range(1, 26):
        await dispatch.slot(hours, mode="HH")
    call = await dispatch.call()
    told = await explanation(dispatch, call)
    assert (told["counts"], len(told["not_chosen"])) == ({"mode": 25}, 20)
    monkeypatch.setattr(explain_call, "CONSIDERED", 10)
    told = await explanation(dispatch, call)
    assert (told["considered"], told["at_least"], told["counts"]) == (10, True, {"mode": 10})


async def test_a_call_that_was_redirected_looked_for_nothing(dispatch: Dispatch) -> None:
    await dispatch.slot()
    call = await dispatch.call(need={"red_flags": ["chest_pain"]})
    told = await explanation(dispatch, call)
    assert (told["considered"], told["chosen"], told["counts"]) == (0, [], {})


async def test_who_may_read_an_explanation(dispatch: Dispatch) -> None:
    call = await dispatch.call()
    http = await dispatch.client("practitioner", rpps=DOCTOR)
    assert (await http.get(f"/v1/calls/{call['id']}/explanation")).status_code == 403
    elsewhere = await dispatch.client("ed", territory="haute-saintonge")
    assert (await elsewhere.get(f"/v1/calls/{call['id']}/explanation")).status_code == 404


async def visits(dispatch: Dispatch, owner: asyncpg.Connection, doctor: str, ages: list[float]) -> None:
    """Visits of a doctor, confirmed so many days ago."""
    await dispatch.made("/slots", a_slot(30 + len(ages), effector={"rpps": NURSE}), role="coordinator")
    for days in ages:
        call = await dispatch.call(need={"profession": "40", "specialty": None})
        await owner.execute(
            "INSERT INTO booking (id, territory, call_id, slot_id, effector_id, effector_kind, origin, "
            "call_received_at, starts_at, ends_at, commune, mode, audience, state, version, confirmed_at) SELECT "
            "gen_random_uuid(), $1, $2, (SELECT id FROM slot LIMIT 1), $3, 'person', 'ed', $4, $4, $4, '35236', "
            "'AMB', '{CPTS}', 'fulfilled', 1, $4",
            HERE, call["id"], doctor, NOW - timedelta(days=days),
        )  # fmt: skip


async def test_who_carries_less_comes_first_by_a_bounded_cost(dispatch: Dispatch, owner: asyncpg.Connection) -> None:
    """`cal#13606`: newcomers are not flooded, the only slot is proposed whatever the ledger says."""
    await visits(dispatch, owner, DOCTOR, [0.0] * 10)
    await dispatch.slot(4)
    (only,) = (await dispatch.call())["proposals"]
    assert (only["practitioner"]["rpps"], only["cost_parts"]["fairness"]) == (DOCTOR, 1.5)
    await dispatch.made("/slots", a_slot(5, effector={"rpps": OTHER_DOCTOR}), role="coordinator")
    first, second = (await dispatch.call())["proposals"]
    assert (first["practitioner"]["rpps"], first["cost_parts"]["fairness"]) == (OTHER_DOCTOR, 0)
    assert second["cost"] - first["cost"] == 0.5
    # A newcomer's advantage is at most the weight: three hours later is no longer first.
    await visits(dispatch, owner, DOCTOR, [0.0] * 20)
    await dispatch.made("/slots", a_slot(8, effector={"rpps": OTHER_DOCTOR}), role="coordinator")
    costs = {it["starts_at"][11:13]: it["cost"] for it in (await dispatch.call())["proposals"]}
    assert costs["12"] < costs["16"]


async def test_a_booking_counts_at_once_and_a_cancelled_one_no_longer(dispatch: Dispatch) -> None:
    booking = await dispatch.booked()
    path = f"/effectors/{DOCTOR}/fairness"
    told = await dispatch.get(path, role="practitioner", claims={"rpps": DOCTOR})
    assert (told["load"], told["share"], told["points"], told["most_points"]) == (1, 0.05, 0.15, 3)
    assert (told["offers"], told["acceptances"], told["median_load"]) == (1, 1, 1)
    dispatch.advance(days=14)
    assert (await dispatch.get(path, role="coordinator"))["load"] == 0.5
    dispatch.rewind()
    body = {"reason": "agenda_closed", "by": "practitioner"}
    await dispatch.made(f"/bookings/{booking['id']}/cancel", body, status=200)
    told = await dispatch.get(path, role="coordinator")
    assert (told["load"], told["offers"], told["acceptances"]) == (0, 1, 0)


async def test_practitioners_read_their_own_load_only(dispatch: Dispatch) -> None:
    for role, claims, status in (
        ("practitioner", {"rpps": OTHER_DOCTOR}, 403),
        ("ed", {}, 403),
        ("practitioner", {"rpps": DOCTOR}, 200),
        ("coordinator", {}, 200),
    ):
        http = await dispatch.client(role, **claims)
        answer = await http.get(f"/v1/effectors/{DOCTOR}/fairness")
        assert answer.status_code == status, role
    assert (await (await dispatch.client("ed")).get(f"/v1/effectors/{DOCTOR}/fairness")).json()[
        "code"
    ] == "not_your_load"


async def test_a_number_that_nobody_knows_has_no_load(dispatch: Dispatch) -> None:
    http = await dispatch.client("coordinator")
    answer = await http.get("/v1/effectors/99000009999/fairness")
    assert (answer.status_code, answer.json()["code"]) == (404, "effector_unknown")


async def test_the_same_question_gets_the_same_order(dispatch: Dispatch, owner: asyncpg.Connection) -> None:
    await visits(dispatch, owner, DOCTOR, [1.0, 9.0, 3.5])
    for hours in range(1, 9):
        await dispatch.slot(hours)
        await dispatch.made("/slots", a_slot(hours, effector={"rpps": OTHER_DOCTOR}), role="coordinator")
    answers = [(await dispatch.made("/calls", a_call()))["proposals"] for _ in range(3)]
    assert answers[0] == answers[1] == answers[2]


async def test_a_call_is_explained_by_the_policy_that_decided_it(
    dispatch: Dispatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A version that came into force since says nothing of why a slot was not chosen then."""
    call = await dispatch.call()
    before = dispatch.rules.policy(HERE, NOW)
    assert before is not None
    day = NOW.date() + timedelta(days=1)
    after = before.model_copy(update={"version": "next", "valid_from": day})
    monkeypatch.setitem(dispatch.rules.policies, HERE, PolicyVersions.of([before, after]))
    dispatch.advance(days=1)
    assert (await dispatch.get("/policies/current"))["version"] == "next"
    assert (await explanation(dispatch, call))["policy_version"] == call["screening"]["policy_version"]
