"""Funding shared among the members: explained line by line, put to the vote, numbered, corrected by editions."""

import asyncio
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import pytest_asyncio

SHARE = {"pot": "pathways", "total": "1000.00", "from_on": "2026-01-01", "to_on": "2026-03-02"}


class Treasury:
    """Two doctors with validated time, an association that counts patients, and a vote that adopts."""

    def __init__(self, desk: Any, people: list[dict[str, Any]]) -> None:
        self.desk, self.people = desk, people
        self.ids = [it["id"] for it in people]

    def figures(self, *values: int) -> list[dict[str, Any]]:
        return [
            {"key": "patients", "member_id": member, "value": value}
            for member, value in zip(self.ids, values, strict=False)
        ]

    async def shares(self, *values: int, **more: Any) -> Any:
        return await self.desk.post("/v1/funding-shares", **{**SHARE, "figures": self.figures(*values), **more})

    async def voted(self, choice: str = "for", kind: str = "funding") -> str:
        agenda = [{"kind": kind, "title": "Répartition"}]
        asked = {"kind": "extraordinary-assembly", "title": "AG", "starts_at": "2026-03-02T08:00:00Z"}
        meeting = (await self.desk.post("/v1/meetings", agenda=agenda, **asked)).json()
        sheet = [{"member_id": self.ids[0], "status": "present"}]
        await self.desk.http.put(f"/v1/meetings/{meeting['id']}/attendance", json={"sheet": sheet})
        ballot = (await self.desk.post(f"/v1/meetings/{meeting['id']}/ballots", item=1, question="?")).json()
        path = f"/v1/ballots/{ballot['id']}"
        await self.desk.post(f"{path}/votes", member_id=self.ids[0], choices=[choice])
        assert (await self.desk.post(f"{path}/close")).status_code == 200
        return str(ballot["id"])

    async def approves(self, share: dict[str, Any], ballot: str | None) -> Any:
        return await self.desk.post(f"/v1/funding-shares/{share['id']}/approve", ballot_id=ballot)


