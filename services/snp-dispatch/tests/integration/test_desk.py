"""What desks see: lists by any mix of filters, the counters of today, each by index."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest
from dispatch_stage import ALLAIRE, DOCTOR, HERE, NOW, NURSE, OTHER_DOCTOR, Dispatch, a_call, a_slot

from snp_dispatch.store import desk, lists
from snp_dispatch.store.lists import BookingFilter, CallFilter


async def five_calls(dispatch: Dispatch) -> dict[str, str]:
    """One of each kind, an hour apart; name -> id."""
    await dispatch.slot(6)
    made = {"open": await dispatch.call()}
    dispatch.advance(hours=1)
    made["nurse"] = await dispatch.call(need={"profession": "60", "specialty": None})
    dispatch.advance(hours=1)
    allaire = a_call(origin="single_number", patient={"commune": ALLAIRE}, constraints={"max_distance_km": 1})
    made["allaire"] = await dispatch.made("/calls", allaire, role="operator")
    dispatch.advance(hours=1)
    urgent = (NOW + timedelta(hours=5)).isoformat()
    made["urgent"] = await dispatch.call(caller={"organisation": "Clinique du Canal"}, constraints={"deadline": urgent})
    made["refused"] = await dispatch.call(need={"red_flags": ["chest_pain"]})
    return {name: call["id"] for name, call in made.items()}


@pytest.mark.parametrize(
    ("params", "found"),
    [
        ({}, "refused urgent allaire nurse open"),
        ({"state": "waiting"}, "urgent allaire nurse"),
        ({"state": ["open", "redirected"]}, "refused open"),
        ({"waiting": True}, "urgent allaire nurse open"),
        ({"waiting": True, "order": "deadline"}, "urgent open nurse allaire"),
        ({"origin": "single_number"}, "allaire"),
        ({"organisation": "Clinique du Canal"}, "urgent"),
        ({"commune": ALLAIRE}, "allaire"),
        ({"profession": "60"}, "nurse"),
        ({"profession": "10", "specialty": "general-practice", "state": "waiting"}, "urgent allaire"),
        ({"deadline_before": (NOW + timedelta(hours=40)).isoformat()}, "urgent"),
        ({"from": (NOW + timedelta(hours=2)).isoformat(), "origin": "ed"}, "refused urgent"),
        ({"mine": True}, "refused urgent nurse open"),
    ],
)
async def test_calls_by_filter(dispatch: Dispatch, params: dict[str, Any], found: str) -> None:
    ids = await five_calls(dispatch)
    items = (await dispatch.get("/calls", **params))["items"]
    by_id = {call_id: name for name, call_id in ids.items()}
    names = [by_id[it["id"]] for it in items]
    # `refused` and `urgent` were received at one instant: their ids decide.
    assert sorted(names) == sorted(found.split())
    if params.get("order"):
        assert names == found.split()


async def test_pages_by_deadline_repeat_and_drop_nothing(dispatch: Dispatch) -> None:
    ids = await five_calls(dispatch)
    seen: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = await dispatch.get("/calls", order="deadline", limit=2, **cursor)
        seen += [it["deadline"] for it in page["items"]]
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}
    assert len(seen) == len(ids)
    assert seen == sorted(seen)


@pytest.mark.parametrize(
    ("params", "count"),
    [
        ({}, 3),
        ({"commune": ALLAIRE}, 1),
        ({"origin": "single_number"}, 1),
        ({"organisation": "Clinique du Canal"}, 1),
        ({"organisation": "nobody"}, 0),
        ({"state": ["cancelled", "fulfilled"]}, 1),
        ({"rpps": DOCTOR}, 2),
        ({"rpps": DOCTOR, "state": "confirmed"}, 1),
        ({"to": (NOW + timedelta(hours=5)).isoformat()}, 1),
    ],
)
async def test_bookings_by_filter(dispatch: Dispatch, params: dict[str, Any], count: int) -> None:
    cancelled = await dispatch.booked(4, caller={"organisation": "Clinique du Canal"})
    body = {"reason": "recovered", "by": "patient"}
    await dispatch.made(f"/bookings/{cancelled['id']}/cancel", body, status=200)
    await dispatch.made(f"/slots/{cancelled['slot_id']}/withdraw", {"reason": "x"}, role="coordinator", status=200)
    await dispatch.booked(6)
    await dispatch.slot(8, effector={"rpps": OTHER_DOCTOR}, place={"commune": ALLAIRE})
    await dispatch.made("/calls", a_call(origin="single_number", mode="book"), role="operator")
    assert len((await dispatch.get("/bookings", **params))["items"]) == count


@pytest.mark.parametrize(
    "params",
    [
        {"state": "lost"},
        {"commune": "Redon"},
        {"origin": "mars"},
        {"order": "price"},
        {"deadline_before": "2026-11-24T08:00:00"},
        {"organisation": ""},
    ],
)
async def test_a_filter_that_cannot_be_is_refused(dispatch: Dispatch, params: dict[str, str]) -> None:
    http = await dispatch.client("operator")
    assert (await http.get("/v1/calls", params=params)).status_code == 422


async def test_the_desk_counts(dispatch: Dispatch) -> None:
    await dispatch.slot(5)
    await dispatch.slot(20, capacity=3)
    await dispatch.slot(6, effector={"rpps": NURSE})
    await dispatch.slot(60, effector={"rpps": NURSE})
    booking = await dispatch.booked(4)
    waits = await dispatch.call(constraints={"modes": ["VR"]})
    dispatch.advance(hours=1)
    await dispatch.call(constraints={"modes": ["VR"]})
    proposed = await dispatch.call()
    found = await dispatch.get("/desk", role="operator")
    assert found["at"] == "2026-11-24T09:00:00Z"
    assert (found["waiting"], found["open"], found["booked_today"]) == (2, 1, 1)
    assert found["oldest_waiting_since"] == waits["received_at"]
    assert found["next_deadline"] == waits["deadline"]
    free = {it["profession"]: (it["today"], it["next_48_h"], it["more"]) for it in found["free"]}
    assert (free["10"], free["60"]) == ((1, 2, False), (1, 1, False))
    # A held slot is not free, a cancelled visit was not given, an expired call waits for nothing.
    await dispatch.made(f"/calls/{proposed['id']}/holds", {"slot_id": proposed["proposals"][0]["slot_id"]})
    await dispatch.made(f"/bookings/{booking['id']}/cancel", {"reason": "x", "by": "patient"}, status=200)
    dispatch.advance(hours=47)
    found = await dispatch.get("/desk", role="coordinator")
    assert (found["waiting"], found["open"], found["booked_today"]) == (1, 1, 0)


async def test_a_full_slot_of_many_seats_is_not_free(dispatch: Dispatch) -> None:
    await dispatch.slot(4, capacity=2)
    for seats in (1, 1, 0):
        counted = {it["profession"]: it["today"] for it in (await dispatch.get("/desk"))["free"]}
        assert counted["10"] == seats
        await dispatch.made("/calls", a_call(mode="book"))


async def test_the_desk_is_not_for_practitioners(dispatch: Dispatch) -> None:
    http = await dispatch.client("practitioner", rpps=DOCTOR)
    refused = await http.get("/v1/desk")
    assert (refused.status_code, refused.json()["code"]) == (403, "not_your_desk")


async def test_the_day_of_the_desk_is_the_local_one(dispatch: Dispatch) -> None:
    """At 22:30 UTC it is 23:30 in Redon: a visit given now is of today, half an hour later of yesterday."""
    dispatch.advance(hours=14.5)
    starts = dispatch.clock.now() + timedelta(hours=20)
    period = {"starts_at": starts.isoformat(), "ends_at": (starts + timedelta(minutes=30)).isoformat()}
    await dispatch.made("/slots", a_slot(**period), role="coordinator")
    await dispatch.call(mode="book")
    assert (await dispatch.get("/desk"))["booked_today"] == 1
    dispatch.advance(minutes=31)
    assert (await dispatch.get("/desk"))["booked_today"] == 0


OFFER = """
INSERT INTO effector (id, kind, name, profession, specialties, listed, version)
SELECT 'desk-' || n, 'person', 'Dr ' || n, '10', '{general-practice}', true, 1 FROM generate_series(1, 100) n;
INSERT INTO participation SELECT 'pays-de-redon', 'desk-' || n, true, 1 FROM generate_series(1, 100) n;
INSERT INTO slot (id, territory, effector_id, profession, specialties, starts_at, ends_at, commune, mode, audience,
                  capacity, created_at, version, taken)
