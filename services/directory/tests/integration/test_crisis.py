"""Crisis plans, activations, exercises and lessons: what they do, what they refuse, and the wrong caller."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest_asyncio

from kit.clock import FixedClock

SCOPES = ("crisis:read", "crisis:write", "crisis:documents", "directory:history")
DOCTOR, NURSE = "99000000093", "99000002388"
STEPS = [{"action": "Prévenir les cabinets", "role": "Coordinatrice", "within_minutes": 15}]
PDF = b"%PDF-1.7\n" + b"0" * 100
NOBODY = "019ab000-0000-7000-8000-000000000001"


class Cell:
    """A coordinator's desk in a crisis (*cellule de crise*)."""

    def __init__(self, directory: Any, http: Any, clock: FixedClock) -> None:
        self.directory, self.http, self.clock = directory, http, clock

    async def post(self, path: str, body: Any = None, status: int = 201) -> dict[str, Any]:
        answer = await self.http.post(f"/v1{path}", json=body or {}, headers={"Idempotency-Key": uuid4().hex})
        assert answer.status_code == status, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def refused(self, path: str, body: Any = None, status: int = 409) -> str:
        return str((await self.post(path, body, status))["code"])

    async def get(self, path: str, **params: Any) -> Any:
        answer = await self.http.get(f"/v1{path}", params=params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def plan(self, **change: Any) -> dict[str, Any]:
        body = {"type": "amavi", "title": "Afflux", "responsible": "Référent crises", "steps": STEPS} | change
        return await self.post("/crisis-plans", body)

    async def adopted(self, **change: Any) -> dict[str, Any]:
        plan = await self.plan(**change)
        return await self.post(f"/crisis-plans/{plan['id']}/adopt", status=200)

    async def upload(self, plan: str, content: bytes, name: str, key: str = "") -> Any:
        form = {"kind": "plan-blanc", "title": "Plan Blanc"}
        headers = {"Idempotency-Key": key or uuid4().hex}
        return await self.http.post(
            f"/v1/crisis-plans/{plan}/files", data=form, files={"file": (name, content)}, headers=headers
        )

    async def told(self, subject: str) -> list[str]:
        short = lambda it: it["type"].removeprefix("fr.cpts.directory.").removesuffix(".v1")  # noqa: E731
        return [short(it) for it in await self.directory.outbox() if it["subject"] == subject]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def cell(new_settings: Any, templates: Any, issuer: Any, start: Any) -> AsyncIterator[Cell]:
    clock = FixedClock(datetime(2026, 11, 2, 8, tzinfo=UTC))
    settings = await new_settings(templates.sampled, max_document_bytes=1000)
    async with (
        start(settings, issuer, clock) as directory,
        directory.connect(*SCOPES, role="coordinator", sub="coordinator") as http,
    ):
        yield Cell(directory, http, clock)


async def test_a_plan_is_adopted_revised_and_its_versions_never_change(cell: Cell) -> None:
    plan = await cell.adopted(title="Afflux, première version")
    path = f"/crisis-plans/{plan['id']}"
    assert (plan["state"], plan["number"], plan["review"]) == ("adopted", 1, "planned")
    assert await cell.refused(f"{path}/adopt") == "plan_adopted"
    changed = {"type": "amavi", "title": "Afflux, deuxième", "responsible": "Référent", "steps": STEPS * 2}
    stale = await cell.http.put(f"/v1{path}", json=changed, headers={"If-Match": '"1"'})
    assert (stale.status_code, stale.json()["code"]) == (412, "version_mismatch")
    revised = (await cell.http.put(f"/v1{path}", json=changed, headers={"If-Match": '"2"'})).json()
    assert (revised["state"], revised["number"]) == ("revised", 1)
    again = await cell.post(f"{path}/adopt", {"review_on": "2027-02-01"}, status=200)
    assert (again["number"], again["review_on"]) == (2, "2027-02-01")
    second, first = (await cell.get(f"{path}/versions"))["items"]
    assert (first["title"], len(first["steps"])) == ("Afflux, première version", 1)
    assert (second["title"], len(second["steps"])) == ("Afflux, deuxième", 2)
    assert await cell.told(plan["id"]) == ["crisis_plan.adopted"] * 2


async def test_the_database_refuses_to_change_what_was_adopted_or_written(cell: Cell) -> None:
    await cell.adopted()
    for table in ("crisis_plan_version", "crisis_journal"):
        async with cell.directory.runtime.db.work("pays-de-redon") as work:
            may = await work.fetchval("SELECT has_table_privilege($1, 'UPDATE')", table)
        assert may is False


async def test_a_plan_without_steps_is_not_adopted_and_a_withdrawn_one_stays_so(cell: Cell) -> None:
    empty = await cell.plan(steps=[])
    assert await cell.refused(f"/crisis-plans/{empty['id']}/adopt") == "plan_empty"
    assert (
        await cell.refused("/crisis-plans", {"type": "nope", "title": "x", "responsible": "y"}, 422) == "code_unknown"
    )
    plan = await cell.adopted()
    path = f"/crisis-plans/{plan['id']}"
    gone = await cell.post(f"{path}/withdraw", {"reason": "Remplacé"}, status=200)
    assert (gone["state"], gone["review"]) == ("withdrawn", "none")
    assert (await cell.post(f"{path}/withdraw", {"reason": "Encore"}, status=200))["version"] == gone["version"]
    assert await cell.refused(f"{path}/adopt") == "plan_withdrawn"
    assert await cell.told(plan["id"]) == ["crisis_plan.adopted", "crisis_plan.withdrawn"]


async def test_plans_are_counted_by_type_as_of_a_day_and_due_for_review(cell: Cell) -> None:
    before = {it["type"]: it["count"] for it in (await cell.get("/crisis-plans/counts"))["counts"]}
    plan = await cell.adopted(type="nrc")
    today = cell.clock.now().date().isoformat()
    cell.clock.advance(timedelta(days=1))
    await cell.adopted(type="nrc")
    then = {it["type"]: it for it in (await cell.get("/crisis-plans/counts", at=today))["counts"]}
    assert (then["nrc"]["count"], then["nrc"]["orsan"]) == (before.get("nrc", 0) + 1, True)
    now = {it["type"]: it["count"] for it in (await cell.get("/crisis-plans/counts"))["counts"]}
    assert now["nrc"] == before.get("nrc", 0) + 2
    path = f"/crisis-plans/{plan['id']}"
    assert (await cell.get(path, at="2027-08-20"))["review"] == "due"  # 90 days before the review: Redon's own rule
    assert (await cell.get(path, at="2027-12-01"))["review"] == "overdue"


async def test_documents_are_links_or_checked_files_for_those_who_may_read_them(cell: Cell) -> None:
    plan = await cell.plan()
    path = f"/crisis-plans/{plan['id']}"
    link = {"kind": "plan-bleu", "title": "Plan Bleu", "url": "https://www.example.org/bleu.pdf"}
    await cell.post(f"{path}/documents", link)
    assert await cell.refused(f"{path}/documents", link | {"finess": "999999999"}, 422) == "structure_unknown"
    answer = await cell.upload(plan["id"], PDF, "plan.pdf", key="same")
    assert answer.status_code == 201, answer.text
    file = answer.json()
    assert (file["media_type"], file["size"]) == ("application/pdf", len(PDF))
    assert (await cell.upload(plan["id"], PDF, "plan.pdf", key="same")).json()["id"] == file["id"]
    assert (await cell.upload(plan["id"], PDF + b"x", "plan.pdf", key="same")).status_code == 422
    for content, name, status, code in (
        (b"MZ\x90", "plan.pdf", 422, "file_type_refused"),
        (PDF * 20, "plan.pdf", 413, "file_too_large"),
    ):
        refused = await cell.upload(plan["id"], content, name)
        assert (refused.status_code, refused.json()["code"]) == (status, code)
    read = await cell.http.get(f"/v1/crisis-documents/{file['id']}/file")
    assert (read.content, read.headers["content-type"]) == (PDF, "application/pdf")
    assert len((await cell.get(f"{path}/documents"))["items"]) == 2
    async with cell.directory.connect("crisis:read", role="practitioner", rpps=DOCTOR) as other:
        for closed in (f"{path}/documents", f"/crisis-documents/{file['id']}/file"):
            assert (await other.get(f"/v1{closed}")).status_code == 403
    await cell.post(f"/crisis-documents/{file['id']}/end", status=200)
    await cell.post(f"{path}/adopt", status=200)
    (version,) = (await cell.get(f"{path}/versions"))["items"]
    assert [it["title"] for it in version["documents"]] == ["Plan Bleu"]


async def test_where_a_file_is_kept_is_in_no_answer_and_no_history(cell: Cell) -> None:
    plan = await cell.plan()
    file = (await cell.upload(plan["id"], PDF, "plan.pdf")).json()
    history = await cell.get("/history", entity="crisis_document", key=file["id"])
    assert "blob" not in json.dumps([file, history])


async def test_a_plan_is_put_in_force_once_and_its_journal_only_grows(cell: Cell) -> None:
    draft = await cell.plan()
    reason = {"reason": "Accident de car"}
    assert await cell.refused(f"/crisis-plans/{draft['id']}/activations", reason) == "plan_not_adopted"
    plan = await cell.adopted()
    crisis = await cell.post(f"/crisis-plans/{plan['id']}/activations", reason)
    assert await cell.refused(f"/crisis-plans/{plan['id']}/activations", reason) == "plan_running"
    assert await cell.refused(f"/crisis-plans/{plan['id']}/withdraw", reason) == "plan_running"
    path = f"/crisis-activations/{crisis['id']}"
    await cell.post(f"{path}/journal", {"kind": "decision", "text": "Deux cabinets restent ouverts"})
    late = {"kind": "fact", "text": "Bus signalé", "happened_at": "2026-11-02T07:00:00+01:00"}
    cell.clock.advance(timedelta(minutes=1))
    await cell.post(f"{path}/journal", late)
    later = late | {"happened_at": (cell.clock.now() + timedelta(hours=1)).isoformat()}
    assert await cell.refused(f"{path}/journal", later, 422) == "happens_later"
    lines = (await cell.get(f"{path}/journal"))["items"]
    assert [(it["kind"], it["written_by"]) for it in lines] == [("decision", "coordinator"), ("fact", "coordinator")]
    ended = await cell.post(f"{path}/end", {"reason": "Retour à la normale"}, status=200)
    assert ended["ended_at"] is not None
    assert (await cell.get("/crisis-activations", running=True, plan_id=plan["id"]))["items"] == []
    assert await cell.told(crisis["id"]) == ["crisis_activation.started", "crisis_activation.ended"]


async def test_an_exercise_is_held_and_teaches(cell: Cell) -> None:
    plan = await cell.adopted()
    day = cell.clock.now().date()
    asked = {"kind": "tabletop", "title": "Table ronde", "planned_on": day.isoformat(), "plan_id": plan["id"]}
    exercise = await cell.post("/crisis-exercises", asked)
    lesson = {"exercise_id": exercise["id"], "text": "Liste à jour", "owner": "Assistante", "due_on": day.isoformat()}
    assert await cell.refused("/crisis-lessons", lesson) == "exercise_not_held"
    path = f"/crisis-exercises/{exercise['id']}"
    held = {"held_on": day.isoformat(), "professionals": [DOCTOR, NURSE], "structures": ["990010001"]}
    tomorrow = held | {"held_on": (day + timedelta(days=1)).isoformat()}
    assert await cell.refused(f"{path}/hold", tomorrow, 422) == "held_later"
    assert await cell.refused(f"{path}/hold", held | {"professionals": ["99000000001"]}, 422) == "professional_unknown"
    assert (await cell.post(f"{path}/hold", held, status=200))["state"] == "held"
    assert await cell.refused(f"{path}/cancel") == "exercise_held"
    taught = await cell.post("/crisis-lessons", lesson)
    cell.clock.advance(timedelta(days=2))
    assert taught["id"] in [it["id"] for it in (await cell.get("/crisis-lessons", overdue=True))["items"]]
    path, body = f"/v1/crisis-lessons/{taught['id']}", {"state": "done"}
    stale = await cell.http.patch(path, json=body, headers={"If-Match": '"2"'})
    assert (stale.status_code, stale.json()["code"]) == (412, "version_mismatch")
    done = (await cell.http.patch(path, json=body, headers={"If-Match": '"1"'})).json()
    assert (done["state"], done["overdue"], done["closed_on"]) == ("done", False, cell.clock.now().date().isoformat())
    assert taught["id"] not in [it["id"] for it in (await cell.get("/crisis-lessons", overdue=True))["items"]]
    then = (await cell.get("/crisis-lessons", exercise_id=exercise["id"], at=day.isoformat()))["items"]
    assert [it["state"] for it in then] == ["open"]
    assert await cell.told(exercise["id"]) == ["crisis_exercise.held"]


async def test_another_territory_sees_nothing_and_follows_its_own_rules(cell: Cell) -> None:
    plan = await cell.adopted()
    for territory in ("haute-saintonge", "marches-de-bretagne", "atlantique-nord-loire"):
        claims = {"role": "coordinator", "sub": "elsewhere", "territory": territory}
        async with cell.directory.connect(*SCOPES, **claims) as http:
            there = Cell(cell.directory, http, cell.clock)
            assert (await there.get("/crisis-plans"))["items"] == []
            assert await there.refused(f"/crisis-plans/{plan['id']}/adopt", status=404) == "plan_unknown"
            assert (await there.get("/crisis-codes"))["review_notice_days"] == 60
    assert (await cell.get("/crisis-codes"))["review_notice_days"] == 90


async def test_what_the_territory_does_not_have_is_404(cell: Cell) -> None:
    reason = {"reason": "x"}
    line = {"kind": "fact", "text": "x"}
    for path, body, code in (
        (f"/crisis-plans/{NOBODY}/activations", reason, "plan_unknown"),
        (f"/crisis-activations/{NOBODY}/end", reason, "activation_unknown"),
        (f"/crisis-activations/{NOBODY}/journal", line, "activation_unknown"),
        (f"/crisis-exercises/{NOBODY}/cancel", None, "exercise_unknown"),
        (f"/crisis-documents/{NOBODY}/end", None, "document_unknown"),
    ):
        assert await cell.refused(path, body, 404) == code
