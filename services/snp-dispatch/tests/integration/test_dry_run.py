"""Dry run: a month of calls replayed against a policy that is not in force yet."""

import random
from collections import Counter
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest
import yaml
from dispatch_stage import ELSEWHERE, HERE, NOW, STRANGER, Dispatch, a_call

from snp_dispatch.store import past_calls

DAYS, CALLS, SEED = 30, 400, 20261124
START = NOW - timedelta(days=DAYS)
MONTH = {"from": START.isoformat(), "to": NOW.isoformat()}


def candidate(dispatch: Dispatch) -> dict[str, Any]:
    """The policy in force, as JSON, for a test to change."""
    policy: dict[str, Any] = dispatch.rules.policies[HERE].on(NOW.date()).model_dump(mode="json")
    return policy | {"version": "candidate"}


def stricter(dispatch: Dispatch) -> dict[str, Any]:
    """Changes of every kind that a medical body might ask for."""
    policy = candidate(dispatch)
    ed, number, sas = (policy["origins"][it] for it in ("ed", "single_number", "sas"))
    ed["levels"] = {"FRENCH": ["5"], "CCMU": ["1"]}
    ed["vital_signs"]["required"] = ["spo2_percent"]
    number["minimum_data"] = ["reason", "contact_phone"]
    sas["redirect"] = "ed_stay"
    policy["needs"] = [it for it in policy["needs"] if it["specialty"] != "gynaecology"]
    for need in policy["needs"]:
        if need["specialty"] == "cardiology":
            need["longest_delay_hours"] = 24
    return policy


def a_varied_call(draw: random.Random, at: datetime) -> dict[str, Any]:
    scale, levels = draw.choice([("FRENCH", ["3B", "4", "5"]), ("CCMU", ["1", "2", "3"])])
    phone = draw.choice([None, "+33199005678"])
    return a_call(
        origin=draw.choice(["ed", "single_number", "sas", "professional"]),
        patient={"age": draw.randint(1, 95), "contact": {"name": None, "phone": phone} if phone else None},
        need={
            "specialty": draw.choice(["general-practice", "gynaecology", "cardiology"]),
            "reason": draw.choice([None, "otitis"]),
            "triage": draw.choice([None, {"scale": scale, "level": draw.choice(levels)}]),
            "red_flags": draw.choice([[]] * 5 + [["chest_pain"]]),
            "vital_signs": draw.choice([None, {"spo2_percent": draw.choice([90, 97])}]),
            "senior_validation": draw.random() < 0.8,
            "patient_agrees": draw.random() < 0.9,
        },
        constraints={"deadline": draw.choice([None, (at + timedelta(hours=30)).isoformat()])},
    )


def expected(body: dict[str, Any], before: str) -> tuple[str, str | None]:
    """What the stricter policy makes of a call, said a second time in plain words."""
    origin, need, patient = body["origin"], body["need"], body["patient"]
    late = need["specialty"] == "cardiology" and body["constraints"]["deadline"]
    if need["specialty"] == "gynaecology" or late:
        return "not_taken", None
    if before == "redirected":
        return "redirected", "ed_stay" if origin in ("ed", "sas") else "15"
    unwanted = origin == "ed" and need["triage"] and need["triage"]["level"] not in ("5", "1")
    unmeasured = origin == "ed" and need["vital_signs"] is None
    incomplete = origin == "single_number" and (need["reason"] is None or patient["contact"] is None)
    return ("refused" if unwanted or unmeasured or incomplete else before), None


