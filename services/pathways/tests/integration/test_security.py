"""Whoever is not allowed is refused: by each route, and by the database behind the routes."""

from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest
from activities import PUBLIC
from activities import ROUTES as ACTIVITY_ROUTES
from activities import SCOPES as ACTIVITY_SCOPES
from activities import TENANT as ACTIVITY_TABLES
from enrolling import AUDIT, EMERGENCY, IDENTITY, OTHER, READ, TEAM, WRITE, Care

from kit.testing.migrations import assert_migrations_make_the_tables
from pathways.settings import MIGRATIONS, PathwaysSettings

STAYS, DUTIES, ON_CALL, ADVICE = "stays:write", "duties:write", "duties:read", "advice:write"
ALARMS = "alarms:answer"
ANY = UUID("00000000-0000-4000-8000-000000000000")
SEARCHES = ("searches:write", "searches:manage", "searches:answer")
ROUTES = (
    ("POST", "/v1/patients", (WRITE, IDENTITY)),
    ("POST", "/v1/patients/search", (IDENTITY,)),
    ("GET", f"/v1/patients/{ANY}", (READ,)),
    ("GET", f"/v1/patients/{ANY}/identity?purpose=care", (IDENTITY,)),
    ("GET", f"/v1/patients/{ANY}/accesses", (READ,)),
    ("GET", f"/v1/patients/{ANY}/team", (READ,)),
    ("POST", f"/v1/patients/{ANY}/team", (TEAM,)),
    ("POST", f"/v1/team-members/{ANY}/end", (TEAM,)),
    ("GET", f"/v1/patients/{ANY}/consents", (READ,)),
    ("POST", f"/v1/patients/{ANY}/consents", (TEAM,)),
    ("POST", f"/v1/patient-consents/{ANY}/withdraw", (TEAM,)),
    ("POST", f"/v1/patients/{ANY}/objections", (TEAM,)),
    ("POST", f"/v1/patient-objections/{ANY}/lift", (TEAM,)),
    ("POST", f"/v1/patients/{ANY}/break-glass", (EMERGENCY,)),
    ("GET", "/v1/break-glasses", (AUDIT,)),
    ("POST", f"/v1/break-glasses/{ANY}/review", (AUDIT,)),
    ("GET", "/v1/audit-events", (AUDIT,)),
    ("PATCH", f"/v1/patients/{ANY}", (WRITE, IDENTITY)),
    ("GET", f"/v1/patients/{ANY}/export", (IDENTITY,)),
    ("POST", f"/v1/patients/{ANY}/erasure", (WRITE, IDENTITY)),
    ("POST", f"/v1/patients/{ANY}/restriction", (TEAM,)),
    ("POST", f"/v1/patients/{ANY}/restriction/lift", (TEAM,)),
    ("GET", "/v1/erasure-proofs", (AUDIT,)),
    ("GET", "/v1/patient-duplicates", (READ,)),
    ("POST", f"/v1/patient-duplicates/{ANY}/dismiss", (WRITE, IDENTITY)),
    ("POST", f"/v1/patients/{ANY}/merge", (WRITE, IDENTITY)),
    ("POST", "/v1/enrolments", (WRITE,)),
    ("GET", "/v1/enrolments", (READ,)),
    ("GET", f"/v1/enrolments/{ANY}", (READ,)),
    ("POST", f"/v1/enrolments/{ANY}/leave", (WRITE,)),
    ("POST", f"/v1/enrolments/{ANY}/situation", (WRITE,)),
    ("POST", f"/v1/enrolments/{ANY}/pause", (WRITE,)),
    ("POST", f"/v1/enrolments/{ANY}/resume", (WRITE,)),
    ("GET", f"/v1/enrolments/{ANY}/migration", (READ,)),
    ("POST", f"/v1/enrolments/{ANY}/migrate", (WRITE,)),
    ("GET", f"/v1/steps/visits/{ANY}", (READ,)),
    ("GET", "/v1/steps", (READ,)),
    ("GET", "/v1/breaks", (READ,)),
    ("GET", "/v1/breaks/counts", (READ,)),
    ("GET", f"/v1/patients/{ANY}/timeline", (READ,)),
    ("POST", "/v1/doctor-searches", ("searches:write",)),
    ("GET", "/v1/doctor-searches", ("searches:manage",)),
    ("GET", "/v1/doctor-searches/figures?first=2026-11-01&last=2026-11-30", ("searches:manage",)),
    ("GET", f"/v1/doctor-searches/{ANY}", ("searches:write",)),
    ("GET", f"/v1/doctor-searches/{ANY}/doctors", ("searches:manage",)),
    ("POST", f"/v1/doctor-searches/{ANY}/proposals", ("searches:manage",)),
    ("POST", f"/v1/doctor-searches/{ANY}/close", ("searches:write",)),
    ("GET", "/v1/doctor-proposals", ("searches:answer",)),
    ("POST", f"/v1/doctor-proposals/{ANY}/accept", ("searches:answer",)),
    ("POST", f"/v1/doctor-proposals/{ANY}/refuse", ("searches:answer",)),
    ("POST", f"/v1/steps/{ANY}/done", (WRITE,)),
    ("POST", f"/v1/steps/{ANY}/skip", (WRITE,)),
    ("POST", f"/v1/steps/{ANY}/reopen", (WRITE,)),
    ("POST", f"/v1/steps/{ANY}/replan", (WRITE,)),
    ("GET", "/v1/pathway-templates", (READ,)),
    ("GET", "/v1/pathway-templates/none", (READ,)),
    ("GET", "/v1/pathway-templates/none/diagram.svg", (READ,)),
    ("POST", "/v1/stays", (STAYS,)),
    ("POST", "/v1/stay-imports", (STAYS,)),
    ("GET", "/v1/stay-imports", (STAYS,)),
    ("GET", f"/v1/stay-imports/{ANY}", (STAYS,)),
    ("GET", f"/v1/patients/{ANY}/stays", (READ,)),
    ("POST", f"/v1/enrolments/{ANY}/care-plans", (WRITE,)),
    ("GET", f"/v1/enrolments/{ANY}/care-plans", (READ,)),
    ("GET", f"/v1/care-plans/{ANY}", (READ,)),
    ("GET", f"/v1/care-plans/{ANY}/page", (READ, IDENTITY)),
    ("GET", f"/v1/care-plans/{ANY}/plan.pdf", (READ, IDENTITY)),
    ("POST", f"/v1/care-plans/{ANY}/withdraw", (WRITE,)),
    ("POST", f"/v1/care-plans/{ANY}/acknowledge", (READ,)),
    ("GET", "/v1/note-kinds", (READ,)),
    ("POST", f"/v1/enrolments/{ANY}/notes", (WRITE,)),
    ("POST", f"/v1/enrolments/{ANY}/alerts", (WRITE,)),
    ("GET", f"/v1/enrolments/{ANY}/notes", (READ,)),
    ("POST", f"/v1/enrolments/{ANY}/notes/read", (READ,)),
    ("GET", f"/v1/notes/{ANY}/readers", (READ,)),
    ("POST", f"/v1/notes/{ANY}/files", (WRITE,)),
    ("GET", f"/v1/notes/{ANY}/files/{ANY}", (READ,)),
    ("POST", "/v1/duty-groups", (DUTIES,)),
    ("GET", "/v1/duty-groups", (ON_CALL,)),
    ("PUT", f"/v1/duty-groups/{ANY}", (DUTIES,)),
    ("GET", f"/v1/duty-groups/{ANY}/turns", (ON_CALL,)),
    ("POST", "/v1/duty-absences", (ADVICE,)),
    ("POST", f"/v1/duty-absences/{ANY}/cancel", (ADVICE,)),
    ("POST", "/v1/advice", (ADVICE,)),
    ("GET", "/v1/advice", (ADVICE,)),
    ("GET", f"/v1/advice/{ANY}", (ADVICE,)),
    ("POST", f"/v1/advice/{ANY}/answer", (ADVICE,)),
    ("POST", f"/v1/advice/{ANY}/decline", (ADVICE,)),
    ("POST", f"/v1/advice/{ANY}/withdraw", (ADVICE,)),
    ("GET", f"/v1/patients/{ANY}/advice", (READ,)),
    ("POST", f"/v1/enrolments/{ANY}/patient-links", (WRITE,)),
    ("GET", f"/v1/enrolments/{ANY}/patient-links", (READ,)),
    ("GET", f"/v1/patient-links/{ANY}/code", (WRITE,)),
    ("POST", f"/v1/patient-links/{ANY}/revoke", (TEAM,)),
    ("POST", "/v1/threads", (WRITE,)),
    ("GET", "/v1/threads", (READ,)),
    ("GET", f"/v1/threads/{ANY}", (READ,)),
    ("POST", f"/v1/threads/{ANY}/participants", (WRITE,)),
    ("POST", f"/v1/threads/{ANY}/participants/{ANY}/remove", (WRITE,)),
    ("POST", f"/v1/threads/{ANY}/close", (WRITE,)),
    ("POST", f"/v1/threads/{ANY}/messages", (WRITE,)),
    ("GET", f"/v1/threads/{ANY}/messages", (READ,)),
    ("POST", f"/v1/threads/{ANY}/messages/read", (READ,)),
    ("POST", f"/v1/threads/{ANY}/messages/{ANY}/files", (WRITE,)),
    ("GET", f"/v1/threads/{ANY}/messages/{ANY}/files/{ANY}", (READ,)),
    ("GET", f"/v1/threads/{ANY}/mail.eml", (READ,)),
    ("POST", "/v1/alarm-platforms", (DUTIES,)),
    ("GET", "/v1/alarm-platforms", (DUTIES,)),
    ("POST", f"/v1/alarm-platforms/{ANY}/rotate", (DUTIES,)),
    ("POST", f"/v1/alarm-platforms/{ANY}/close", (DUTIES,)),
    ("POST", f"/v1/enrolments/{ANY}/alarm-refs", (WRITE,)),
    ("POST", f"/v1/alarm-refs/{ANY}/end", (WRITE,)),
    ("GET", "/v1/alarms", (ALARMS,)),
    ("GET", f"/v1/alarms/{ANY}", (ALARMS,)),
    ("POST", f"/v1/alarms/{ANY}/acknowledge", (ALARMS,)),
    ("POST", f"/v1/alarms/{ANY}/close", (ALARMS,)),
    ("GET", f"/v1/patients/{ANY}/alarms", (READ,)),
    *ACTIVITY_ROUTES,
)
ALL = {
    READ,
    WRITE,
    IDENTITY,
    TEAM,
    EMERGENCY,
    AUDIT,
    STAYS,
    DUTIES,
    ON_CALL,
    ADVICE,
    ALARMS,
    *SEARCHES,
    *ACTIVITY_SCOPES,
}
TENANT = (
    *("patient", "access_record", "enrolment", "consent", "step", "enrolment_booking"),
    *("team_member", "objection", "break_glass", "patient_key", "access_seal", "erasure_proof", "patient_duplicate"),
    *("pause", "template_version", "stay", "stay_import", "stay_import_line"),
    *("care_plan", "care_plan_recipient", "note", "note_read", "note_file", "blob_to_remove"),
    *(
        "duty_group",
        "duty_absence",
        "advice",
        "patient_link",
        "thread",
        "thread_participant",
        "thread_message",
        "thread_read",
        "thread_file",
    ),
    *("alarm_platform", "alarm_ref", "alarm_message", "alarm", "alarm_handover"),
    *("doctor_search", "doctor_proposal", "gp_acceptance"),
    *ACTIVITY_TABLES,
)


