"""Group sessions: planned, invited to, held with who came, on paper."""

import asyncio
from typing import Any

from activities import EPU, GP, NURSE, coordinating, practising
from enrolling import OTHER, Care

from contracts.activities import SessionCancelled, SessionHeld, SessionInvited, SessionPlanned

LATER = {"starts_at": "2026-12-03T19:00:00Z", "ends_at": "2026-12-03T21:00:00Z"}
PEOPLE = [
    {"rpps": GP, "profession": "10", "speaker": True, "name": "Exemple Claude"},
    {"profession": "60", "name": "Exemple Dominique"},
    {"audience": "student", "people": 6},
]


async def test_a_session_is_planned_and_its_topic_follows_from_its_theme(care: Care) -> None:
    async with coordinating(care) as desk:
        session = await desk.made("/v1/sessions", EPU)
        assert (session["topic"], session["state"], session["version"]) == ("oncology", "planned", 1)
        moved = await desk.http.put(f"/v1/sessions/{session['id']}", json=EPU | LATER)
        assert (moved.status_code, moved.json()["version"]) == (200, 2)
    assert [told["starts_at"] for told in await care.told(SessionPlanned)] == [EPU["starts_at"], LATER["starts_at"]]


async def test_words_that_nobody_knows_and_impossible_times_are_refused(care: Care) -> None:
    wrong: list[tuple[dict[str, Any], str, str]] = [
        ({"kind": "party"}, "kind", "code_unknown"),
        ({"theme": "moon"}, "theme", "code_unknown"),
        ({"topic": "diabetes"}, "theme", "theme_of_another_topic"),
        ({"ends_at": EPU["starts_at"]}, "ends_at", "period_refused"),
        ({"ends_at": "2027-11-23T10:00:00Z"}, "ends_at", "period_refused"),
    ]
    async with coordinating(care) as desk:
        for change, field, code in wrong:
            answer = await desk.post("/v1/sessions", EPU | change)
            assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)
            assert answer.json()["errors"][0]["code"] == code
        for change in ({"title": "a\x00b"}, {"title": " "}, {"capacity": 0}, {"kind": "a" * 41}):
            assert (await desk.post("/v1/sessions", EPU | change)).status_code == 422
    assert await care.told(SessionPlanned) == []


async def test_sessions_are_listed_by_filters_page_by_page_and_as_they_were(care: Care) -> None:
    async with coordinating(care) as desk:
        first = await desk.made("/v1/sessions", EPU)
        second = await desk.made("/v1/sessions", {**EPU, **LATER, "kind": "workshop", "theme": "cooking"})
        page = await desk.get("/v1/sessions", limit=1)
        assert [it["id"] for it in page["items"]] == [second["id"]]
        page = await desk.get("/v1/sessions", limit=1, cursor=page["next"])
        assert ([it["id"] for it in page["items"]], page["next"]) == ([first["id"]], None)
        for filters in ({"kind": "workshop"}, {"topic": "diabetes"}, {"since": LATER["starts_at"]}):
            assert [it["id"] for it in (await desk.get("/v1/sessions", **filters))["items"]] == [second["id"]]
        before = care.clock.now().isoformat()
        await desk.made(f"/v1/sessions/{second['id']}/cancel", {"reason": "Intempéries"}, status=200)
        assert (await desk.get("/v1/sessions", state="planned", at=before))["items"][0]["id"] == second["id"]
        assert [it["id"] for it in (await desk.get("/v1/sessions", state="planned"))["items"]] == [first["id"]]
    assert await care.told(SessionCancelled) == [{"session_id": second["id"], "kind": "workshop"}]


