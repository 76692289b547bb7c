"""Documents put before a meeting, who may read them, and the convocation within its delay."""

from typing import Any

import pytest

from directory.domain.meeting_documents import MOST_BYTES

KEYS = iter(range(1, 1000))
PDF = b"%PDF-1.7 comptes"


async def meeting(desk: Any, kind: str = "ordinary-assembly", day: str = "2026-03-20") -> dict[str, Any]:
    agenda = [{"kind": "accounts", "title": "Comptes annuels"}]
    answer = await desk.post(
        "/v1/meetings",
        kind=kind,
        title="AG 2026",
        starts_at=f"{day}T18:00:00Z",
        place="Salle polyvalente",
        agenda=agenda,
    )
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def put(desk: Any, of: dict[str, Any], name: str = "comptes.pdf", content: bytes = PDF, **form: Any) -> Any:
    key = {"Idempotency-Key": f"document-{next(KEYS)}"}
    path = f"/v1/meetings/{of['id']}/documents"
    return await desk.http.post(path, files={"file": (name, content)}, data={"kind": "accounts"} | form, headers=key)


def code(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


async def test_a_new_text_is_a_new_edition_and_bytes_stay(desk: Any) -> None:
    found = await meeting(desk)
    first, second = await put(desk, found), await put(desk, found, content=PDF + b" 2")
    assert [it.json()["edition"] for it in (first, second)] == [1, 2]
    path = f"/v1/meetings/{found['id']}/documents"
    file = await desk.http.get(f"{path}/{first.json()['id']}/file")
    assert (file.content, file.headers["etag"]) == (PDF, f'"{first.json()["sha256"]}"')
    assert (file.headers["content-type"], file.headers["x-content-type-options"]) == ("application/pdf", "nosniff")
    gone = await desk.post(f"{path}/{first.json()['id']}/withdraw")
    assert gone.status_code == 200, gone.text
    assert [it["edition"] for it in (await desk.http.get(path)).json()] == [2]
    assert code(await desk.post(f"{path}/{first.json()['id']}/withdraw")) == (409, "withdrawn_already")
    third = await put(desk, found)
    assert third.json()["edition"] == 3


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("comptes.exe", b"MZ", (422, "file_type_refused")),
        ("comptes.pdf", b"<html>", (422, "file_type_refused")),
        ("comptes.xlsm", b"PK\x03\x04", (422, "file_type_refused")),
        ("comptes.pdf", b"", (422, "file_type_refused")),
        ("comptes.pdf", PDF + b" " * MOST_BYTES, (413, "file_too_large")),
    ],
)
async def test_files_that_are_not_taken(desk: Any, name: str, content: bytes, expected: tuple[int, str]) -> None:
    assert code(await put(desk, await meeting(desk), name, content)) == expected


async def test_the_same_key_keeps_one_document(desk: Any) -> None:
    found = await meeting(desk)
    path, key = f"/v1/meetings/{found['id']}/documents", {"Idempotency-Key": "the same"}
    one = await desk.http.post(path, files={"file": ("a.pdf", PDF)}, data={"kind": "report"}, headers=key)
    two = await desk.http.post(path, files={"file": ("a.pdf", PDF)}, data={"kind": "report"}, headers=key)
    assert (one.json()["id"], two.json()["id"]) == (one.json()["id"],) * 2
    other = await desk.http.post(path, files={"file": ("a.pdf", PDF + b"!")}, data={"kind": "report"}, headers=key)
    assert other.status_code == 422