_CONSENT = """
INSERT INTO consent (id, territory, enrolment_id, patient_id, purpose, given_on, given_by, channel, text_version,
                     recorded_by, recorded_at, version, changed_at, changed_by)
VALUES (gen_random_uuid(), '{}', $1, $2, '', now(), '', '', '', '', now(), 1, now(), '')
"""


async def code(http: httpx.AsyncClient, method: str, path: str) -> tuple[int, str]:
    answer = await http.request(method, path, headers={"Idempotency-Key": "k"} if method == "POST" else {})
    return answer.status_code, answer.json().get("code", "")


async def test_every_route_is_in_the_table(care: Care) -> None:
    found = [
        (method, path) for path, item in care.app.openapi()["paths"].items() if path not in PUBLIC for method in item
    ]
    assert len(found) == len(ROUTES)


@pytest.mark.parametrize(("method", "path", "scopes"), ROUTES)
async def test_each_route_wants_its_caller(care: Care, method: str, path: str, scopes: tuple[str, ...]) -> None:
    wrong: list[tuple[dict[str, Any], tuple[int, str]]] = [
        ({"expires_in": -10}, (401, "token_expired")),
        ({"territory": "atlantis"}, (403, "territory_unknown")),
    ]
    for claims, refusal in wrong:
        async with care.connect(*ALL, **claims) as http:
            assert await code(http, method, path) == refusal
    for missing in scopes:
        async with care.connect(*(ALL - {missing})) as http:
            assert await code(http, method, path) == (403, "scope_missing")
    async with care.connect(*ALL) as http:
        del http.headers["Authorization"]
        assert await code(http, method, path) == (401, "token_missing")
    async with care.connect(*scopes, organisation="350000022") as http:
        assert (await code(http, method, path))[0] in (200, 404, 422)