async def test_a_professional_is_invited_once_and_answers_for_themself(care: Care) -> None:
    async with coordinating(care) as desk, practising(care) as gp:
        session = await desk.made("/v1/sessions", EPU | LATER)
        path = f"/v1/sessions/{session['id']}/invitations"
        await desk.made(path, {"rpps": [GP, NURSE]}, status=200)
        assert len(await desk.made(path, {"rpps": [GP]}, status=200)) == 2
        assert sorted(told["rpps"] for told in await care.told(SessionInvited)) == [GP, NURSE]
        assert (await gp.made(f"{path}/{GP}/answer", {"comes": True}, status=200))["state"] == "accepted"
        refused = await gp.post(f"{path}/{NURSE}/answer", {"comes": True})
        assert (refused.status_code, refused.json()["code"]) == (403, "not_own_entry")
        assert (await gp.post(path, {"rpps": [GP]})).status_code == 403
        await desk.made(f"{path}/{NURSE}/withdraw", status=200)
        await desk.made(path, {"rpps": [NURSE]}, status=200)
        assert len(await care.told(SessionInvited)) == 3
        unknown = await desk.post(f"{path}/99000000024/answer", {"comes": True})
        assert (unknown.status_code, unknown.json()["code"]) == (404, "invitation_unknown")


async def test_the_last_seat_has_one_taker(care: Care) -> None:
    async with coordinating(care) as desk:
        session = await desk.made("/v1/sessions", {**EPU, **LATER, "capacity": 1})
        path = f"/v1/sessions/{session['id']}/invitations"
        people = [f"990000{number:05}" for number in range(6)]
        await desk.made(path, {"rpps": people}, status=200)
        answers = await asyncio.gather(*(desk.post(f"{path}/{one}/answer", {"comes": True}) for one in people))
        assert sorted(it.status_code for it in answers) == [200, *[409] * 5]
        assert {it.json()["code"] for it in answers if it.status_code == 409} == {"session_full"}


async def test_who_came_is_told_by_profession_and_a_correction_replaces_it(care: Care) -> None:
    async with coordinating(care) as desk:
        session = await desk.held(PEOPLE)
        path = f"/v1/sessions/{session['id']}/attendance"
        kept = {
            line["rpps"] or line["name"] or line["audience"]: line["id"] for line in (await desk.get(path))["lines"]
        }
        corrected = [PEOPLE[0], PEOPLE[2], {"profession": "60", "people": 2}]
        lines = (await desk.made(path, {"lines": corrected}, status=200))["lines"]
        assert {kept[GP], kept["student"]} < {line["id"] for line in lines}
        assert len(lines) == 3
    first, last = await care.told(SessionHeld)
    assert first["professionals"] == [
        {"rpps": GP, "profession": "10", "speaker": True},
        {"rpps": None, "profession": "60", "speaker": False},
    ]
    assert first["others"] == [{"audience": "student", "people": 6}]
    assert [it["profession"] for it in last["professionals"]] == ["10", "60", "60"]
    assert "Exemple" not in str(await care.outbox())


async def test_a_sheet_that_cannot_be_is_refused_with_its_line(care: Care) -> None:
    wrong: list[tuple[dict[str, Any], str, str]] = [
        ({"profession": "1000"}, "lines.1.profession", "code_unknown"),
        ({}, "lines.1.profession", "profession_of_professional"),
        ({"audience": "patient", "profession": "60"}, "lines.1.profession", "profession_of_professional"),
        ({"rpps": GP, "profession": "10"}, "lines.0.rpps", "rpps_twice"),
        ({"rpps": NURSE, "profession": "60", "people": 2}, "lines.1.rpps", "rpps_of_one"),
        ({"audience": "patient", "name": "Exemple Camille"}, "lines.1.name", "name_refused"),
    ]
    async with coordinating(care) as desk:
        session = await desk.made("/v1/sessions", EPU)
        for line, field, code in wrong:
            answer = await desk.post(f"/v1/sessions/{session['id']}/attendance", {"lines": [PEOPLE[0], line]})
            assert answer.status_code == 422, answer.text
            assert (answer.json()["errors"][0]["field"], answer.json()["errors"][0]["code"]) == (field, code)
    assert await care.told(SessionHeld) == []


async def test_a_session_to_come_or_cancelled_has_no_attendance_and_a_held_one_stays(care: Care) -> None:
    async with coordinating(care) as desk:
        to_come = await desk.made("/v1/sessions", EPU | LATER)
        path = f"/v1/sessions/{to_come['id']}"
        assert (await desk.post(f"{path}/attendance", {"lines": PEOPLE})).json()["code"] == "session_to_come"
        await desk.made(f"{path}/cancel", {"reason": "Intempéries"}, status=200)
        assert (await desk.post(f"{path}/attendance", {"lines": PEOPLE})).json()["code"] == "session_cancelled"
        held = await desk.held(PEOPLE)
        for answer in (
            await desk.post(f"/v1/sessions/{held['id']}/cancel", {"reason": "Erreur"}),
            await desk.http.put(f"/v1/sessions/{held['id']}", json=EPU),
            await desk.post(f"/v1/sessions/{held['id']}/invitations", {"rpps": [GP]}),
        ):
            assert (answer.status_code, answer.json()["code"]) == (409, "session_over")