SELECT md5(e || '-' || h)::uuid, CASE WHEN e <= 60 THEN 'pays-de-redon' ELSE 'haute-saintonge' END,
       'desk-' || e, '10', '{general-practice}', t, t + interval '10 min',
       (ARRAY['35236', '44185', '56232', '56001'])[1 + e % 4], 'AMB', '{SNP,CPTS}', 1, now(), 1, false
  FROM generate_series(1, 100) e, generate_series(1, 190) h,
       LATERAL (SELECT '2026-11-24 08:00Z'::timestamptz + make_interval(mins => 15 * h) AS t) at;
"""
DEMAND = """
INSERT INTO call (id, territory, state, version, origin, client, caller, patient, need, constraints, received_at,
                  earliest, deadline, radius_km, modes, audiences, policy_version, outcome, conditions, proposals,
                  relaxations)
SELECT md5('call' || n)::uuid, CASE WHEN n % 3 = 0 THEN 'pays-de-redon' ELSE 'haute-saintonge' END,
       CASE WHEN t < '2026-11-22 08:00Z' THEN 'expired' ELSE 'waiting' END, 2, 'ed', 'client-' || n % 50,
       jsonb_build_object('organisation', 'org-' || n % 50), jsonb_build_object('commune', (35000 + n % 200)::text),
       jsonb_build_object('profession', n % 30, 'specialty', null), '{}', t, t, t + interval '48 h', 30,
       '{AMB}', '{SNP}', '1', 'accepted', '[]', '[]', '[]'
  FROM generate_series(1, 20000) n,
       LATERAL (SELECT '2026-11-24 08:00Z'::timestamptz - make_interval(mins => 5 * n) AS t) at;
