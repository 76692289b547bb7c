"""What is owed for reserved slots whose patient did not come, by period, as JSON and CSV."""

import json
from typing import Any

import pytest
from dispatch_stage import DOCTOR, ELSEWHERE, HERE, NURSE, OTHER_DOCTOR, Dispatch, a_call

from kit.testing.samples import check_sample
from snp_dispatch.domain.compensation import CompensationRules

ABSENT = {"absent": "patient"}


@pytest.fixture
def paid(dispatch: Dispatch, monkeypatch: pytest.MonkeyPatch) -> CompensationRules:
    """HERE pays 25 euros a visit, 60 euros a year."""
    rates = [{"valid_from": "2026-01-01", "per_slot": "25.00"}]
    rule = CompensationRules.model_validate({"version": "t", "enabled": True, "rates": rates, "yearly_cap": "60.00"})
    monkeypatch.setitem(dispatch.rules.compensations, HERE, rule)
    return rule


async def missed(dispatch: Dispatch, count: int, **slot: Any) -> list[Any]:
    """Visits of reserved slots whose patients do not come, half an hour each."""
    found = []
    for number in range(count):
        await dispatch.slot(1 + number / 2, **{"audience": ["SNP", "CPTS"], **slot})
        found.append((await dispatch.made("/calls", a_call(mode="book")))["booking"])
    dispatch.advance(hours=6)
    for booking in found:
        await dispatch.made(f"/bookings/{booking['id']}/no-show", ABSENT, role="operator", status=200)
    return found


async def statement(dispatch: Dispatch, period: str = "2026-Q4", **who: Any) -> Any:
    http = await dispatch.client(**{"role": "coordinator", **who})
    answer = await http.get("/v1/compensations", params={"period": period})
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_off_by_default(dispatch: Dispatch) -> None:
    await missed(dispatch, 1)
    found = await statement(dispatch)
    assert (found["enabled"], found["practitioners"], found["yearly_cap"]) == (False, [], None)


async def test_missed_visits_are_owed_up_to_the_cap(dispatch: Dispatch, paid: CompensationRules) -> None:
    visits = await missed(dispatch, 3)
    found = await statement(dispatch)
    assert (found["enabled"], found["open"], found["rule_version"], found["yearly_cap"]) == (True, True, "t", "60.00")
    (one,) = found["practitioners"]
    assert (one["rpps"], one["no_shows"], one["amount"], one["owed"]) == (DOCTOR, 3, "75.00", "60.00")
    assert [(it["booking_id"], it["owed"]) for it in one["bookings"]] == [
        (visits[0]["id"], "25.00"),
        (visits[1]["id"], "25.00"),
        (visits[2]["id"], "10.00"),
    ]
    assert found | {"computed_at": None} == await statement(dispatch) | {"computed_at": None}
    assert (await statement(dispatch, "2026"))["practitioners"] == found["practitioners"]
    assert (await statement(dispatch, "2026-Q3"))["practitioners"] == []


async def test_an_outcome_taken_back_is_owed_no_more(dispatch: Dispatch, paid: CompensationRules) -> None:
    (booking,) = await missed(dispatch, 1)
    undo = f"/bookings/{booking['id']}/undo-outcome"
    await dispatch.made(undo, {"reason": "mistake"}, role="operator", status=200)
    assert (await statement(dispatch))["practitioners"] == []


async def test_its_worth_is_told_and_taken_back(dispatch: Dispatch, paid: CompensationRules) -> None:
    """To the directory, which pays under the ceiling of the person."""
    (booking,) = await missed(dispatch, 1)
    undo = f"/bookings/{booking['id']}/undo-outcome"
    await dispatch.made(undo, {"reason": "mistake"}, role="operator", status=200)
    told = [json.loads(row["body"]) for row in await dispatch.told("compensation.valued")]
    assert [(it["subject"], it["aggregateversion"], it["data"]["amount_cents"]) for it in told] == [
        (booking["id"], 2, 2500),
        (booking["id"], 3, 0),
    ]
    assert told[0]["data"] | {"booking_id": None} == {
        "booking_id": None,
        "rpps": DOCTOR,
        "day": "2026-11-24",
        "amount_cents": 2500,
        "yearly_cap_cents": 6000,
        "final_on": "2026-12-25",
        "rules_version": "t",
    }
    fixed = json.loads(json.dumps(told[0]).replace(booking["id"], "019ab000-0001-7000-8000-000000000001"))
    ids = {"id": "019ab000-0001-7000-8000-000000000002", "correlationid": "019ab000-0001-7000-8000-000000000003"}
    check_sample(fixed | ids | {"traceparent": None})


