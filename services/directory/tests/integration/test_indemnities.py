"""Time declared, validated by somebody else, capped by the year, stated."""

import asyncio
import json
from typing import Any

import pytest

from contracts.envelope import NATIONAL
from kit.testing.samples import check_sample

SCOPES = ("indemnities:read", "indemnities:declare", "indemnities:approve")


@pytest.fixture
async def approver(desk: Any) -> Any:
    async with desk.directory.connect(*SCOPES, role="coordinator", sub="treasurer") as http:
        yield desk.beside(http)


async def member(desk: Any, fee: bool = True) -> dict[str, Any]:
    found: dict[str, Any] = await desk.joins()
    await desk.http.patch(f"/v1/members/{found['id']}", json={"convention_signed_on": "2026-03-01"})
    if fee:
        await desk.http.put(f"/v1/members/{found['id']}/fees/2026", json={"paid_on": "2026-03-01"})
    return found


async def declared(desk: Any, rpps: str, minutes: int = 60, mission: str = "commission") -> str:
    claims = {"role": "practitioner", "rpps": rpps, "sub": f"person-{rpps}"}
    async with desk.directory.connect(*SCOPES[:2], **claims) as http:
        body = {"rpps": rpps, "mission": mission, "day": "2026-03-01", "minutes": minutes}
        answer = await desk.beside(http).post("/v1/indemnities", **body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def code(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


async def test_time_is_worth_the_rate_of_its_day(desk: Any, approver: Any) -> None:
    person = await member(desk)
    indemnity = await declared(desk, person["rpps"], 90)
    approved = await approver.post(f"/v1/indemnities/{indemnity}/approve")
    assert approved.status_code == 200, approved.text
    expected = "112.50" if person["profession"] == "10" else "75.00"
    assert (approved.json()["amount"], approved.json()["payable"], approved.json()["kind"]) == (expected,) * 2 + (
        "mission",
    )
    assert code(await approver.post(f"/v1/indemnities/{indemnity}/approve")) == (409, "decided_already")
    assert (await approver.post(f"/v1/indemnities/{indemnity}/paid", paid_on="2026-03-02")).status_code == 200
    statement = await approver.get(f"/v1/indemnity-statements/{person['rpps']}/2026")
    assert (statement["paid"], statement["over_the_cap"], statement["yearly_cap"]) == (expected, "0.00", "48060.00")
    sheet = await approver.http.get(f"/v1/indemnity-statements/{person['rpps']}/2026/export.csv")
    assert sheet.content.startswith(b"\xef\xbb\xbfid;rpps;")
    assert f";{expected.replace('.', ',')};" in sheet.text
    await sample_of(desk, indemnity)


async def sample_of(desk: Any, indemnity: str) -> None:
    async with desk.directory.runtime.system.work(NATIONAL) as work:
        rows = await work.fetch("SELECT body FROM outbox WHERE type LIKE '%indemnity.approved%' ORDER BY seq")
    (body,) = (found for row in rows if (found := json.loads(row["body"]))["subject"] == indemnity)
    assert not {"rpps", "amount"} & body["data"].keys()
    fixed = json.loads(json.dumps(body).replace(indemnity, "019ab000-0000-7000-8000-000000000001"))
    fixed["data"]["profession"] = "10"
    ids = {"id": "019ab000-0000-7000-8000-000000000002", "correlationid": "019ab000-0000-7000-8000-000000000003"}
    check_sample(fixed | ids | {"traceparent": None})


async def test_two_validations_at_once_do_not_pass_the_cap(desk: Any, approver: Any) -> None:
    person = await member(desk)
    rate = 75 if person["profession"] == "10" else 50
    full = [await declared(desk, person["rpps"], 1440) for _ in range(48060 // (rate * 24) + 3)]
    answers = await asyncio.gather(*(approver.post(f"/v1/indemnities/{it}/approve") for it in full))
    assert {it.status_code for it in answers} == {200}
    statement = await approver.get(f"/v1/indemnity-statements/{person['rpps']}/2026")
    assert statement["payable"] == "48060.00"
    assert float(statement["over_the_cap"]) == len(full) * rate * 24 - 48060


async def test_nobody_decides_on_their_own_time(desk: Any) -> None:
    person = await member(desk)
    own = await declared(desk, person["rpps"])
    claims = {"role": "coordinator", "sub": "another", "rpps": person["rpps"]}
    async with desk.directory.connect(*SCOPES, **claims) as http:
        mine = desk.beside(http)
        assert code(await mine.post(f"/v1/indemnities/{own}/approve")) == (403, "own_time")
        body = {"mission": "training", "day": "2026-03-01", "minutes": 30}
        other = await mine.post("/v1/indemnities", rpps="99000000093", **body)
        assert code(await mine.post(f"/v1/indemnities/{other.json()['id']}/refuse", reason="x")) == (403, "own_time")


async def test_conditions_of_the_territory_hold(desk: Any, approver: Any) -> None:
    person = await member(desk, fee=False)
    indemnity = await declared(desk, person["rpps"])
    refused = await approver.post(f"/v1/indemnities/{indemnity}/approve")
    assert (code(refused), refused.json()["unmet"]) == ((409, "conditions_unmet"), ["fee_paid"])
    await desk.http.put(f"/v1/members/{person['id']}/fees/2026", json={"paid_on": "2026-03-02"})
    assert (await approver.post(f"/v1/indemnities/{indemnity}/approve")).status_code == 200
    again = await declared(desk, person["rpps"])
    no = await approver.post(f"/v1/indemnities/{again}/refuse", reason="Réunion annulée")
    assert (no.json()["state"], no.json()["reason"]) == ("refused", "Réunion annulée")
    assert code(await approver.post(f"/v1/indemnities/{again}/paid", paid_on="2026-03-02")) == (409, "not_approved")


async def test_a_practitioner_sees_and_declares_their_own_only(desk: Any, approver: Any) -> None:
    person, other = await member(desk), await member(desk)
    mine = await declared(desk, person["rpps"])
    await declared(desk, other["rpps"])
    claims = {"role": "practitioner", "rpps": person["rpps"]}
    async with desk.directory.connect(*SCOPES[:2], **claims) as http:
        me = desk.beside(http)
        assert [it["id"] for it in (await me.get("/v1/indemnities"))["items"]] == [mine]
        for path in (f"/v1/indemnities?rpps={other['rpps']}", f"/v1/indemnity-statements/{other['rpps']}/2026"):
            assert code(await http.get(path)) == (403, "not_own_entry")
        body = {"rpps": other["rpps"], "mission": "commission", "day": "2026-03-01", "minutes": 60}
        assert code(await me.post("/v1/indemnities", **body)) == (403, "not_own_entry")
        for field, value, expected in (
            ("mission", "gardening", "mission_unknown"),
            ("day", "2026-03-03", "in_the_future"),
        ):
            bad = {**body, "rpps": person["rpps"], field: value}
            assert code(await me.post("/v1/indemnities", **bad)) == (422, expected)
    neighbour = {"territory": "haute-saintonge", "role": "coordinator"}
    async with desk.directory.connect(*SCOPES, **neighbour) as http:
        there = desk.beside(http)
        assert (await there.get("/v1/indemnities"))["items"] == []
        assert code(await there.post(f"/v1/indemnities/{mine}/approve")) == (404, "indemnity_unknown")
        assert code(await there.post("/v1/indemnities", **body)) == (409, "no_missions")
