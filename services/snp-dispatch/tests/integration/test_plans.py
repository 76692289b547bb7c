"""The hot statements go by index, by the plan that every connection ends up with (the generic one)."""

import re
from typing import Any

import asyncpg
import pytest
from dispatch_stage import HERE, Dispatch

from snp_dispatch.store import bookings, closures, history, holds, overbookings, search, slots, survey

FILL = """
INSERT INTO effector SELECT 'plan-' || n, 'person', 'Dr ' || n, '10', '{general-practice}', true, 1
  FROM generate_series(1, 20000) n;
INSERT INTO participation SELECT 'pays-de-redon', 'plan-' || n, true, 1 FROM generate_series(1, 100) n;
INSERT INTO slot (id, territory, effector_id, profession, specialties, starts_at, ends_at, commune, mode, audience,
                  capacity, created_at, version, taken)
SELECT md5(e || '-' || h)::uuid, 'pays-de-redon', 'plan-' || e, '10', '{general-practice}', t, t + interval '30 min',
       (ARRAY['35236', '44185', '56232', '56001'])[1 + e % 4], 'AMB', '{SNP,CPTS}', 1, now(), 1, h <= 30
  FROM generate_series(1, 100) e, generate_series(1, 200) h,
       LATERAL (SELECT '2026-11-24 08:00Z'::timestamptz + make_interval(hours => h) AS t) at;
INSERT INTO call SELECT md5('call' || n)::uuid, territory, state, version, origin, client, client_organisation,
       caller, patient, need, constraints, received_at, earliest, deadline, radius_km, modes, audiences, policy_version,
       outcome, conditions, redirect_to, proposals, relaxations, closed_reason
  FROM call, generate_series(1, 3000) n;
INSERT INTO hold SELECT md5('hold' || n)::uuid, 'pays-de-redon', md5('call' || n)::uuid,
       md5((1 + (n - 1) % 100) || '-' || (1 + (n - 1) / 100))::uuid, '\\x00', 'active', now(), now() + interval '5 min'
  FROM generate_series(1, 3000) n;
INSERT INTO seat_claim SELECT slot_id, 1, territory, id, NULL, expires_at FROM hold;
INSERT INTO booking (id, territory, call_id, slot_id, effector_id, effector_kind, origin, patient_ref, call_received_at,
                     starts_at, ends_at, commune, mode, audience, state, version, confirmed_at)
SELECT md5('booking' || n)::uuid, h.territory, h.call_id, h.slot_id, 'plan-' || (1 + n % 100), 'person', 'ed',
       'ref-' || n, now(), now(), now(), '35236', 'AMB', '{CPTS}', 'confirmed', 1, now()
  FROM generate_series(1, 3000) n JOIN hold h ON h.id = md5('hold' || n)::uuid;
"""

ASKED = (
    "text, text, text, text[], timestamptz, timestamptz, text[], timestamptz, text[], float8[], text, int, text, "
    "text[], text[], text[], text"
)
TYPES = {
    "place": "uuid, uuid, uuid, timestamptz, timestamptz, bytea, text, timestamptz",
    "confirm": "uuid, bytea, timestamptz, uuid, bigint",
    "book": "uuid[], uuid, timestamptz, text",
    "expire": "timestamptz, int",
    "find": f"{ASKED}, float8[], float8, int, float8, float8",
    "count": f"{ASKED}, int",
    "survey": "text, timestamptz, timestamptz, text[], float8[], text, timestamptz, int, bool",
    "known": "text, text, timestamptz, timestamptz",
    "visits": "text[], text, timestamptz",
    "extra": "uuid, timestamptz",
    "closing": "uuid[]",
    "matching": "uuid, timestamptz",
}
STATEMENTS = {
    "place": holds.PLACE,
    "confirm": holds._CONFIRM,
    "book": bookings._CLAIM_BEST,
    "expire": holds._EXPIRE,
    **{f"find, own {own}, video {video}": text for (own, video), text in search._FIND.items()},
    "count": search._COUNT,
    "survey": survey._SURVEY,
    "known": history._KNOWN,
    "visits": history._VISITS,
    "extra": overbookings._SEATS,
    "closing": closures._BOOKINGS,
    "matching": slots._FOR_MATCHING,
}
LARGE = ("effector", "slot", "seat_claim", "hold", "call", "booking")


@pytest.fixture
async def filled(dispatch: Dispatch, owner: asyncpg.Connection) -> Dispatch:
    """Twenty thousand effectors and slots, three thousand calls and holds."""
    await dispatch.call()
    await owner.execute(FILL)
    await owner.execute("VACUUM ANALYZE slot, seat_claim, hold, call, booking, effector, participation")
    return dispatch


def types_of(name: str) -> str:
    return TYPES[name.partition(",")[0]]


async def plan_of(dispatch: Dispatch, name: str) -> str:
    role = "system" if name == "expire" else "app"
    connection = await asyncpg.connect(dispatch.settings.database_url.get_secret_value())
    try:
        await connection.execute(
            f"SET ROLE snp_dispatch_{role}; SET app.territory = '{HERE}'; SET plan_cache_mode = force_generic_plan"
        )
        await connection.execute(f"PREPARE hot ({types_of(name)}) AS {STATEMENTS[name]}")
        nulls = ", ".join("NULL" for _ in types_of(name).split(", "))
        lines = await connection.fetch(f"EXPLAIN EXECUTE hot ({nulls})")
        return "\n".join(line[0] for line in lines)
    finally:
        await connection.close()


async def test_every_plan_goes_by_index(filled: Dispatch) -> None:
    for name in STATEMENTS:
        plan = await plan_of(filled, name)
        scanned: list[Any] = re.findall(r"Seq Scan on (\w+)", plan)
        assert not set(scanned) & set(LARGE), f"{name}: {plan}"


async def test_the_search_goes_by_commune(filled: Dispatch) -> None:
    for name in (it for it in STATEMENTS if it.startswith(("find", "count"))):
        plan = await plan_of(filled, name)
        used = set(re.findall(r"using (\w+) on slot", plan))
        assert "ix_slot_search" in used, f"{name}: {plan}"
        assert used <= {"ix_slot_search", "ix_slot_video", "ix_slot_effector", "pk_slot"}, f"{name}: {plan}"
