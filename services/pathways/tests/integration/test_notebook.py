"""The liaison notebook: written by the team, never changed, read with receipts, files encrypted, gone with the key."""

from typing import Any

import pytest
from enrolling import CONSENT, READ, WRITE, Care, anybody

from contracts.coordination import NoteWritten
from contracts.envelope import NATIONAL
from kit.blobs import read_bytes
from pathways.usecases.erase_patient import erase_asked
from pathways.usecases.remove_blobs import remove_blobs

NURSE = {"sub": "nurse-2", "role": "care"}
TEXT = "Fièvre à 38,7 °C depuis hier soir"
PDF = b"%PDF-1.4 compte rendu de biologie"


async def started_notebook(care: Care) -> tuple[dict[str, Any], str]:
    enrolment = await care.enrolment()
    await care.made(f"/v1/patients/{enrolment['patient_id']}/team", {"account": "nurse-2", "role": "nurse"})
    return enrolment, f"/v1/enrolments/{enrolment['id']}/notes"


async def test_the_team_writes_and_reads_with_receipts(care: Care) -> None:
    _, path = await started_notebook(care)
    note = await care.made(path, {"kind": "fever", "text": TEXT})
    assert "text" not in note
    assert (note["event"], note["writer"], note["role"]) == (True, "professional", "pathway-referent")
    async with care.connect(READ, WRITE, **NURSE) as nurse:
        page = (await nurse.get(path, params={"unread": True})).json()
        assert (page["unread"], [it["text"] for it in page["items"]]) == (1, [TEXT])
        again = (await nurse.get(path)).json()
        assert again["unread"] == 1
        for key in "12":
            body = {"note_ids": [note["id"]]}
            read = await nurse.post(f"{path}/read", json=body, headers={"Idempotency-Key": key})
            assert read.json() == {"unread": 0}
        assert (await nurse.get(path, params={"unread": True})).json()["items"] == []
    readers = (await care.get(f"/v1/notes/{note['id']}/readers"))["items"]
    assert [it["person"] for it in readers] == ["sub:nurse-2"]
    assert (await care.get(path))["unread"] == 0
    (told,) = await care.told(NoteWritten)
    assert (told["kind"], told["event"], told["writer"]) == ("fever", True, "professional")


async def test_a_correction_is_one_more_note_by_who_wrote_it(care: Care) -> None:
    _, path = await started_notebook(care)
    note = await care.made(path, {"kind": "observation", "text": "Pansement non refait"})
    right = {"kind": "observation", "text": "Pansement refait", "corrects": note["id"]}
    correction = await care.made(path, right)
    newest, first = (await care.get(path))["items"]
    assert (first["text"], first["corrected_by"]) == ("Pansement non refait", correction["id"])
    assert (newest["corrects"], newest["corrected_by"]) == (note["id"], None)
    async with care.connect(READ, WRITE, **NURSE) as nurse:
        refused = await nurse.post(path, json=right, headers={"Idempotency-Key": "k"})
    assert (refused.status_code, refused.json()["code"]) == (403, "not_author")
    other = await care.made("/v1/enrolments", await _another(care))
    elsewhere = await care.post(f"/v1/enrolments/{other['id']}/notes", right)
    assert (elsewhere.status_code, elsewhere.json()["code"]) == (404, "note_unknown")


async def _another(care: Care) -> dict[str, Any]:
    patient = await care.made("/v1/patients", anybody(3))
    return {"patient_id": patient["id"], "template": "lung-cancer", "started_on": "2026-11-23", "consent": CONSENT}


async def test_lists_are_filtered_and_paged(care: Care) -> None:
    _, path = await started_notebook(care)
    for number in range(3):
        await care.made(path, {"kind": "observation", "text": f"Visite {number}"})
    await care.made(path, {"kind": "fall", "text": "Chute dans la cuisine"})
    assert [it["kind"] for it in (await care.get(path, event=True))["items"]] == ["fall"]
    assert len((await care.get(path, kind="observation"))["items"]) == 3
    first = await care.get(path, limit=3)
    rest = await care.get(path, limit=3, cursor=first["next"])
    assert [len(first["items"]), len(rest["items"]), rest["next"]] == [3, 1, None]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"kind": "gossip", "text": "x"}, "kind_unknown"),
        ({"kind": "fever", "text": " "}, "invalid_input"),
        ({"kind": "fever", "text": "a\u0000"}, "invalid_input"),
        ({"kind": "fever", "text": "x" * 4001}, "invalid_input"),
        ({"kind": "fever", "text": "x", "occurred_at": "2027-01-01T00:00:00Z"}, "day_refused"),
    ],
    ids=["kind", "blank", "nul", "long", "future"],
)
async def test_bad_input_is_refused(care: Care, body: dict[str, Any], code: str) -> None:
    _, path = await started_notebook(care)
    answer = await care.post(path, body)
    assert (answer.status_code, answer.json()["code"]) == (422, code)


