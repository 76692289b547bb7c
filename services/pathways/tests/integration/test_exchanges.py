"""Exchanges between named professionals: who takes part reads and writes, nobody else; sealed; as a secure mail."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from email import message_from_bytes, policy
from typing import Any

import httpx
import pytest
from enrolling import READ, WRITE, Care

from contracts.envelope import NATIONAL
from pathways.usecases.erase_patient import erase_asked

DOCTOR = {"sub": "doctor", "rpps": "99000000093", "role": "practitioner"}
MINE, THEIRS = "infirmiere@pro.mssante.example.org", "medecin@pro.mssante.example.org"
PDF = b"%PDF-1.4 photographie de la plaie"
TEXT = "Plaie stable depuis dix jours"
OPEN: dict[str, Any] = {
    "subject": "Plaie chronique",
    "me": {"name": "Claude Martin", "secure_mailbox": MINE},
    "participants": [{"rpps": DOCTOR["rpps"], "name": "Dr Camille Durand", "secure_mailbox": THEIRS}],
}


@asynccontextmanager
async def doctor(care: Care, **claims: Any) -> AsyncIterator[httpx.AsyncClient]:
    async with care.connect(READ, WRITE, **{**DOCTOR, **claims}) as http:
        yield http


async def sent(http: httpx.AsyncClient, path: str, body: dict[str, Any], key: str = "k") -> httpx.Response:
    return await http.post(path, json=body, headers={"Idempotency-Key": key})


async def exchange(care: Care, **more: Any) -> tuple[dict[str, Any], str]:
    thread = await care.made("/v1/threads", {**OPEN, **more})
    return thread, f"/v1/threads/{thread['id']}"


async def test_two_write_and_read_with_receipts(care: Care) -> None:
    thread, path = await exchange(care)
    assert (thread["patient_id"], "subject" in thread) == (None, False)
    message = await care.made(f"{path}/messages", {"text": TEXT})
    care.clock.advance(timedelta(minutes=1))
    async with doctor(care) as http:
        (listed,) = (await http.get("/v1/threads", params={"open": True})).json()["items"]
        assert (listed["subject"], listed["unread"]) == ("Plaie chronique", 1)
        (read,) = (await http.get(f"{path}/messages")).json()["items"]
        assert (read["text"], read["author"], read["readers"]) == (TEXT, "sub:nurse-1", [])
        for key in "12":
            left = await sent(http, f"{path}/messages/read", {"message_ids": [message["id"]]}, key)
            assert left.json() == {"unread": 0}
        assert (await sent(http, f"{path}/messages", {"text": "Merci"})).status_code == 201
    newest, first = (await care.get(f"{path}/messages"))["items"]
    assert (newest["text"], [it["person"] for it in first["readers"]]) == ("Merci", [f"rpps:{DOCTOR['rpps']}"])
    assert (await care.get(path))["unread"] == 1


async def test_who_takes_no_part_finds_nothing_and_who_left_no_more(care: Care) -> None:
    _, path = await exchange(care)
    async with doctor(care, sub="other", rpps="99000000101") as stranger:
        assert (await stranger.get(path)).status_code == 404
        assert (await sent(stranger, f"{path}/messages", {"text": "x"})).status_code == 404
        assert (await stranger.get("/v1/threads")).json()["items"] == []
        joined = await care.made(f"{path}/participants", {"rpps": "99000000101"})
        assert (await stranger.get(path)).status_code == 200
        again = await care.post(f"{path}/participants", {"rpps": "99000000101"})
        assert (again.status_code, again.json()["code"]) == (409, "participant_already")
        await care.made(f"{path}/participants/{joined['id']}/remove", {}, 200)
        assert (await stranger.get(path)).json()["code"] == "thread_unknown"
    people = (await care.get(path))["participants"]
    assert [it["left_at"] is None for it in people] == [True, True, False]


async def test_a_closed_exchange_is_read_and_no_more_written_in(care: Care) -> None:
    _, path = await exchange(care)
    await care.made(f"{path}/messages", {"text": TEXT})
    await care.made(f"{path}/close", {}, 200)
    assert len((await care.get(f"{path}/messages"))["items"]) == 1
    for tail, body in (("messages", {"text": "x"}), ("close", {}), ("participants", {"account": "x"})):
        answer = await care.post(f"{path}/{tail}", body)
        assert (answer.status_code, answer.json()["code"]) == (409, "thread_closed")


async def test_on_a_patient_the_rules_of_the_care_team_hold_besides(care: Care) -> None:
    enrolment = await care.enrolment()
    _, path = await exchange(care, enrolment_id=enrolment["id"])
    async with doctor(care) as http:
        refused = await http.get(path)
        assert (refused.status_code, refused.json()["code"]) == (403, "access_refused")
        assert (await http.get("/v1/threads")).json()["items"] == []
        member = {"rpps": DOCTOR["rpps"], "role": "regular-doctor"}
        place = await care.made(f"/v1/patients/{enrolment['patient_id']}/team", member)
        assert (await http.get(path)).status_code == 200
        assert len((await http.get("/v1/threads")).json()["items"]) == 1
        await care.made(f"/v1/team-members/{place['id']}/end", {"reason": "left"}, 200)
        assert (await http.get(f"{path}/messages")).status_code == 403
        assert (await sent(http, "/v1/threads", {**OPEN, "enrolment_id": enrolment["id"]})).status_code == 403


async def test_it_is_a_mail_ready_to_send_with_its_files(care: Care) -> None:
    _, path = await exchange(care)
    message = await care.made(f"{path}/messages", {"text": TEXT})
    files, key = {"file": ("plaie.pdf", PDF)}, {"Idempotency-Key": "file"}
    made = await care.http.post(f"{path}/messages/{message['id']}/files", files=files, headers=key)
    assert made.status_code == 201, made.text
    found = await care.http.get(f"{path}/messages/{message['id']}/files/{made.json()['id']}")
    assert found.content == PDF
    answer = await care.http.get(f"{path}/mail.eml")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "message/rfc822")
    mail = message_from_bytes(answer.content, policy=policy.default)
    assert (mail["From"], mail["To"], mail["X-Unsent"]) == (MINE, THEIRS, "1")
    assert "plaie" not in mail["Subject"].lower()
    body, attached = mail.get_body(), list(mail.iter_attachments())
    assert body is not None
    assert TEXT in body.get_content()
    assert [(it.get_filename(), it.get_content()) for it in attached] == [("plaie.pdf", PDF)]
    async with doctor(care) as http:
        refused = await http.post(f"{path}/messages/{message['id']}/files", files=files, headers=key)
    assert (refused.status_code, refused.json()["code"]) == (403, "not_author")


async def test_without_mailboxes_there_is_no_mail(care: Care) -> None:
    thread = await care.made("/v1/threads", {"subject": "x", "participants": [{"account": "y"}]})
    answer = await care.http.get(f"/v1/threads/{thread['id']}/mail.eml")
    assert (answer.status_code, answer.json()["code"]) == (409, "no_secure_mailbox")


async def test_what_is_written_is_sealed(care: Care) -> None:
    thread, path = await exchange(care)
    await care.made(f"{path}/messages", {"text": TEXT})
    async with care.runtime.system.work(NATIONAL) as work:
        names = ("thread", "thread_participant", "thread_message", "change", "idempotency", "outbox")
        kept = "".join([str(await work.fetch(f"SELECT * FROM {name}")) for name in names])
    for text in ("Plaie", "Durand", "mssante"):
        assert text not in kept
    assert (await care.get(path))["subject"] == "Plaie chronique"
    assert thread["enrolment_id"] is None


async def test_an_erasure_takes_the_exchanges_on_the_patient(care: Care) -> None:
    enrolment = await care.enrolment()
    _, path = await exchange(care, enrolment_id=enrolment["id"])
    message = await care.made(f"{path}/messages", {"text": TEXT})
    await care.made(f"{path}/messages/read", {"message_ids": [message["id"]]}, 200)
    export = await care.get(f"/v1/patients/{enrolment['patient_id']}/export")
    assert export["tables"]["thread_message"][0]["body"] == TEXT
    await exchange(care)
    await care.made(f"/v1/patients/{enrolment['patient_id']}/erasure", {"reason": "patient_request"}, status=202)
    async with care.runtime.system.work(NATIONAL) as work:
        await erase_asked(work, care.runtime.keyring, care.runtime.extras["retention_rules"], 10)
    assert (await care.count("thread"), await care.count("thread_message")) == (1, 0)


@pytest.mark.parametrize(
    "body",
    [
        {"participants": []},
        {"participants": [{"rpps": "99000000093", "account": "x"}]},
        {"participants": [{"account": "x", "secure_mailbox": "a@b\nBcc: c@example.org"}]},
        {"subject": "a\u0000"},
    ],
    ids=["nobody", "two names", "header", "nul"],
)
async def test_bad_input_is_refused(care: Care, body: dict[str, Any]) -> None:
    answer = await care.post("/v1/threads", {**OPEN, **body})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")
