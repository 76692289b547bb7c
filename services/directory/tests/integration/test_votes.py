"""Votes of an assembly: proxies across the colleges, the tally worked out by hand, secrecy, races."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import pytest_asyncio

CATEGORIES = {
    1: "self-employed",
    2: "establishment-professional",
    3: "medico-social-professional",
    4: "users-association",
}


@dataclass
class Hall:
    """An assembly: five of college 1, three of 2, two of 3, one of 4; four of them by proxy."""

    desk: Any
    people: dict[str, dict[str, Any]]
    sheet: list[dict[str, Any]] = field(default_factory=list)
    meeting: dict[str, Any] = field(default_factory=dict)
    documents: dict[int, str] = field(default_factory=dict)

    def id(self, who: str) -> str:
        return str(self.people[who]["id"])

    async def opens(self, **more: Any) -> dict[str, Any]:
        body = {"item": 1, "question": "Approuver les comptes de l'année", **more}
        if "candidates" not in more:
            body.setdefault("document_id", self.documents[body["item"]])
        answer = await self.desk.post(f"/v1/meetings/{self.meeting['id']}/ballots", **body)
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def casts(self, ballot: dict[str, Any], who: str, *choices: str) -> Any:
        path = f"/v1/ballots/{ballot['id']}/votes"
        return await self.desk.post(path, member_id=self.id(who), choices=list(choices))

    async def closes(self, ballot: dict[str, Any]) -> dict[str, Any]:
        assert (await self.desk.post(f"/v1/ballots/{ballot['id']}/close")).status_code == 200
        found: dict[str, Any] = await self.desk.get(f"/v1/ballots/{ballot['id']}/result")
        return found

    def practitioner(self, who: str) -> Any:
        claims = {"role": "practitioner", "rpps": self.people[who]["rpps"], "sub": f"person-{who}"}
        return self.desk.directory.connect("association:vote", **claims)


PROXIES = {"a5": "b1", "b3": "a1", "c2": "c1", "d1": "a1"}
"""A vote of college 1 in hands of college 2, of 2 in hands of 1, of 3 within it, of 4 in hands of 1."""


def line(hall: Hall, who: str) -> dict[str, Any]:
    if who in PROXIES:
        return {"member_id": hall.id(who), "status": "represented", "holder_id": hall.id(PROXIES[who])}
    return {"member_id": hall.id(who), "status": "present"}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def hall(desk: Any) -> AsyncIterator[Hall]:
    names = [f"{letter}{n}" for letter, number in zip("abcd", (5, 3, 2, 1), strict=True) for n in range(1, number + 1)]
    people = {name: await desk.joins(CATEGORIES["abcd".index(name[0]) + 1]) for name in names}
    people["e1"] = await desk.joins("local-authority", kind="associate", name="Commune fictive")
    found = Hall(desk, people)
    found.sheet = [line(found, who) for who in people]
    agenda = [{"kind": "accounts", "title": "Comptes annuels"}, {"kind": "budget", "title": "Orientations"}]
    asked = {"kind": "ordinary-assembly", "title": "AG 2026", "starts_at": "2026-03-02T08:00:00Z", "agenda": agenda}
    answer = await desk.post("/v1/meetings", **asked)
    assert answer.status_code == 201, answer.text
    found.meeting = answer.json()
    signed = await desk.http.put(f"/v1/meetings/{found.meeting['id']}/attendance", json={"sheet": found.sheet})
    assert signed.status_code == 200, signed.text
    for item, kind in ((1, "accounts"), (2, "budget")):
        path = f"/v1/meetings/{found.meeting['id']}/documents"
        pdf = {"file": (f"{kind}.pdf", b"%PDF-1.7 " + kind.encode())}
        put = await desk.http.post(path, files=pdf, data={"kind": kind}, headers={"Idempotency-Key": f"hall-{kind}"})
        assert put.status_code == 201, put.text
        found.documents[item] = put.json()["id"]
    yield found


def code(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


VOTES = {
    "a1": "for", "a2": "for", "a3": "for", "a4": "against", "a5": "abstain",
    "b1": "for", "b2": "against", "b3": "against", "c1": "for", "c2": "against", "d1": "against",
}  # fmt: skip


async def test_the_tally_is_that_worked_out_by_hand(hall: Hall) -> None:
    ballot = await hall.opens()
    for who, choice in VOTES.items():
        assert (await hall.casts(ballot, who, choice)).status_code == 200
    found = await hall.closes(ballot)
    # Heads: 5 for, 5 against, 1 abstains. By colleges:
    #   1: 65 % over 5 votes: 3 for = 39, 1 against = 13, 1 abstains = 13
    #   2: 15 % over 3 votes: 1 for = 5, 2 against = 10
    #   3: 10 % over 2 votes: 1 for = 5, 1 against = 5
    #   4: 10 % over 1 vote: 1 against = 10
    # For 39 + 5 + 5 = 49 %: not more than half of those present and represented.
    assert found["votes"] == {"for": 5, "against": 5, "abstain": 1}
    steps = [(s["college"], s["entitled"], s["cast"], s["weights"]["for"]["fraction"]) for s in found["steps"]]
    assert steps == [(1, 5, 5, "39/100"), (2, 3, 3, "1/20"), (3, 2, 2, "1/20"), (4, 1, 1, "0")]
    totals = {name: weight["percent"] for name, weight in found["totals"].items()}
    assert totals == {"for": "49.00", "against": "38.00", "abstain": "13.00", "silent": "0.00"}
    assert (found["adopted"], found["entitled"], found["cast"]) == (False, 11, 11)
    assert found["steps"][0]["sentence"] == "Collège 1 : 65.00 % x 3/5 = 39.00 % pour, x 1/5 = 13.00 % contre"
    assert found["sentence"] == "49.00 % pour ; il faut plus de 1/2 : rejeté"
    digest = hashlib.sha256(b"%PDF-1.7 accounts").hexdigest()
    assert (found["ballot"]["document"]["sha256"], found["ballot"]["document"]["edition"]) == (digest, 1)
    assert found["quorum"] == {"enrolled": 11, "needed": None, "present_or_represented": 11, "reached": True}


async def test_an_open_vote_may_change_until_closing_and_counts_once(hall: Hall) -> None:
    ballot = await hall.opens(item=2, question="Approuver les orientations")
    for who, choice in VOTES.items():
        await hall.casts(ballot, who, choice)
    assert (await hall.casts(ballot, "d1", "for")).status_code == 200
    hidden = await hall.desk.http.get(f"/v1/ballots/{ballot['id']}/result")
    assert code(hidden) == (409, "ballot_open")
    found = await hall.closes(ballot)
    assert (found["totals"]["for"]["percent"], found["adopted"], found["cast"]) == ("59.00", True, 11)
    assert code(await hall.casts(ballot, "a1", "against")) == (409, "ballot_closed")


async def test_who_casts_for_whom(hall: Hall) -> None:
    ballot = await hall.opens()
    path = f"/v1/ballots/{ballot['id']}/votes"
    async with hall.practitioner("a1") as http:
        mine = hall.desk.beside(http)
        for who in ("a1", "b3", "d1"):
            assert (await mine.post(path, member_id=hall.id(who), choices=["for"])).status_code == 200
        assert code(await mine.post(path, member_id=hall.id("a2"), choices=["for"])) == (403, "not_your_vote")
        assert code(await mine.post(path, member_id=hall.id("e1"), choices=["for"])) == (404, "no_vote")
        assert code(await mine.post(path, member_id=hall.id("a1"), choices=["maybe"])) == (422, "choice_unknown")
        two = await mine.post(path, member_id=hall.id("a1"), choices=["for", "against"])
        assert code(two) == (422, "too_many_choices")
        assert (
            await http.post(f"/v1/ballots/{ballot['id']}/close", headers={"Idempotency-Key": "x"})
        ).status_code == 403
    async with hall.practitioner("a5") as http:
        # A proxy was given: it is no longer one's own to cast.
        given = await hall.desk.beside(http).post(path, member_id=hall.id("a5"), choices=["for"])
        assert code(given) == (403, "not_your_vote")
    neighbour = {"territory": "haute-saintonge", "role": "coordinator"}
    async with hall.desk.directory.connect("association:vote", **neighbour) as http:
        assert (await http.get(f"/v1/ballots/{ballot['id']}")).status_code == 404
    await hall.closes(ballot)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"b3": {"status": "represented", "holder_id": "a5"}}, "holder_not_present"),
        ({"b3": {"status": "represented", "holder_id": "e1"}}, "no_vote"),
        ({"a2": {"status": "represented", "holder_id": "a1"}}, "too_many_proxies"),
        ({"e1": {"status": "represented", "holder_id": "a2"}}, "no_vote"),
    ],
)
async def test_proxies_have_limits(hall: Hall, change: dict[str, Any], expected: str) -> None:
    sheet = [dict(it) for it in hall.sheet]
    for who, value in change.items():
        (entry,) = (it for it in sheet if it["member_id"] == hall.id(who))
        entry |= {**value, "holder_id": hall.id(value["holder_id"])}
    answer = await hall.desk.http.put(f"/v1/meetings/{hall.meeting['id']}/attendance", json={"sheet": sheet})
    assert code(answer) == (409, expected)


async def test_a_secret_vote_is_counted_once_and_joined_to_nobody(hall: Hall) -> None:
    ballot = await hall.opens(secret=True)
    path = f"/v1/ballots/{ballot['id']}/votes"
    async with hall.practitioner("a2") as http:
        mine = hall.desk.beside(http)
        body = {"member_id": hall.id("a2"), "choices": ["against"]}
        answers = await asyncio.gather(*(mine.post(path, **body) for _ in range(4)))
        assert sorted(it.status_code for it in answers) == [200, 409, 409, 409]
        assert "against" not in "".join(it.text for it in answers)
    assert code(await hall.casts(ballot, "a3", "for")) == (403, "secret_vote")
    urn = {"college": 1, "members": [hall.id(it) for it in ("a1", "a3", "a4", "a5")]}
    short = await hall.desk.post(f"/v1/ballots/{ballot['id']}/urn", papers={"for": 2}, **urn)
    assert code(short) == (422, "count_differs")
    counted = await hall.desk.post(f"/v1/ballots/{ballot['id']}/urn", papers={"for": 3, "abstain": 1}, **urn)
    assert counted.status_code == 200, counted.text
    again = await hall.desk.post(f"/v1/ballots/{ballot['id']}/urn", papers={"for": 4}, **urn)
    assert code(again) == (409, "voted_already")
    found = await hall.closes(ballot)
    assert found["votes"] == {"for": 3, "against": 1, "abstain": 1}
    # 65 % over 5 votes; the six others were there and said nothing.
    assert (found["totals"]["for"]["percent"], found["totals"]["silent"]["percent"]) == ("39.00", "35.00")
    async with hall.desk.directory.runtime.system.work("pays-de-redon") as work:
        kept = await work.fetch("SELECT * FROM ballot_voter WHERE secret AND choices IS NOT NULL")
        told = await work.fetch(
            "SELECT * FROM change WHERE entity = 'ballot_box' OR after ->> 'choices' LIKE '%against%'"
            " AND (after ->> 'secret')::boolean"
        )
        boxes = await work.fetch("SELECT DISTINCT xmin::text FROM ballot_box WHERE ballot_id = $1::uuid", ballot["id"])
        answers = await work.fetch(
            "SELECT convert_from(body, 'UTF8') AS body FROM idempotency WHERE route LIKE '%votes'"
        )
    assert (kept, told, len(boxes)) == ([], [], 1)
    assert not any("against" in row["body"] for row in answers)


async def test_a_college_elects_its_seats_and_a_tie_is_told(hall: Hall) -> None:
    candidates = [hall.id(who) for who in ("a1", "a2", "a3")]
    ballot = await hall.opens(question="Sièges du collège 1", candidates=candidates, seats=2, college=1)
    assert code(await hall.casts(ballot, "b1", candidates[0])) == (404, "no_vote")
    for who, chosen in (("a1", (0, 1)), ("a2", (0, 1)), ("a3", (0, 2)), ("a4", (0, 2))):
        assert (await hall.casts(ballot, who, *(candidates[it] for it in chosen))).status_code == 200
    assert (await hall.casts(ballot, "a5", "blank")).status_code == 200
    found = await hall.closes(ballot)
    assert found["election"] == {"elected": [candidates[0]], "tied": sorted(candidates[1:]), "open_seats": 1}
    second = await hall.opens(question="Second tour", candidates=found["election"]["tied"], seats=1, college=1)
    await hall.casts(second, "a1", candidates[1])
    assert (await hall.closes(second))["election"]["elected"] == [candidates[1]]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"item": 3}, "item_unknown"),
        ({"document_id": None}, "document_required"),
        ({"item": 2}, "document_of_another_kind"),
        ({"document_id": "019ab000-0000-7000-8000-00000000dead"}, "document_unknown"),
        ({"seats": 2}, "election_incomplete"),
        ({"college": 2}, "resolution_of_all"),
        ({"college": 9}, "college_unknown"),
        ({"candidates": ["e1"], "seats": 1, "college": 1}, "candidate_without_vote"),
        ({"candidates": ["a1"], "seats": 1}, "college_required"),
    ],
)
async def test_a_question_that_makes_no_sense_is_refused(hall: Hall, change: dict[str, Any], expected: str) -> None:
    if "candidates" in change:
        change = {**change, "candidates": [hall.id(who) for who in change["candidates"]]}
    body = {"item": 1, "question": "?", "document_id": hall.documents[1], **change}
    assert code(await hall.desk.post(f"/v1/meetings/{hall.meeting['id']}/ballots", **body)) == (422, expected)


async def test_a_vote_that_races_with_closing_is_counted_or_refused(hall: Hall) -> None:
    ballot = await hall.opens()
    close = hall.desk.post(f"/v1/ballots/{ballot['id']}/close")
    *votes, closed = await asyncio.gather(*(hall.casts(ballot, who, "for") for who in VOTES), close)
    assert closed.status_code == 200
    found = await hall.desk.get(f"/v1/ballots/{ballot['id']}/result")
    assert found["cast"] == found["votes"]["for"] == sum(it.status_code == 200 for it in votes)


async def test_without_colleges_nothing_is_put_to_the_vote(hall: Hall) -> None:
    neighbour = {"territory": "haute-saintonge", "role": "coordinator"}
    async with hall.desk.directory.connect("association:read", "association:write", **neighbour) as http:
        other = hall.desk.beside(http)
        asked = {"title": "AG", "starts_at": "2026-03-02T08:00:00Z", "agenda": [{"kind": "accounts", "title": "X"}]}
        assert code(await other.post("/v1/meetings", kind="ordinary-assembly", **asked)) == (
            422,
            "meeting_kind_unknown",
        )
        meeting = (await other.post("/v1/meetings", kind="meeting", **asked)).json()
        refused = await other.post(f"/v1/meetings/{meeting['id']}/ballots", item=1, question="?")
        assert code(refused) == (409, "no_vote_rules")
        assert (await other.get("/v1/meetings"))["items"][0]["id"] == meeting["id"]
        assert (await http.get(f"/v1/meetings/{hall.meeting['id']}")).status_code == 404


async def test_the_meeting_ends_once_its_votes_are_closed(hall: Hall) -> None:
    ballot = await hall.opens()
    path = f"/v1/meetings/{hall.meeting['id']}/end"
    assert code(await hall.desk.post(path, held=True)) == (409, "ballot_open")
    await hall.closes(ballot)
    ended = await hall.desk.post(path, held=True)
    assert (ended.status_code, ended.json()["state"]) == (200, "held")
    assert code(await hall.desk.post(path, held=False)) == (409, "meeting_over")
    told = [it["subject"] for it in await hall.desk.directory.outbox() if it["type"].endswith("meeting.held.v1")]
    assert told == [hall.meeting["id"]]
