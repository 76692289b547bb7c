"""Minutes: generated from the record, signed by two officers or adopted by a vote, then immutable and numbered."""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio

from contracts.envelope import NATIONAL
from kit.testing.samples import check_sample

AGENDA = [
    {"kind": "information", "title": "Rapport moral"},
    {"kind": "other", "title": "Adhésion au GCS"},
    {"kind": "minutes", "title": "Procès-verbal de la séance précédente"},
]


@dataclass
class Room:
    """A board with a president, a secretary and a treasurer, and an assembly that was held."""

    desk: Any
    officers: dict[str, dict[str, Any]]
    guest: dict[str, Any]

    async def held(self, *, vote: bool = True) -> dict[str, Any]:
        """An assembly with a vote on its second item, held."""
        asked = {"kind": "ordinary-assembly", "title": "AG 2026", "starts_at": "2026-03-02T08:00:00Z"}
        meeting: dict[str, Any] = (await self.desk.post("/v1/meetings", agenda=AGENDA, **asked)).json()
        president, secretary, treasurer = (self.officers[it]["id"] for it in ("president", "secretary", "treasurer"))
        sheet = [
            {"member_id": president, "status": "present"},
            {"member_id": secretary, "status": "represented", "holder_id": president},
            {"member_id": treasurer, "status": "excused"},
            {"member_id": self.guest["id"], "status": "present"},
        ]
        signed = await self.desk.http.put(f"/v1/meetings/{meeting['id']}/attendance", json={"sheet": sheet})
        assert signed.status_code == 200, signed.text
        if vote:
            await self.voted(meeting, 2, "Adhérer au GCS e-santé")
        assert (await self.desk.post(f"/v1/meetings/{meeting['id']}/end", held=True)).status_code == 200
        return meeting

    async def voted(self, meeting: dict[str, Any], item: int, question: str, choice: str = "for") -> dict[str, Any]:
        path = f"/v1/meetings/{meeting['id']}/ballots"
        ballot: dict[str, Any] = (await self.desk.post(path, item=item, question=question)).json()
        for role in ("president", "secretary"):
            member = self.officers[role]["id"]
            cast = await self.desk.post(f"/v1/ballots/{ballot['id']}/votes", member_id=member, choices=[choice])
            assert cast.status_code == 200, cast.text
        assert (await self.desk.post(f"/v1/ballots/{ballot['id']}/close")).status_code == 200
        return ballot

    async def writes(self, meeting: dict[str, Any], text: str, **headers: str) -> Any:
        texts = {"texts": [{"item": 1, "text": text}]}
        return await self.desk.http.put(f"/v1/meetings/{meeting['id']}/minutes", json=texts, headers=headers)

    async def signs(self, meeting: dict[str, Any], role: str) -> Any:
        async with self.officer(role) as http:
            return await self.desk.beside(http).post(f"/v1/meetings/{meeting['id']}/minutes/sign")

    def officer(self, role: str) -> Any:
        claims = {"role": "practitioner", "rpps": self.officers[role]["rpps"], "sub": f"person-{role}"}
        return self.desk.directory.connect("association:vote", **claims)