async def test_replay_of_a_month_of_sample_calls_lists_exactly_the_calls_that_change(dispatch: Dispatch) -> None:
    draw, changing, outcomes = random.Random(SEED), {}, Counter[tuple[str, str]]()
    dispatch.advance(days=-DAYS)
    for _ in range(CALLS):
        dispatch.advance(minutes=draw.randint(1, 2 * DAYS * 1440 // CALLS - 1))
        body = a_varied_call(draw, dispatch.clock.now())
        call = await dispatch.made("/calls", body)
        before = (call["screening"]["outcome"], call["redirect"] and call["redirect"]["to"])
        after = expected(body, before[0])
        outcomes[before[0], after[0]] += 1
        if before != after:
            changing[call["id"]] = (before, after)
    dispatch.rewind()
    until = (NOW + timedelta(days=DAYS)).isoformat()
    found = await run(dispatch, policy=stricter(dispatch), to=until)
    assert (found["calls"], found["changed"], found["truncated"]) == (CALLS, len(changing), False)
    told = {it["call_id"]: (verdict(it["before"]), verdict(it["after"])) for it in found["changes"]}
    assert told == changing
    assert {(it["before"], it["after"]): it["calls"] for it in found["outcomes"]} == outcomes
    # The sample exercises what it is for.
    assert {kind for kind in outcomes if outcomes[kind] > 5} >= {
        ("accepted", "accepted"), ("accepted", "refused"), ("accepted", "not_taken"), ("redirected", "redirected"),
    }  # fmt: skip


def verdict(decision: dict[str, Any]) -> tuple[str, str | None]:
    return decision["outcome"], decision["redirect_to"]


async def run(dispatch: Dispatch, **body: Any) -> Any:
    return await dispatch.made("/policies/dry-run", {**MONTH, **body}, role="coordinator", status=200)


async def test_the_policy_in_force_changes_nothing(dispatch: Dispatch) -> None:
    now = {"to": (NOW + timedelta(hours=1)).isoformat()}
    await dispatch.call(need={"triage": {"scale": "FRENCH", "level": "2"}, "vital_signs": {"gcs": 14}})
    await dispatch.call(need={"red_flags": ["chest_pain"]})
    await dispatch.call()
    found = await run(dispatch, policy=candidate(dispatch), **now)
    assert (found["calls"], found["changed"], found["conditions_only"]) == (3, 0, 0)


async def test_it_says_which_conditions_differ_and_writes_nothing(
    dispatch: Dispatch, owner: asyncpg.Connection
) -> None:
    policy = candidate(dispatch)
    policy["origins"]["ed"]["levels"] = {"FRENCH": ["4"]}
    call = await dispatch.call()
    refused = await dispatch.call(need={"patient_agrees": False})
    rows = "SELECT (SELECT count(*) FROM call), (SELECT count(*) FROM outbox), (SELECT count(*) FROM idempotency)"
    before = await owner.fetchrow(rows)
    found = await run(dispatch, policy=policy, to=(NOW + timedelta(hours=1)).isoformat())
    assert await owner.fetchrow(rows) == before
    (change,) = found["changes"]
    assert change["call_id"] == call["id"] != refused["id"]
    assert change["conditions"] == [{"code": "triage_level", "before": "passed", "after": "failed"}]
    assert (found["policy_version"], found["conditions_only"]) == ("candidate", 1)
    assert await dispatch.get(f"/calls/{call['id']}") == call


async def test_yaml_and_json_say_the_same(dispatch: Dispatch) -> None:
    await dispatch.call(origin="sas", need={"red_flags": ["chest_pain"]})
    policy, until = stricter(dispatch), (NOW + timedelta(hours=1)).isoformat()
    text = yaml.safe_dump(policy, allow_unicode=True)
    assert await run(dispatch, policy=text, to=until) == await run(dispatch, policy=policy, to=until)


async def test_a_period_and_a_limit(dispatch: Dispatch) -> None:
    for _ in range(4):
        await dispatch.call()
        dispatch.advance(hours=1)
    policy = candidate(dispatch)
    policy["origins"]["ed"]["redirect"], policy["origins"]["ed"]["levels"] = "15", {}
    period = {"from": (NOW + timedelta(hours=1)).isoformat(), "to": (NOW + timedelta(hours=3)).isoformat()}
    found = await run(dispatch, policy=policy, **period, limit=1)
    assert (found["calls"], found["changed"], len(found["changes"]), found["truncated"]) == (2, 2, 1, True)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"hold_seconds": "soon"}, "policy.hold_seconds"),
        ({"colour": "blue"}, "policy.colour"),
        ({"red_flags": ["bad_mood"]}, "policy.red_flags"),
        ({"needs": []}, "policy.needs"),
        ({"reach": {"default_km": 1, "outer_km": 0}}, "policy.reach.outer_km"),
        ({"reach": {"default_km": 9, "outer_km": 8}}, "policy"),
    ],
)
async def test_a_wrong_candidate_names_the_field(dispatch: Dispatch, change: dict[str, Any], field: str) -> None:
    body = {**MONTH, "policy": candidate(dispatch) | change}
    answer = await dispatch.post("/policies/dry-run", body, role="coordinator")
    assert (answer.status_code, answer.json()["code"]) == (422, "policy_invalid")
    assert field in [it["field"] for it in answer.json()["errors"]]