INSERT INTO booking (id, territory, call_id, slot_id, effector_id, effector_kind, origin, call_received_at, starts_at,
                     ends_at, commune, mode, audience, state, version, confirmed_at)
SELECT md5('booking' || n)::uuid, c.territory, c.id, s.id, s.effector_id, 'person', 'ed', c.received_at,
       c.received_at + interval '5 h', c.received_at + interval '6 h', (35000 + n % 200)::text, 'AMB', '{SNP}',
       'fulfilled', 2, c.received_at
  FROM generate_series(1, 10000) n JOIN call c ON c.id = md5('call' || 2 * n)::uuid, (SELECT * FROM slot LIMIT 1) s;
"""


@pytest.fixture
async def filled(dispatch: Dispatch, owner: asyncpg.Connection) -> Dispatch:
    """Months of calls and bookings of two territories."""
    await dispatch.slot(4)
    await owner.execute(DEMAND)
    await owner.execute("VACUUM ANALYZE call, booking")
    return dispatch


async def explained(dispatch: Dispatch, sql: str, args: list[Any]) -> str:
    async with dispatch.runtime.db.work(HERE) as work:
        lines = await work.fetch(f"EXPLAIN (ANALYZE, TIMING OFF) {sql}", *args)
    return "\n".join(line[0] for line in lines)


def read(plan: str) -> float:
    """Rows that left the scans of calls and bookings, or were thrown away there."""
    scans = re.findall(r"Scan .*on (?:call|booking)\b.*?rows=([\d.]+) loops=(\d+)", plan)
    assert scans, plan
    return sum(float(rows) * int(loops) for rows, loops in scans) + sum(
        map(float, re.findall(r"Rows Removed by Filter: (\d+)", plan))
    )


DAYS = [datetime(2026, 11, day, tzinfo=UTC) for day in (20, 21)]


@pytest.mark.parametrize(
    ("wanted", "index"),
    [
        (CallFilter(), "ix_call_calendar"),
        (CallFilter(since=DAYS[0], until=DAYS[1]), "ix_call_calendar"),
        (CallFilter(states=["expired"]), "ix_call_calendar"),
        (CallFilter(waiting=True, order="deadline"), "ix_call_d"),
        (CallFilter(deadline_before=DAYS[0], order="deadline"), "ix_call_deadline"),
        (CallFilter(organisation="org-3"), "ix_call_organisation"),
        (CallFilter(commune="35009", origin="ed"), "ix_call_commune"),
        (CallFilter(profession="3"), "ix_call_profession"),
        (CallFilter(client="client-3"), "ix_call_client"),
    ],
)
async def test_a_list_of_calls_reads_about_a_page(filled: Dispatch, wanted: CallFilter, index: str) -> None:
    plan = await explained(filled, *lists.calls_statement(HERE, NOW, wanted, None, 51))
    assert index in plan, plan
    assert "Seq Scan" not in plan, plan
    assert read(plan) <= 6 * 51, plan


@pytest.mark.parametrize(
    ("wanted", "index"),
    [
        (BookingFilter(), "ix_booking_calendar"),
        (BookingFilter(since=DAYS[0], until=DAYS[1], states=["fulfilled"]), "ix_booking_calendar"),
        (BookingFilter(commune="35009"), "ix_booking_commune"),
        (BookingFilter(effector_id="desk-1", origin="ed"), "ix_booking_effector"),
    ],
)
async def test_a_list_of_bookings_reads_about_a_page(filled: Dispatch, wanted: BookingFilter, index: str) -> None:
    plan = await explained(filled, *lists.bookings_statement(HERE, wanted, None, 51))
    assert index in plan, plan
    assert "Seq Scan" not in plan, plan
    assert read(plan) <= 6 * 51, plan


async def test_the_desk_goes_by_index_and_stops_counting(filled: Dispatch, owner: asyncpg.Connection) -> None:
    await owner.execute(OFFER)
    await owner.execute("VACUUM ANALYZE slot, effector, participation")
    day = (NOW.replace(hour=0), NOW.replace(hour=23))
    plan = await explained(filled, desk.COUNTERS, [HERE, NOW, *day, NOW + timedelta(hours=48), ["10", "60"]])
    assert not set(re.findall(r"Seq Scan on (\w+)", plan)) & {"slot", "call", "booking", "seat_claim"}, plan
    found = await filled.get("/desk", role="operator")
    counted = {it["profession"]: it for it in found["free"]}
    assert counted["10"]["next_48_h"] == 10_000
    assert counted["10"]["more"] is True
    assert 0 < counted["10"]["today"] < 10_000


async def test_slots_of_who_pauses_are_not_counted_as_free(dispatch: Dispatch) -> None:
    await dispatch.slot(4)
    await dispatch.slot(4, effector={"rpps": OTHER_DOCTOR})
    await dispatch.made(f"/effectors/{DOCTOR}/pause", {"reason": "ill"}, role="coordinator")
    free = {it["profession"]: it["today"] for it in (await dispatch.get("/desk"))["free"]}
    assert free["10"] == 1
