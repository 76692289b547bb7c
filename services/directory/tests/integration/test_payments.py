"""Batches of payments, corrections, and the one ceiling of a person and year that compensations share."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio

from contracts.envelope import NATIONAL
from contracts.registry import BY_PAYLOAD
from contracts.snp_dispatch import CompensationValued
from directory.consumers.on_compensation_valued import on_compensation_valued
from kit.testing.samples import check_sample, samples

SCOPES = ("indemnities:read", "indemnities:declare", "indemnities:approve")
HERE = "pays-de-redon"
MONTHS = count(4)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def office(desk: Any) -> AsyncIterator[Any]:
    """Who approves and pays. Each test closes months of its own."""
    async with desk.directory.connect(*SCOPES, role="coordinator", sub="treasurer") as http:
        yield desk.beside(http)


class Month:
    """The month of a test: it is over, and no earlier test has closed it."""

    def __init__(self, desk: Any) -> None:
        number = next(MONTHS)
        self.year, self.month = 2026 + (number - 1) // 12, (number - 1) % 12 + 1
        self.period, self.day = f"{self.year}-{self.month:02d}", date(self.year, self.month, 10)
        following = number + 1
        desk.calendar.at = datetime(2026 + (following - 1) // 12, (following - 1) % 12 + 1, 3, 9, tzinfo=UTC)


@pytest.fixture
def month(desk: Any) -> Month:
    return Month(desk)


def code(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


async def member(desk: Any, month: Month) -> dict[str, Any]:
    found: dict[str, Any] = await desk.joins()
    await desk.http.patch(f"/v1/members/{found['id']}", json={"convention_signed_on": "2026-03-01"})
    await desk.http.put(f"/v1/members/{found['id']}/fees/{month.year}", json={"paid_on": f"{month.year}-01-05"})
    return found


async def declared(desk: Any, rpps: str, day: date, minutes: int = 60) -> dict[str, Any]:
    claims = {"role": "practitioner", "rpps": rpps, "sub": f"person-{rpps}"}
    async with desk.directory.connect(*SCOPES[:2], **claims) as http:
        body = {"rpps": rpps, "mission": "training", "day": day.isoformat(), "minutes": minutes}
        answer = await desk.beside(http).post("/v1/indemnities", **body)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def approved(desk: Any, office: Any, rpps: str, day: date, minutes: int = 60) -> dict[str, Any]:
    indemnity = await declared(desk, rpps, day, minutes)
    answer = await office.post(f"/v1/indemnities/{indemnity['id']}/approve")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def valued(desk: Any, rpps: str, day: date, cents: int, *, version: int = 3, **more: Any) -> str:
    """The dispatch tells what a missed visit is worth; answers the booking."""
    (sample,) = samples(CompensationValued)
    data = {**sample["data"], "booking_id": str(uuid4()), "rpps": rpps, "day": day.isoformat(), "amount_cents": cents}
    data |= {"final_on": day.isoformat(), "yearly_cap_cents": None, **more}
    event = BY_PAYLOAD[CompensationValued].envelope.model_validate(
        {**sample, "data": data, "aggregateversion": version}
    )
    async with desk.directory.runtime.db.work(HERE) as work:
        await on_compensation_valued(event, work)
    return str(data["booking_id"])


async def closed(office: Any, period: str) -> dict[str, Any]:
    answer = await office.post("/v1/payment-batches", period=period)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def lines_of(office: Any, batch: dict[str, Any]) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = (await office.get(f"/v1/payment-batches/{batch['id']}/lines"))["items"]
    return items


async def test_a_closed_batch_holds_what_was_validated_and_is_paid_once(desk: Any, office: Any, month: Month) -> None:
    person = await member(desk, month)
    one = await approved(desk, office, person["rpps"], month.day)
    await declared(desk, person["rpps"], month.day)
    seen = await office.get("/v1/payment-batches/preview", period=month.period)
    assert [it["source_id"] for it in seen["lines"]] == [one["id"]]
    batch = await closed(office, month.period)
    assert (batch["period"], batch["lines"], batch["people"], batch["total"]) == (month.period, 1, 1, one["payable"])
    (line,) = await lines_of(office, batch)
    assert (line["kind"], line["source_id"], line["payable"], line["late"]) == (
        "indemnity",
        one["id"],
        one["payable"],
        False,
    )
    assert code(await office.post("/v1/payment-batches", period=month.period)) == (409, "period_closed")
    assert code(await office.post(f"/v1/indemnities/{one['id']}/paid", paid_on=str(month.day))) == (409, "in_a_batch")
    sheet = await office.http.get(f"/v1/payment-batches/{batch['id']}/export.csv")
    assert sheet.content.decode("utf-8-sig").splitlines()[1].startswith(person["rpps"])
    paid_on = desk.calendar.at.date().isoformat()
    early = await office.post(f"/v1/payment-batches/{batch['id']}/paid", paid_on=str(month.day))
    assert code(early) == (422, "not_a_day_of_payment")
    as_closed = desk.calendar.at
    desk.calendar.at += timedelta(minutes=5)
    paid = await office.post(f"/v1/payment-batches/{batch['id']}/paid", paid_on=paid_on)
    assert (paid.status_code, paid.json()["paid_on"]) == (200, paid_on)
    assert [await paid_days(office, batch, at) for at in (None, as_closed, as_closed - timedelta(minutes=1))] == [
        [paid_on],
        [None],
        [],
    ]
    again = await office.post(f"/v1/payment-batches/{batch['id']}/paid", paid_on=paid_on)
    assert code(again) == (409, "paid_already")
    states = {it["id"]: it["state"] for it in (await office.get("/v1/indemnities", rpps=person["rpps"]))["items"]}
    assert states[one["id"]] == "paid"
    await sample_of(desk, batch)


async def paid_days(office: Any, batch: dict[str, Any], at: datetime | None) -> list[str | None]:
    """Of the batch in the list as it stood; empty before it was there."""
    listed = await office.get("/v1/payment-batches", **({"at": at.isoformat()} if at else {}))
    return [it["paid_on"] for it in listed["items"] if it["id"] == batch["id"]]


async def sample_of(desk: Any, batch: dict[str, Any]) -> None:
    async with desk.directory.runtime.system.work(NATIONAL) as work:
        rows = await work.fetch("SELECT body FROM outbox WHERE type LIKE '%payments.closed%' ORDER BY seq")
    (body,) = (found for row in rows if (found := json.loads(row["body"]))["subject"] == batch["id"])
    assert body["data"].keys() == {"batch_id", "number", "period", "people", "lines"}
    fixed = json.loads(json.dumps(body).replace(batch["id"], "019ab000-0000-7000-8000-000000000001"))
    ids = {"id": "019ab000-0000-7000-8000-000000000002", "correlationid": "019ab000-0000-7000-8000-000000000003"}
    check_sample(fixed | ids | {"traceparent": None})


async def test_two_who_close_at_once_make_one_batch(desk: Any, office: Any, month: Month) -> None:
    people = [await member(desk, month) for _ in range(3)]
    owed = [await approved(desk, office, it["rpps"], month.day) for it in people]
    answers = await asyncio.gather(*(office.post("/v1/payment-batches", period=month.period) for _ in range(4)))
    assert sorted(it.status_code for it in answers) == [201, 409, 409, 409]
    assert {it.json()["code"] for it in answers if it.status_code == 409} == {"period_closed"}
    (batch,) = (it.json() for it in answers if it.status_code == 201)
    assert {it["source_id"] for it in await lines_of(office, batch)} == {it["id"] for it in owed}
    numbers = [it["number"] for it in (await office.get("/v1/payment-batches"))["items"]]
    assert numbers == list(range(len(numbers), 0, -1))


async def test_what_is_validated_after_the_batch_goes_into_the_next(desk: Any, office: Any, month: Month) -> None:
    person = await member(desk, month)
    await approved(desk, office, person["rpps"], month.day)
    await closed(office, month.period)
    behind = await approved(desk, office, person["rpps"], month.day)
    following = Month(desk)
    assert [(it["source_id"], it["late"]) for it in await lines_of(office, await closed(office, following.period))] == [
        (behind["id"], True)
    ]


async def test_a_correction_is_a_line_of_the_next_batch(desk: Any, office: Any, month: Month) -> None:
    person = await member(desk, month)
    one = await approved(desk, office, person["rpps"], month.day, 120)
    path = f"/v1/indemnities/{one['id']}/corrections"
    await closed(office, month.period)
    fixed = await office.post(path, minutes=90, reason="Réunion écourtée")
    assert fixed.status_code == 201, fixed.text
    quarter = float(one["payable"]) / 4
    assert (float(fixed.json()["amount"]), float(fixed.json()["payable"])) == (-quarter, -quarter)
    assert code(await office.post(path, minutes=90, reason="encore")) == (409, "nothing_changes")
    following = Month(desk)
    batch = await closed(office, following.period)
    (line,) = await lines_of(office, batch)
    assert (line["kind"], line["source_id"], float(line["payable"])) == ("correction", fixed.json()["id"], -quarter)
    ceiling = await office.get(f"/v1/indemnity-statements/{person['rpps']}/{month.year}/ceiling")
    assert float(ceiling["used"]) == 3 * quarter
    waiting = await declared(desk, person["rpps"], month.day)
    path = f"/v1/indemnities/{waiting['id']}/corrections"
    assert code(await office.post(path, minutes=1, reason="x")) == (409, "not_approved")


async def test_compensations_share_the_ceiling_and_what_is_cut_says_why(desk: Any, office: Any, month: Month) -> None:
    person = await member(desk, month)
    rpps = person["rpps"]
    cap = 4806000
    paid = await valued(desk, rpps, month.day, 2500, yearly_cap_cents=4000)
    own = await valued(desk, rpps, month.day, 2500, yearly_cap_cents=4000)
    seen = await office.get(f"/v1/indemnity-statements/{rpps}/{month.year}/ceiling")
    assert (seen["used"], len(seen["waiting"]), seen["social_security_ceiling"]) == ("0.00", 2, "48060.00")
    batch = await closed(office, month.period)
    lines = {it["source_id"]: (it["payable"], it["cut_reason"]) for it in await lines_of(office, batch)}
    assert sorted(lines.values(), key=str) == [("15.00", "own_cap"), ("25.00", None)]
    assert lines.keys() == {paid, own}
    rate = 75 if person["profession"] == "10" else 50
    full = [await declared(desk, rpps, month.day, 1440) for _ in range(cap // 100 // (rate * 24) + 1)]
    answers = await asyncio.gather(*(office.post(f"/v1/indemnities/{it['id']}/approve") for it in full))
    assert {it.status_code for it in answers} == {200}
    seen = await office.get(f"/v1/indemnity-statements/{rpps}/{month.year}/ceiling")
    assert (seen["used"], seen["left"]) == ("48060.00", "0.00")
    cut = [it for it in seen["entries"] if it["cut_reason"] == "yearly_ceiling"]
    assert sum(float(it["cut"]) for it in cut) == len(full) * rate * 24 + 40 - 48060
    assert {it["batch"] for it in seen["entries"] if it["kind"] == "compensation"} == {batch["number"]}
    printed = await office.http.get(f"/v1/indemnity-statements/{rpps}/{month.year}/export.pdf")
    assert (printed.status_code, printed.content[:5]) == (200, b"%PDF-")


async def test_a_batch_and_a_validation_at_once_do_not_pass_the_ceiling(desk: Any, office: Any, month: Month) -> None:
    person = await member(desk, month)
    rpps, rate = person["rpps"], 75 if person["profession"] == "10" else 50
    for _ in range(3):
        await valued(desk, rpps, month.day, 1_000_000)
    full = [await declared(desk, rpps, month.day, 1440) for _ in range(48060 // (rate * 24) + 1)]
    approvals = (office.post(f"/v1/indemnities/{it['id']}/approve") for it in full)
    batch, *answers = await asyncio.gather(office.post("/v1/payment-batches", period=month.period), *approvals)
    assert batch.status_code == 201, batch.text
    assert {it.status_code for it in answers} == {200}
    seen = await office.get(f"/v1/indemnity-statements/{rpps}/{month.year}/ceiling")
    assert seen["used"] == "48060.00"


async def test_the_last_word_of_the_dispatch_counts(desk: Any, office: Any, month: Month) -> None:
    person = await member(desk, month)
    rpps = person["rpps"]
    gone = await valued(desk, rpps, month.day, 2500, version=3)
    await valued(desk, rpps, month.day, 0, version=4, booking_id=gone)
    await valued(desk, rpps, month.day, 2500, version=3, booking_id=gone)
    not_final = await valued(desk, rpps, month.day, 2500, final_on="2099-01-01")
    paid = await valued(desk, rpps, month.day, 2000)
    batch = await closed(office, month.period)
    lines = [it for it in await lines_of(office, batch) if it["rpps"] == rpps]
    assert [(it["source_id"], it["kind"]) for it in lines] == [(paid, "compensation")]
    seen = await office.get(f"/v1/indemnity-statements/{rpps}/{month.year}/ceiling")
    assert [it["booking_id"] for it in seen["waiting"]] == [not_final]
    await valued(desk, rpps, month.day, 0, version=9, booking_id=paid)
    following = await lines_of(office, await closed(office, Month(desk).period))
    (line,) = (it for it in following if it["rpps"] == rpps)
    assert (line["kind"], line["source_id"], line["payable"]) == ("reversal", paid, "-20.00")
    seen = await office.get(f"/v1/indemnity-statements/{rpps}/{month.year}/ceiling")
    assert seen["used"] == "0.00"


async def test_late_time_is_flagged(desk: Any, office: Any, month: Month) -> None:
    person = await member(desk, month)
    assert (await declared(desk, person["rpps"], month.day))["late"] is False
    for _ in range(4):
        Month(desk)
    assert (await declared(desk, person["rpps"], month.day))["late"] is True


async def test_who_may_close_and_what_cannot_be_closed(desk: Any, office: Any, month: Month) -> None:
    Month(desk)
    assert code(await office.post("/v1/payment-batches", period=Month(desk).period)) == (409, "nothing_to_pay")
    assert code(await office.post("/v1/payment-batches", period="2199-12"))[0] == 422
    today = f"{desk.calendar.at:%Y-%m}"
    assert code(await office.post("/v1/payment-batches", period=today)) == (409, "period_open")
    claims = {"role": "practitioner", "rpps": "99000000093"}
    async with desk.directory.connect(*SCOPES[:2], **claims) as http:
        mine = desk.beside(http)
        assert code(await mine.post("/v1/payment-batches", period=month.period)) == (403, "scope_missing")
        for path in ("/v1/payment-batches", "/v1/payment-batches/preview?period=2026-01"):
            assert (await http.get(path)).status_code == 403
        other = (await desk.get("/v1/members", limit=200))["items"][-1]["rpps"]
        for tail in ("ceiling", "export.pdf"):
            assert code(await http.get(f"/v1/indemnity-statements/{other}/2026/{tail}")) == (403, "not_own_entry")
    async with desk.directory.connect(*SCOPES, role="coordinator", territory="haute-saintonge") as http:
        there = desk.beside(http)
        assert (await there.get("/v1/payment-batches"))["items"] == []
        batch = (await office.get("/v1/payment-batches"))["items"][0]
        for path in ("", "/lines", "/export.csv"):
            assert code(await http.get(f"/v1/payment-batches/{batch['id']}{path}")) == (404, "batch_unknown")
        refused = await there.post(f"/v1/payment-batches/{batch['id']}/paid", paid_on="2026-03-01")
        assert code(refused) == (404, "batch_unknown")