async def test_a_certificate_is_for_who_took_part(care: Care) -> None:
    async with coordinating(care) as desk, practising(care) as gp, practising(care, NURSE) as nurse:
        session = await desk.held(PEOPLE)
        lines = (await desk.get(f"/v1/sessions/{session['id']}/attendance"))["lines"]
        own, other, group = (f"/v1/sessions/{session['id']}/attendance/{it['id']}/certificate.pdf" for it in lines)
        answer = await gp.http.get(own)
        assert (answer.status_code, answer.headers["content-type"], answer.content[:5]) == (
            200,
            "application/pdf",
            b"%PDF-",
        )
        assert (await gp.http.get(own)).content == answer.content
        assert [(await nurse.http.get(path)).status_code for path in (own, other)] == [403, 403]
        assert (await desk.http.get(other)).status_code == 200
        assert (await desk.http.get(group)).json()["code"] == "no_certificate"
        assert (await desk.http.get(f"/v1/sessions/{session['id']}/sheet.pdf")).content[:5] == b"%PDF-"
        workshop = await desk.held([PEOPLE[0]], kind="workshop", theme="cooking")
        (line,) = (await desk.get(f"/v1/sessions/{workshop['id']}/attendance"))["lines"]
        refused = await gp.http.get(f"/v1/sessions/{workshop['id']}/attendance/{line['id']}/certificate.pdf")
        assert (refused.status_code, refused.json()["code"]) == (409, "no_certificate")


async def test_documents_of_a_session(care: Care) -> None:
    async with coordinating(care) as desk, practising(care) as gp:
        session = await desk.made("/v1/sessions", EPU)
        path = f"/v1/sessions/{session['id']}/documents"
        file = {"file": ("support.pdf", b"%PDF-1.7 text", "application/pdf")}
        document = await desk.made(path, files=file, data={"kind": "slides"})
        read = await gp.http.get(f"{path}/{document['id']}/file")
        assert (read.content, read.headers["content-type"]) == (b"%PDF-1.7 text", "application/pdf")
        disguised = await desk.post(path, files={"file": ("support.pdf", b"MZ not a PDF", "application/pdf")})
        assert (disguised.status_code, disguised.json()["errors"][0]["code"]) == (422, "file_type_refused")
        large = await desk.post(path, files={"file": ("large.pdf", b"%PDF-" + b"0" * 10_000_001, "application/pdf")})
        assert (large.status_code, large.json()["code"]) == (413, "file_too_large")
        await desk.made(f"{path}/{document['id']}/withdraw", status=200)
        assert await gp.get(path) == []
        assert (await gp.http.get(f"{path}/{document['id']}/file")).status_code == 410


async def test_another_territory_sees_and_changes_nothing(care: Care) -> None:
    async with coordinating(care) as desk, coordinating(care, territory=OTHER) as theirs:
        session = await desk.held(PEOPLE)
        path = f"/v1/sessions/{session['id']}"
        assert (await theirs.get("/v1/sessions"))["items"] == []
        for part in ("", "/invitations", "/attendance", "/documents", "/sheet.pdf"):
            assert (await theirs.http.get(path + part)).status_code == 404
        assert (await theirs.post(f"{path}/attendance", {"lines": PEOPLE})).status_code == 404
        assert (await theirs.post(f"{path}/cancel", {"reason": "x"})).status_code == 404


async def test_names_on_the_sheet_are_sealed_everywhere(care: Care) -> None:
    async with coordinating(care) as desk:
        await desk.held(PEOPLE)
    async with care.runtime.system.work("fr") as work:
        kept = [
            str(dict(row)) for table in ("attendance", "change") for row in await work.fetch(f"SELECT * FROM {table}")
        ]
    assert len(kept) > 3
    assert not any("Exemple" in row for row in kept)