def code(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def treasury(desk: Any) -> Treasury:
    people = [await desk.joins(), await desk.joins(), await desk.joins("users-association", name="Usagers de l'Oust")]
    scopes = ("indemnities:declare", "indemnities:approve")
    for who, minutes in zip(people, (30, 60), strict=False):
        await desk.http.patch(f"/v1/members/{who['id']}", json={"convention_signed_on": "2026-03-01"})
        await desk.http.put(f"/v1/members/{who['id']}/fees/2026", json={"paid_on": "2026-03-01"})
        async with (
            desk.directory.connect(*scopes, role="practitioner", rpps=who["rpps"], sub=who["rpps"]) as own,
            desk.directory.connect(*scopes, role="coordinator", sub="treasurer") as office,
        ):
            body = {"rpps": who["rpps"], "mission": "commission", "day": "2026-03-01", "minutes": minutes}
            time = (await desk.beside(own).post("/v1/indemnities", **body)).json()
            assert (await desk.beside(office).post(f"/v1/indemnities/{time['id']}/approve")).status_code == 200
    return Treasury(desk, people)


async def test_a_draft_explains_each_line(treasury: Treasury) -> None:
    answer = await treasury.shares(3, 1, 2)
    assert answer.status_code == 201, answer.text
    found = answer.json()
    # 600.00 by 3, 1 and 2 patients of 6: 300, 100, 200. 400.00 by 30 and 60 minutes of 90: 133.33, 266.67.
    amounts = {it["member_id"]: it["amount"] for it in found["lines"]}
    assert amounts == dict(zip(treasury.ids, ("433.33", "366.67", "200.00"), strict=True))
    first = next(it for it in found["lines"] if it["member_id"] == treasury.ids[0])
    assert first["explanation"] == (
        "Patients suivis : 1000,00 € x 3/5 x 3/6 (patients) + "
        "Temps en groupe de travail : 1000,00 € x 2/5 x 30/90 (minutes)"
    )
    assert (first["exact"], found["state"], found["number"], found["rules_version"]) == (
        "1300/3",
        "draft",
        None,
        "2026-11-1",
    )
    assert {it["name"] for it in found["lines"]} >= {"Usagers de l'Oust"}
    for kind, start in (("csv", b"\xef\xbb\xbfMembre;Calcul"), ("xlsx", b"PK"), ("pdf", b"%PDF-")):
        path = f"/v1/funding-shares/{found['id']}/file"
        file = await treasury.desk.http.get(path, params={"format": kind})
        assert (file.status_code, file.content.startswith(start)) == (200, True)
    drafted = treasury.desk.calendar.at
    treasury.desk.calendar.at += timedelta(minutes=1)
    gone = await treasury.desk.post(f"/v1/funding-shares/{found['id']}/discard")
    assert gone.json()["state"] == "discarded"
    for at, states in ((None, ["discarded"]), (drafted, ["draft"]), (drafted - timedelta(minutes=1), [])):
        listed = await treasury.desk.get("/v1/funding-shares", **({"at": at.isoformat()} if at else {}))
        assert [it["state"] for it in listed["items"] if it["id"] == found["id"]] == states
    assert code(await treasury.approves(found, None)) == (409, "not_a_draft")


async def test_it_is_put_to_the_vote_and_corrected_by_an_edition(treasury: Treasury) -> None:
    found = (await treasury.shares(3, 1, 2)).json()
    assert code(await treasury.approves(found, None)) == (422, "vote_required")
    assert code(await treasury.approves(found, await treasury.voted("against"))) == (409, "not_adopted")
    assert code(await treasury.approves(found, await treasury.voted(kind="other"))) == (422, "ballot_unknown")
    early = await treasury.shares(1, 1, 1, replaces=found["id"])
    assert code(early) == (409, "not_approved")
    adopted = await treasury.voted()
    approved = await treasury.approves(found, adopted)
    assert (approved.status_code, approved.json()["edition"]) == (200, 1), approved.text
    drafts = [
        (await treasury.shares(2, 1, 3, replaces=found["id"], reason="Patients comptés deux fois")).json()
        for _ in range(2)
    ]
    difference = {it["member_id"]: Decimal(it["difference"]) for it in drafts[0]["lines"]}
    assert difference == dict(zip(treasury.ids, (Decimal(-100), Decimal(0), Decimal(100)), strict=True))
    answers = await asyncio.gather(*(treasury.approves(it, adopted) for it in drafts))
    assert sorted(it.status_code for it in answers) == [200, 409]
    (second,) = (it.json() for it in answers if it.status_code == 200)
    assert (second["number"], second["edition"]) == (approved.json()["number"], 2)
    again = await treasury.shares(1, 1, 1, replaces=found["id"])
    assert code(again) == (409, "replaced_already")
    other = await treasury.shares(1, 1, 1, replaces=second["id"], pot="quality", figures=[])
    assert code(other) == (422, "pot_differs")
    listed = await treasury.desk.get("/v1/funding-shares", state="approved", pot="pathways")
    assert {it["edition"] for it in listed["items"]} == {1, 2}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"pot": "treasure"}, (422, "pot_unknown")),
        ({"to_on": "2025-12-31"}, (422, "period_reversed")),
        ({"pot": "quality"}, (422, "key_not_stated")),
        ({"figures": []}, (409, "nobody_counts")),
        ({"to_on": "2026-02-28", "figures": []}, (409, "nobody_counts")),
        ({"total": "0.00"}, (422, "invalid_input")),
        ({"total": "1.001"}, (422, "invalid_input")),
    ],
)
async def test_what_cannot_be_shared(treasury: Treasury, change: dict[str, Any], expected: tuple[int, str]) -> None:
    assert code(await treasury.shares(1, 1, 1, **change)) == expected


async def test_figures_are_of_members_and_once(treasury: Treasury) -> None:
    stranger = {"key": "patients", "member_id": "019ab000-0000-7000-8000-00000000dead", "value": 1}
    assert code(await treasury.shares(figures=[stranger])) == (422, "member_unknown")
    twice = treasury.figures(1) * 2
    assert code(await treasury.shares(figures=twice)) == (422, "figure_twice")


async def test_lines_cannot_be_changed_and_others_see_nothing(treasury: Treasury) -> None:
    found = (await treasury.shares(1, 1, 1)).json()
    async with treasury.desk.directory.connect("directory:read", role="practitioner", rpps="99000000093") as http:
        assert (await http.get(f"/v1/funding-shares/{found['id']}")).status_code == 403
    scopes = ("association:read", "association:write")
    async with treasury.desk.directory.connect(*scopes, role="coordinator", territory="haute-saintonge") as http:
        there = treasury.desk.beside(http)
        for path in ("", "/file"):
            assert code(await http.get(f"/v1/funding-shares/{found['id']}{path}")) == (404, "funding_share_unknown")
        refused = await there.post(f"/v1/funding-shares/{found['id']}/discard")
        assert code(refused) == (404, "funding_share_unknown")
        assert code(await there.post("/v1/funding-shares", **SHARE)) == (409, "no_pots")
        assert (await there.get("/v1/funding-shares/rules"))["pots"] == {}
    async with treasury.desk.directory.runtime.db.work("pays-de-redon") as work:
        with pytest.raises(Exception, match="permission denied"):
            await work.execute("UPDATE funding_line SET amount = 0")