async def test_nothing_is_told_where_nothing_is_paid(dispatch: Dispatch) -> None:
    await missed(dispatch, 1)
    assert await dispatch.told("compensation.valued") == []


async def test_the_practitioner_s_own_absence_is_not_paid(dispatch: Dispatch, paid: CompensationRules) -> None:
    await dispatch.slot(1, audience=["SNP", "CPTS"])
    booking = (await dispatch.made("/calls", a_call(mode="book")))["booking"]
    dispatch.advance(hours=2)
    body = {"absent": "practitioner"}
    await dispatch.made(f"/bookings/{booking['id']}/no-show", body, role="operator", status=200)
    assert (await statement(dispatch))["practitioners"] == []


async def test_unfilled_slots_stand_apart_and_are_never_paid(dispatch: Dispatch, paid: CompensationRules) -> None:
    for hours, more in ((1, {}), (2, {}), (3, {"audience": ["PUBLIC", "CPTS"]}), (30, {})):
        await dispatch.slot(hours, **{"audience": ["SNP", "CPTS"], "effector": {"rpps": NURSE}, **more})
    dispatch.advance(hours=8)
    (one,) = (await statement(dispatch))["practitioners"]
    assert (one["rpps"], one["unfilled_slots"], one["owed"], one["bookings"]) == (NURSE, 2, "0.00", [])


async def test_as_csv(dispatch: Dispatch, paid: CompensationRules) -> None:
    (booking,) = await missed(dispatch, 1)
    http = await dispatch.client("coordinator")
    answer = await http.get("/v1/compensations/export.csv", params={"period": "2026-Q4"})
    assert (answer.status_code, answer.headers["content-type"].split(";")[0]) == (200, "text/csv")
    assert "non-honores_pays-de-redon_2026-Q4.csv" in answer.headers["content-disposition"]
    head, line, rest = answer.content.decode("utf-8-sig").split("\r\n")
    assert head.split(";")[-3:] == ["owed_eur", "bookings", "unfilled_slots_not_paid"]
    assert line.split(";") == [
        HERE,
        "2026-Q4",
        "t",
        DOCTOR,
        "Nolwenn VALZEMERIC",
        "1",
        "25,00",
        "25,00",
        booking["id"],
        "0",
    ]
    assert rest == ""


async def test_who_may_read_it(dispatch: Dispatch, paid: CompensationRules) -> None:
    await missed(dispatch, 1)
    own = await statement(dispatch, role="practitioner", rpps=DOCTOR, sub="me")
    assert [it["rpps"] for it in own["practitioners"]] == [DOCTOR]
    other = await statement(dispatch, role="practitioner", rpps=OTHER_DOCTOR, sub="other")
    assert other["practitioners"] == []
    assert (await statement(dispatch, territory=ELSEWHERE))["enabled"] is False
    for role in ("ed", "operator"):
        for path in ("/v1/compensations", "/v1/compensations/export.csv"):
            refused = await (await dispatch.client(role)).get(path, params={"period": "2026-Q4"})
            assert (refused.status_code, refused.json()["code"]) == (403, "scope_missing")


async def test_a_year_without_ceiling_and_no_period(dispatch: Dispatch, paid: CompensationRules) -> None:
    http = await dispatch.client("coordinator")
    unknown = await http.get("/v1/compensations", params={"period": "2099"})
    assert (unknown.status_code, unknown.json()["code"]) == (409, "ceiling_unknown")
    for text in ("", "2026-Q5", "1999", "2026-Q4 "):
        assert (await http.get("/v1/compensations", params={"period": text})).status_code == 422