async def test_who_may_attend_reads_and_nobody_else(desk: Any) -> None:
    member = await desk.joins()
    found = await meeting(desk)
    board = await meeting(desk, "board")
    document = (await put(desk, found)).json()
    path = f"/v1/meetings/{found['id']}/documents"
    claims = {"role": "practitioner", "rpps": member["rpps"], "sub": "member"}
    async with desk.directory.connect("association:vote", **claims) as http:
        assert [it["id"] for it in (await http.get(path)).json()] == [document["id"]]
        assert (await http.get(f"{path}/{document['id']}/file")).content == PDF
        assert code(await http.get(f"/v1/meetings/{board['id']}/documents")) == (403, "not_invited")
        assert code(await put(desk.beside(http), found)) == (403, "scope_missing")
        refused = await desk.beside(http).post(f"/v1/meetings/{found['id']}/convocations")
        assert code(refused) == (403, "scope_missing")
    async with desk.directory.connect("association:vote", role="practitioner", rpps="99000000093") as http:
        strangers = (await http.get(path), await http.get(f"{path}/{document['id']}/file"))
        assert [code(it) for it in strangers] == [(403, "not_invited")] * 2
    scopes = ("association:read", "association:write", "association:vote")
    async with desk.directory.connect(*scopes, role="coordinator", territory="haute-saintonge") as http:
        there = desk.beside(http)
        assert code(await http.get(path)) == (404, "meeting_unknown")
        assert code(await there.post(f"/v1/meetings/{found['id']}/convocations")) == (404, "meeting_unknown")
        assert code(await put(there, found)) == (404, "meeting_unknown")


async def test_the_convocation_reaches_who_has_a_channel_and_names_the_others(desk: Any) -> None:
    reached, other = await desk.joins(), await desk.joins("users-association", name="Association sans adresse")
    await confirmed_channel(desk, reached["rpps"])
    found = await meeting(desk)
    await put(desk, found)
    path = f"/v1/meetings/{found['id']}/convocations"
    sent = await desk.post(path)
    assert sent.status_code == 201, sent.text
    body = sent.json()
    assert (body["notice_days"], body["asked_days"], body["late"], body["written"]) == (17, 15, False, 1)
    assert other["id"] in body["unreachable"]
    assert reached["id"] not in body["unreachable"]
    assert [it["id"] for it in (await desk.http.get(path)).json()] == [body["id"]]
    async with desk.directory.connect("messages:read", role="coordinator") as http:
        items = (await http.get("/v1/messages", params={"limit": 200})).json()["items"]
    assert [it["kind"] for it in items if it["recipient"]["id"] == reached["rpps"]].count("meeting_convocation") == 1


async def confirmed_channel(desk: Any, rpps: str) -> None:
    """An address that its owner has confirmed, without waiting for the mail."""
    async with desk.directory.connect("channels:read", "channels:write", role="coordinator") as http:
        owner = {"kind": "rpps", "id": rpps}
        body = {"owner": owner, "kind": "email", "address": "member@example.org", "purposes": ["association"]}
        answer = await desk.beside(http).post("/v1/channels", **body)
        assert answer.status_code == 201, answer.text
    async with desk.directory.runtime.db.work("pays-de-redon") as work:
        await work.execute("UPDATE channel SET verified_at = now() WHERE owner = $1", rpps)


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
async def test_a_meeting_has_a_day_in_paris(desk: Any, day: str) -> None:
    asked = {"kind": "board", "title": "CA", "starts_at": f"{day}T23:59:59Z"}
    assert code(await desk.post("/v1/meetings", **asked)) == (422, "invalid_input")


async def test_a_convocation_too_late_is_flagged_or_refused(desk: Any) -> None:
    late = await meeting(desk, day="2026-03-10")
    flagged = await desk.post(f"/v1/meetings/{late['id']}/convocations")
    assert (flagged.status_code, flagged.json()["late"], flagged.json()["notice_days"]) == (201, True, 7)
    extraordinary = await meeting(desk, "extraordinary-assembly", day="2026-03-10")
    assert code(await desk.post(f"/v1/meetings/{extraordinary['id']}/convocations")) == (409, "notice_too_short")
    assert (await desk.http.get(f"/v1/meetings/{extraordinary['id']}/convocations")).json() == []
    cancelled = await desk.post(f"/v1/meetings/{late['id']}/end", held=False)
    assert cancelled.status_code == 200
    assert code(await desk.post(f"/v1/meetings/{late['id']}/convocations")) == (409, "meeting_over")
    assert code(await put(desk, late)) == (409, "meeting_cancelled")