def code(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def room(desk: Any) -> AsyncIterator[Room]:
    officers = {}
    for role in ("president", "secretary", "treasurer"):
        officers[role] = await desk.joins()
        for seat in (await desk.seat(officers[role], "board"), await desk.seat(officers[role], "bureau", role)):
            assert seat.status_code == 201, seat.text
    yield Room(desk, officers, await desk.joins("users-association", name="Association des Usagers d'Éxemple"))


async def test_the_draft_says_what_the_record_says(room: Room) -> None:
    meeting = await room.held()
    path = f"/v1/meetings/{meeting['id']}/minutes"
    assert code(await room.desk.http.get(path)) == (404, "minutes_unknown")
    assert (await room.writes(meeting, "La présidente <b>rappelle</b> les actions.\nDébat.")).status_code == 200
    page = (await room.desk.http.get(f"{path}/file", params={"format": "html"})).text
    for said in (
        "Procès-verbal (projet) - AG 2026",
        "Assemblée générale ordinaire",
        "2 présent(s), 1 représenté(s), 1 excusé(s)",
        "Association des Usagers d&#x27;Éxemple",
        "La présidente &lt;b&gt;rappelle&lt;/b&gt; les actions.<br>Débat.",
        "Vote : Adhérer au GCS e-santé",
        "pour : 2, contre : 0, abstention : 0",
        "Collège 4 : 13.33 % x 0/1",
        "86.67 % pour ; il faut plus de 1/2 : adopté",
    ):
        assert said in page, said
    assert "<b>" not in page
    printed = await room.desk.http.get(f"{path}/file")
    assert (printed.headers["content-type"], printed.content[:5]) == ("application/pdf", b"%PDF-")


async def test_two_officers_sign_and_nothing_changes_it(room: Room) -> None:
    meeting = await room.held()
    path = f"/v1/meetings/{meeting['id']}/minutes"
    assert code(await room.signs(meeting, "president")) == (404, "minutes_unknown")
    first = await room.writes(meeting, "Premier texte")
    assert code(await room.signs(meeting, "treasurer")) == (403, "not_an_officer")
    assert len((await room.signs(meeting, "president")).json()["signatures"]) == 1
    again = await room.writes(meeting, "Texte corrigé", **{"If-Match": first.headers["ETag"]})
    assert (again.status_code, again.json()["signatures"]) == (200, [])
    stale = await room.writes(meeting, "Autre texte", **{"If-Match": first.headers["ETag"]})
    assert code(stale) == (412, "version_mismatch")
    answers = await asyncio.gather(room.signs(meeting, "president"), room.signs(meeting, "secretary"))
    assert [it.status_code for it in answers] == [200, 200]
    found = await room.desk.get(path)
    assert (found["state"], found["way"], len(found["signatures"])) == ("approved", "signatures", 2)
    file = (await room.desk.http.get(f"{path}/file")).content
    assert hashlib.sha256(file).hexdigest() == found["pdf_sha256"]
    assert (await room.desk.http.get(f"{path}/file")).content == file
    assert code(await room.writes(meeting, "Trop tard")) == (409, "minutes_approved")
    assert code(await room.signs(meeting, "president")) == (409, "minutes_approved")
    await sample_of(room.desk, meeting)


async def sample_of(desk: Any, meeting: dict[str, Any]) -> None:
    async with desk.directory.runtime.system.work(NATIONAL) as work:
        rows = await work.fetch("SELECT body FROM outbox WHERE type LIKE '%minutes.approved%' ORDER BY seq")
        kept = await work.fetch("SELECT c::text FROM change c WHERE entity = 'minutes'")
    (body,) = (found for row in rows if (found := json.loads(row["body"]))["subject"] == meeting["id"])
    assert not any("sealed" in row[0] or "Usagers" in row[0] for row in kept)
    fixed = json.loads(json.dumps(body).replace(meeting["id"], "019ab000-0000-7000-8000-000000000001"))
    fixed["data"] |= {"sha256": "0" * 64, "number": 1}
    ids = {"id": "019ab000-0000-7000-8000-000000000002", "correlationid": "019ab000-0000-7000-8000-000000000003"}
    check_sample(fixed | ids | {"traceparent": None})


async def test_the_next_meeting_adopts_them(room: Room) -> None:
    meeting = await room.held()
    await room.writes(meeting, "Texte")
    path = f"/v1/meetings/{meeting['id']}/minutes/approve"
    other = await room.held(vote=False)
    assert code(await room.desk.post(path, ballot_id=other["id"])) == (422, "ballot_unknown")
    asked = {"kind": "board", "title": "CA", "starts_at": "2026-03-02T08:30:00Z", "agenda": AGENDA}
    board = (await room.desk.post("/v1/meetings", **asked)).json()
    sheet = [{"member_id": it["id"], "status": "present"} for it in room.officers.values()]
    await room.desk.http.put(f"/v1/meetings/{board['id']}/attendance", json={"sheet": sheet})
    wrong, refused = await room.voted(board, 2, "Autre"), await room.voted(board, 3, "Adopter ?", "against")
    assert code(await room.desk.post(path, ballot_id=wrong["id"])) == (422, "ballot_of_another_item")
    assert code(await room.desk.post(path, ballot_id=refused["id"])) == (409, "not_adopted")
    adopted = await room.voted(board, 3, "Adopter le procès-verbal")
    answer = await room.desk.post(path, ballot_id=adopted["id"])
    assert (answer.status_code, answer.json()["way"]) == (200, "vote"), answer.text
    again = await room.desk.post(path, ballot_id=adopted["id"])
    assert code(again) == (409, "minutes_approved")
    document = "019ab000-0000-7000-8000-00000000dead"
    await room.writes(other, "Texte")
    on_paper = await room.desk.post(f"/v1/meetings/{other['id']}/minutes/approve", document_id=document)
    assert code(on_paper) == (409, "way_not_allowed")


async def test_numbers_have_no_gap_when_two_are_approved_at_once(room: Room) -> None:
    meetings = [await room.held(vote=False) for _ in range(3)]
    for it in meetings:
        await room.writes(it, "Texte")
        await room.signs(it, "president")
    answers = await asyncio.gather(*(room.signs(it, "secretary") for it in meetings))
    numbers = sorted(it.json()["number"] for it in answers)
    assert numbers == list(range(numbers[0], numbers[0] + 3))


async def test_drafts_are_not_for_everybody(room: Room) -> None:
    meeting = await room.held(vote=False)
    await room.writes(meeting, "Projet")
    path = f"/v1/meetings/{meeting['id']}/minutes"
    member = await room.desk.joins()
    claims = {"role": "practitioner", "rpps": member["rpps"], "sub": "member"}
    async with room.desk.directory.connect("association:vote", **claims) as http:
        assert code(await http.get(path)) == (404, "minutes_unknown")
        await room.signs(meeting, "president")
        assert (await room.signs(meeting, "secretary")).json()["state"] == "approved"
        assert (await http.get(path)).status_code == 200
        assert code(await http.put(path, json={"texts": []})) == (403, "scope_missing")
        assert code(await http.get(f"/v1/meetings/{meeting['id']}/attendance/file")) == (403, "scope_missing")
    async with room.desk.directory.connect("association:vote", role="practitioner", rpps="99000000093") as http:
        assert code(await http.get(f"{path}/file")) == (403, "not_invited")
    scopes = ("association:read", "association:write", "association:vote")
    async with room.desk.directory.connect(*scopes, role="coordinator", territory="haute-saintonge") as http:
        assert code(await http.get(path)) == (404, "meeting_unknown")
        assert code(await http.put(path, json={"texts": []})) == (404, "meeting_unknown")
        assert code(await room.desk.beside(http).post(f"{path}/sign")) == (409, "way_not_allowed")


async def test_a_territory_without_colleges_approves_on_paper(room: Room) -> None:
    scopes = ("association:read", "association:write", "association:vote")
    async with room.desk.directory.connect(*scopes, role="coordinator", territory="haute-saintonge") as http:
        there = room.desk.beside(http)
        asked = {"kind": "meeting", "title": "AG", "starts_at": "2026-03-02T08:00:00Z"}
        meeting = (await there.post("/v1/meetings", **asked)).json()
        path = f"/v1/meetings/{meeting['id']}"
        await http.put(f"{path}/minutes", json={"texts": [{"item": 0, "text": "Constitution"}]})
        pdf = {"file": ("pv.pdf", b"%PDF-1.7 pv")}
        sent = await http.post(
            f"{path}/documents", files=pdf, data={"kind": "minutes"}, headers={"Idempotency-Key": "pv"}
        )
        approve = {"document_id": sent.json()["id"]}
        assert code(await there.post(f"{path}/minutes/approve", **approve)) == (409, "not_held")
        await there.post(f"{path}/end", held=True)
        found = await there.post(f"{path}/minutes/approve", **approve)
        assert (found.status_code, found.json()["way"], found.json()["number"]) == (200, "paper", 1)


async def test_the_sheet_names_everybody_who_may_attend(room: Room) -> None:
    meeting = await room.held(vote=False)
    path = f"/v1/meetings/{meeting['id']}/attendance/file"
    sheet = (await room.desk.http.get(path, params={"format": "csv"})).content.decode("utf-8-sig").splitlines()
    assert sheet[0] == "Nom;Collège;Présence;Pouvoir donné à"
    assert "Association des Usagers d'Éxemple;4;présent;" in sheet
    represented = [it for it in sheet if ";représenté;" in it]
    assert len(represented) == 1
    assert not represented[0].endswith(";")
    assert (await room.desk.http.get(path)).content[:5] == b"%PDF-"


@pytest.mark.parametrize("body", [{}, {"ballot_id": None, "document_id": None}])
async def test_an_approval_says_how(room: Room, body: dict[str, Any]) -> None:
    meeting = await room.held(vote=False)
    assert (await room.desk.post(f"/v1/meetings/{meeting['id']}/minutes/approve", **body)).status_code == 422