async def test_a_note_on_a_patient_one_does_not_follow_is_refused(care: Care) -> None:
    _, path = await started_notebook(care)
    async with care.connect(READ, WRITE, sub="stranger", role="practitioner") as stranger:
        answer = await stranger.post(path, json={"kind": "fever", "text": "x"}, headers={"Idempotency-Key": "k"})
    assert (answer.status_code, answer.json()["code"]) == (403, "access_refused")


async def attach(care: Care, note: dict[str, Any], name: str, content: bytes, key: str = "file") -> Any:
    files = {"file": (name, content)}
    return await care.http.post(f"/v1/notes/{note['id']}/files", files=files, headers={"Idempotency-Key": key})


async def test_a_file_is_kept_encrypted_and_given_back_as_it_was(care: Care) -> None:
    _, path = await started_notebook(care)
    note = await care.made(path, {"kind": "observation", "text": "Résultat joint"})
    made = await attach(care, note, "biologie.pdf", PDF)
    assert made.status_code == 201, made.text
    (listed,) = (await care.get(path))["items"]
    assert [it["name"] for it in listed["files"]] == ["biologie.pdf"]
    found = await care.http.get(f"/v1/notes/{note['id']}/files/{made.json()['id']}")
    assert (found.content, found.headers["content-type"]) == (PDF, "application/pdf")
    (blob,) = await _blobs(care)
    assert b"biologie" not in await read_bytes(care.runtime.blobs, blob)


async def _blobs(care: Care) -> list[str]:
    async with care.runtime.system.work(NATIONAL) as work:
        return [row["blob"] for row in await work.fetch("SELECT blob FROM note_file")]


async def test_an_oversized_or_disguised_file_is_refused_and_nothing_is_kept(care: Care) -> None:
    _, path = await started_notebook(care)
    note = await care.made(path, {"kind": "observation", "text": "x"})
    disguised = await attach(care, note, "photo.png", PDF, "1")
    macros = await attach(care, note, "lettre.docm", b"PK\x03\x04", "2")
    large = await attach(care, note, "gros.pdf", PDF + b"x" * 10_000_001, "3")
    assert [disguised.status_code, macros.status_code, large.status_code] == [422, 422, 413]
    assert await _blobs(care) == []
    async with care.connect(READ, WRITE, **NURSE) as nurse:
        files = {"file": ("b.pdf", PDF)}
        answer = await nurse.post(f"/v1/notes/{note['id']}/files", files=files, headers={"Idempotency-Key": "k"})
    assert (answer.status_code, answer.json()["code"]) == (403, "not_author")


async def test_an_erasure_takes_the_notes_and_the_files(care: Care) -> None:
    enrolment, path = await started_notebook(care)
    note = await care.made(path, {"kind": "fever", "text": TEXT})
    await attach(care, note, "biologie.pdf", PDF)
    (blob,) = await _blobs(care)
    export = await care.get(f"/v1/patients/{enrolment['patient_id']}/export")
    assert (export["tables"]["note"][0]["text"], export["tables"]["note_file"][0]["name"]) == (TEXT, "biologie.pdf")
    await care.made(f"/v1/patients/{enrolment['patient_id']}/erasure", {"reason": "patient_request"}, status=202)
    async with care.runtime.system.work(NATIONAL) as work:
        assert await erase_asked(work, care.runtime.keyring, care.runtime.extras["retention_rules"], 10) == 1
    assert await care.count("note") + await care.count("note_file") == 0
    for left in (1, 0):
        async with care.runtime.system.work(NATIONAL) as work:
            assert await remove_blobs(work, care.runtime.blobs, 10) == left
    with pytest.raises(FileNotFoundError):
        await read_bytes(care.runtime.blobs, blob)


async def test_a_merge_moves_notebook_plan_and_exchanges(care: Care) -> None:
    enrolment, path = await started_notebook(care)
    note = await care.made(path, {"kind": "fever", "text": TEXT})
    await attach(care, note, "biologie.pdf", PDF)
    plan = await care.made(f"/v1/enrolments/{enrolment['id']}/care-plans", {"note": "À relire"})
    body = {"subject": "Avis", "enrolment_id": enrolment["id"], "participants": [{"account": "nurse-2"}]}
    thread = await care.made("/v1/threads", body)
    keeper = await care.made("/v1/patients", anybody(5))
    merge = await care.post(f"/v1/patients/{keeper['id']}/merge", {"other_id": enrolment["patient_id"]})
    assert merge.status_code in (200, 204), merge.text
    (moved,) = (await care.get(path))["items"]
    assert (moved["text"], [it["name"] for it in moved["files"]]) == (TEXT, ["biologie.pdf"])
    assert (await care.get(f"/v1/care-plans/{plan['id']}"))["content"]["note"] == "À relire"
    assert (await care.get(f"/v1/threads/{thread['id']}"))["patient_id"] == keeper["id"]