async def test_another_territory_sees_and_changes_nothing(care: Care) -> None:
    enrolment = await care.enrolment()
    step_id, patient_id = enrolment["steps"][0]["id"], enrolment["patient_id"]
    async with care.connect(*ALL, territory=OTHER) as theirs:
        for path in (f"enrolments/{enrolment['id']}", f"patients/{patient_id}", f"patients/{patient_id}/accesses"):
            assert (await theirs.get(f"/v1/{path}")).status_code == 404
        assert (await code(theirs, "GET", f"/v1/patients/{patient_id}/identity?purpose=care"))[0] == 404
        for path in ("enrolments", "steps"):
            assert (await theirs.get(f"/v1/{path}")).json()["items"] == []
        done = await theirs.post(f"/v1/steps/{step_id}/done", json={}, headers={"Idempotency-Key": "k"})
        assert done.status_code == 404
    assert (await care.get(f"/v1/enrolments/{enrolment['id']}"))["steps"][0]["state"] == "planned"


async def test_row_level_security_holds_for_the_services_role(care: Care, settings: PathwaysSettings) -> None:
    enrolment = await care.enrolment()
    connection = await asyncpg.connect(
        settings.database_url.get_secret_value(), server_settings={"role": "pathways_app"}
    )
    try:
        counts = {table: await connection.fetchval(f"SELECT count(*) FROM {table}") for table in TENANT}
        assert counts == dict.fromkeys(TENANT, 0)
        await connection.execute(f"SET app.territory = '{OTHER}'")
        assert await connection.fetchval("SELECT count(*) FROM patient") == 0
        assert await connection.execute("UPDATE step SET state = 'done'") == "UPDATE 0"
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(_CONSENT.format("pays-de-redon"), enrolment["id"], enrolment["patient_id"])
        with pytest.raises(asyncpg.ForeignKeyViolationError):
            # Not even under its own territory: a consent belongs to an enrolment of the same one.
            await connection.execute(_CONSENT.format(OTHER), enrolment["id"], enrolment["patient_id"])
        await connection.execute("SET app.territory = 'pays-de-redon'")
        assert await connection.fetchval("SELECT count(*) FROM patient") == 1
        for statement in ("DELETE FROM patient", "UPDATE access_record SET purpose = ''", "DELETE FROM consent"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(statement)
    finally:
        await connection.close()


async def test_migrations_make_the_tables_that_the_code_declares(settings: PathwaysSettings) -> None:
    await assert_migrations_make_the_tables(settings, MIGRATIONS)


def test_every_route_of_a_patient_says_that_the_entry_may_be_gone(care: Care) -> None:
    paths = care.app.openapi()["paths"]
    of_patients = [item for path, item in paths.items() if "{patient_id}" in path or "{enrolment_id}" in path]
    silent = [it["operationId"] for item in of_patients for it in item.values() if "410" not in it["responses"]]
    assert (len(of_patients) > 10, silent) == (True, [])