BOMB = "a: &a [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{name}: &{name} [{','.join([f'*{before}'] * 10)}]\n" for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    "text",
    [
        "[",
        "\x01",
        "just words",
        "&a [*a]",
        "&a {a: *a}",
        "valid_from: 2026-99-99",
        "a: !!bool maybe",
        "a: !!timestamp soon",
        "a: !!int ''",
        "a: !!python/object:os.system {}",
        "a: !!binary é",
        "[" * 5000,
        BOMB,
        "? [a]\n: b",
    ],
)
async def test_text_that_is_no_policy(dispatch: Dispatch, text: str) -> None:
    refused = await dispatch.refused("/policies/dry-run", {**MONTH, "policy": text}, role="coordinator")
    assert refused == (422, "policy_invalid")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"from": MONTH["to"], "to": MONTH["from"]}, "period_empty"),
        ({"from": "2026-11-01T00:00:00"}, "invalid_input"),
        ({"limit": 10_001}, "invalid_input"),
        ({"policy": None}, "invalid_input"),
        ({"policy": ""}, "invalid_input"),
    ],
)
async def test_bad_input(dispatch: Dispatch, body: dict[str, Any], code: str) -> None:
    body = {**MONTH, "policy": candidate(dispatch), **body}
    assert await dispatch.refused("/policies/dry-run", body, role="coordinator") == (422, code)


async def test_a_territory_replays_its_own_calls(dispatch: Dispatch) -> None:
    await dispatch.call()
    body = {"from": MONTH["from"], "to": (NOW + timedelta(hours=1)).isoformat(), "policy": candidate(dispatch)}
    there = await dispatch.made("/policies/dry-run", body, role="coordinator", status=200, territory=ELSEWHERE)
    assert there["calls"] == 0
    for role in ("ed", "operator", "practitioner"):
        assert await dispatch.refused("/policies/dry-run", body, role=role, rpps=STRANGER) == (403, "scope_missing")


_COPIED = """
    territory, state, version, origin, client, caller, patient, need, constraints, earliest, deadline, radius_km, modes,
    audiences, policy_version, outcome, conditions, proposals, relaxations, contact_fields
"""
_MANY = f"""
INSERT INTO call (id, received_at, {_COPIED})
SELECT gen_random_uuid(), received_at - n * interval '1 minute', {_COPIED}
  FROM call, generate_series(1, $2) n WHERE id = $1
"""


async def test_ten_thousand_calls_are_read_in_order_of_an_index(dispatch: Dispatch, owner: asyncpg.Connection) -> None:
    call = await dispatch.call(need={"vital_signs": {"spo2_percent": 97, "gcs": 15}})
    await owner.execute(_MANY, call["id"], 9_999)
    await owner.execute("ANALYZE call")
    page = (HERE, START, NOW, START, UUID(int=0), 200)
    plan = "\n".join(row[0] for row in await owner.fetch(f"EXPLAIN {past_calls._PAGE}", *page))
    assert "Index Scan using ix_call_calendar" in plan, plan
    assert "Sort" not in plan, plan
    found = await run(dispatch, policy=stricter(dispatch), to=(NOW + timedelta(hours=1)).isoformat())
    assert (found["calls"], len(found["changes"]), found["truncated"]) == (10_000, 0, False)


ODD: list[Any] = [
    None,
    "",
    "x",
    "\x00",
    -1,
    10**30,
    1e308,
    True,
    [],
    {},
    [None],
    {"min": 2, "max": 1},
    "2026-02-30",
    "9" * 5000,
]


def mangled(draw: random.Random, policy: dict[str, Any]) -> dict[str, Any]:
    """The policy with one value, anywhere in it, that should not be there."""
    spots: list[tuple[Any, Any]] = []

    def walk(value: Any) -> None:
        keys = list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
        for key in keys:
            spots.append((value, key))
            walk(value[key])

    walk(policy)
    holder, key = draw.choice(spots)
    holder[key] = draw.choice(ODD)
    return policy


async def test_a_candidate_that_is_mangled_anywhere_is_judged(dispatch: Dispatch) -> None:
    await dispatch.call(need={"vital_signs": {"spo2_percent": 97, "gcs": 15}})
    draw, seen = random.Random(SEED), Counter[int]()
    period = {"from": NOW.isoformat(), "to": (NOW + timedelta(hours=1)).isoformat()}
    for number in range(150):
        policy: Any = mangled(draw, candidate(dispatch))
        if number % 3 == 0:
            policy = yaml.safe_dump(policy)
        answer = await dispatch.post("/policies/dry-run", {**period, "policy": policy}, role="coordinator")
        seen[answer.status_code] += 1
        assert answer.status_code in (200, 422), (answer.text, policy)
    assert seen[422] > 50


@pytest.mark.parametrize(
    "period",
    [
        {"from": "0001-01-01T00:00:00+14:00", "to": "9999-12-31T23:59:59-14:00"},
        {"from": "0001-01-01T00:00:00Z", "to": "9999-12-31T23:59:59Z"},
    ],
)
async def test_the_ends_of_time(dispatch: Dispatch, period: dict[str, str]) -> None:
    body = {**period, "policy": candidate(dispatch)}
    assert (await dispatch.post("/policies/dry-run", body, role="coordinator")).status_code in (200, 422)
