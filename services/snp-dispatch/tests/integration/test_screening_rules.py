"""Screening through the API: vital signs, minimum data, delays of a need, versions of a policy."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from dispatch_stage import HERE, NOW, Dispatch, a_call, a_slot

from snp_dispatch.domain.policy import Policy, PolicyVersions
from snp_dispatch.store import effectors

NANTES, THERE = "44109", "atlantique-nord-loire"
CARDIOLOGIST = "99000000135"


def condition(call: Any, code: str) -> Any:
    return next(it for it in call["screening"]["conditions"] if it["code"] == code)


def changed(dispatch: Dispatch, origin: str | None = None, rules: Any = None, **policy: Any) -> Policy:
    """The policy in force on the territory of the tests, changed."""
    content = dispatch.rules.policies[HERE].on(NOW.date()).model_dump() | policy
    if origin:
        content["origins"][origin].update(rules)
    return Policy.model_validate(content)


def use(dispatch: Dispatch, monkeypatch: pytest.MonkeyPatch, *policies: Policy) -> None:
    monkeypatch.setitem(dispatch.rules.policies, HERE, PolicyVersions.of(policies))


async def test_complaint_22_a_refusal_tells_the_compared_values(dispatch: Dispatch) -> None:
    """A refusal that nobody can explain is the worst one (thunderbird/appointment#1233, #735)."""
    await dispatch.slot()
    call = await dispatch.call(mode="book", need={"vital_signs": {"spo2_percent": 91, "gcs": 15}})
    assert (call["state"], call["booking"]) == ("refused", None)
    told = condition(call, "vital_signs")
    assert told["outcome"] == "failed"
    assert [(it["field"], it["ok"], it["value"], it["min"]) for it in told["detail"]] == [
        ("need.vital_signs.spo2_percent", False, 91, 95),
        ("need.vital_signs.gcs", True, 15, 15),
    ]
    assert await dispatch.get(f"/calls/{call['id']}") == call


async def test_vital_signs_never_leave_the_dispatch(dispatch: Dispatch) -> None:
    await dispatch.call(need={"vital_signs": {"temperature_celsius": 38.765}})
    bodies = [row["body"] for row in await dispatch.told()]
    assert len(bodies) >= 2
    assert not [body for body in bodies if "38.765" in body or "vital_signs" in body]


@pytest.mark.parametrize(
    ("sign", "value"),
    [
        ("spo2_percent", 101),
        ("spo2_percent", -1),
        ("gcs", 2),
        ("gcs", 16),
        ("temperature_celsius", 365),
        ("systolic_mmhg", 351),
        ("glucose_mmol_l", 81),
        ("heart_rate_per_min", "fast"),
        ("pulse", 70),
    ],
)
async def test_an_impossible_measure_names_its_field(dispatch: Dispatch, sign: str, value: Any) -> None:
    answer = await dispatch.post("/calls", a_call(need={"vital_signs": {sign: value}}))
    assert answer.status_code == 422, answer.text
    assert [it["field"] for it in answer.json()["errors"]] == [f"need.vital_signs.{sign}"]


async def test_a_policy_may_ask_for_vital_signs_and_data(dispatch: Dispatch, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = {"minimum_data": ["contact_phone", "reason"], "vital_signs": {"required": ["spo2_percent"]}}
    use(dispatch, monkeypatch, changed(dispatch, "ed", asked))
    await dispatch.slot()
    call = await dispatch.call(need={"reason": " "}, patient={"contact": {"name": "Someone", "phone": None}})
    assert call["state"] == "refused"
    codes = ("vital_signs_assessed", "minimum_data")
    assert {code: [it["field"] for it in condition(call, code)["detail"]] for code in codes} == {
        "vital_signs_assessed": ["need.vital_signs.spo2_percent"],
        "minimum_data": ["need.reason", "patient.contact.phone"],
    }
    contact = {"contact": {"name": None, "phone": "+33199005678"}}
    complete = await dispatch.call(need={"vital_signs": {"spo2_percent": 98}}, patient=contact)
    assert complete["state"] == "open"


async def test_an_answer_says_whether_its_policy_is_validated(
    dispatch: Dispatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    proposal = await dispatch.call()
    assert proposal["screening"]["policy_validated"] is False
    use(dispatch, monkeypatch, changed(dispatch, validated_by="Comité médical", version="approved"))
    approved = await dispatch.call()
    assert (approved["screening"]["policy_validated"], approved["screening"]["policy_version"]) == (True, "approved")
    # What was decided before stays what it was.
    assert await dispatch.get(f"/calls/{proposal['id']}") == proposal


async def test_a_later_version_comes_into_force_on_its_day(dispatch: Dispatch, monkeypatch: pytest.MonkeyPatch) -> None:
    """Midnight in Redon, not in Greenwich."""
    tomorrow = NOW.date() + timedelta(days=1)
    stricter = changed(dispatch, "ed", {"levels": {"FRENCH": ["5"]}}, version="stricter", valid_from=tomorrow)
    use(dispatch, monkeypatch, changed(dispatch), stricter)
    current = await dispatch.get("/policies/current")
    assert current["next"] == {"version": "stricter", "valid_from": str(tomorrow), "validated_by": None}
    level = {"triage": {"scale": "FRENCH", "level": "4"}}
    dispatch.advance(hours=14, minutes=59)  # 23:59 in Redon
    before = await dispatch.call(need=level)
    dispatch.advance(minutes=1)
    after = await dispatch.call(need=level)
    assert [(it["screening"]["outcome"], it["screening"]["policy_version"]) for it in (before, after)] == [
        ("accepted", current["version"]),
        ("refused", "stricter"),
    ]
    now = await dispatch.get("/policies/current")
    assert (now["version"], now["next"]) == ("stricter", None)


async def test_the_policy_tells_what_it_asks_for(dispatch: Dispatch) -> None:
    policy = await dispatch.get("/policies/current")
    ed = next(it for it in policy["origins"] if it["code"] == "ed")
    assert (ed["vital_signs"]["required"], ed["minimum_data"]) == ([], [])
    assert ed["vital_signs"]["bands"][0]["ranges"]["spo2_percent"] == {"min": 95, "max": None}
    assert {it["code"] for it in policy["vital_signs"]} >= {"spo2_percent", "gcs"}
    assert {it["code"] for it in policy["minimum_data"]} >= {"reason", "contact_phone"}


async def test_a_short_delay_specialist_is_found_within_days(dispatch: Dispatch) -> None:
    """Atlantique Nord Loire wants specialists' visits within some days: window, deadline and refusal agree."""
    await a_cardiologist(dispatch)
    claims = {"territory": THERE}
    for hours in (60, 119, 121):
        body = a_slot(hours, effector={"rpps": CARDIOLOGIST}, place={"commune": NANTES})
        await dispatch.made("/slots", body, role="coordinator", **claims)
    heart = {"specialty": "cardiology"}
    call = await dispatch.made("/calls", a_call(patient={"commune": NANTES}, need=heart), **claims)
    assert call["deadline"] == (NOW + timedelta(hours=120)).isoformat().replace("+00:00", "Z")
    found = [datetime.fromisoformat(it["starts_at"]) - NOW for it in call["proposals"]]
    assert found == [timedelta(hours=60), timedelta(hours=119)]
    late = a_call(need=heart, constraints={"deadline": (NOW + timedelta(hours=120.1)).isoformat()})
    assert await dispatch.refused("/calls", late, **claims) == (422, "deadline_too_late")
    # General practice stays within 48 h there, and so does cardiology elsewhere.
    for body, where in ((a_call(patient={"commune": NANTES}), claims), (a_call(need=heart), {})):
        other = await dispatch.made("/calls", body, **where)
        assert other["deadline"] == (NOW + timedelta(hours=48)).isoformat().replace("+00:00", "Z")
    booked = await dispatch.made("/calls", a_call(mode="book", patient={"commune": NANTES}, need=heart), **claims)
    assert booked["state"] == "booked"


async def a_cardiologist(dispatch: Dispatch) -> None:
    async with dispatch.runtime.db.work(THERE) as work:
        await effectors.apply(
            work,
            number=CARDIOLOGIST,
            kind="person",
            name="Enora QUELVENEC",
            profession="10",
            specialties=("cardiology",),
            listed=True,
            version=1,
        )
        await effectors.apply_participation(work, rpps=CARDIOLOGIST, participates=True, version=1)


def test_days_are_those_of_the_territory(dispatch: Dispatch) -> None:
    late = NOW.replace(hour=23, minute=30)
    assert dispatch.rules.today(HERE, late) == date(2026, 11, 25)
