"""Every route refuses the wrong caller, and is described."""

from typing import Any

import pytest
from fastapi.routing import APIRoute

from directory.main import ROUTERS
from directory.settings import MIGRATIONS
from kit.testing.migrations import assert_migrations_make_the_tables

ROUTES = [
    (method, route.path)
    for router in ROUTERS
    for route in router.routes
    if isinstance(route, APIRoute)
    for method in route.methods
    if "~{secret}" not in route.path  # answered without a token: the address is the secret
]
VALUES = {
    "{rpps}": "99000000093",
    "{insee}": "35236",
    "{slug}": "pays-de-redon",
    "{finess}": "990010001",
    "{roster_id}": "019ab000-0000-7000-8000-000000000001",
    "{shift_id}": "019ab000-0000-7000-8000-000000000001",
    "{channel_id}": "019ab000-0000-7000-8000-000000000001",
    "{delivery_id}": "019ab000-0000-7000-8000-000000000001",
    "{newsletter_id}": "019ab000-0000-7000-8000-000000000001",
    "{issue_id}": "019ab000-0000-7000-8000-000000000001",
    "{message_id}": "019ab000-0000-7000-8000-000000000001",
    "{list_id}": "019ab000-0000-7000-8000-000000000001",
    "{recipient_id}": "019ab000-0000-7000-8000-000000000001",
    "{campaign_id}": "019ab000-0000-7000-8000-000000000001",
    "{publication_id}": "019ab000-0000-7000-8000-000000000001",
    "{offer_id}": "019ab000-0000-7000-8000-000000000001",
    "{trainee_id}": "019ab000-0000-7000-8000-000000000001",
    "{installation_id}": "019ab000-0000-7000-8000-000000000001",
    "{contact_id}": "019ab000-0000-7000-8000-000000000001",
    "{kind}": "languages",
    "{role_id}": "019ab000-0000-7000-8000-000000000001",
    "{team_id}": "019ab000-0000-7000-8000-000000000001",
    "{resource_id}": "019ab000-0000-7000-8000-000000000001",
    "{conflict_id}": "019ab000-0000-7000-8000-000000000001",
    "{import_id}": "019ab000-0000-7000-8000-000000000001",
    "{member_id}": "019ab000-0000-7000-8000-000000000001",
    "{indemnity_id}": "019ab000-0000-7000-8000-000000000001",
    "{meeting_id}": "019ab000-0000-7000-8000-000000000001",
    "{ballot_id}": "019ab000-0000-7000-8000-000000000001",
    "{batch_id}": "019ab000-0000-7000-8000-000000000001",
    "{share_id}": "019ab000-0000-7000-8000-000000000001",
    "{mandate_id}": "019ab000-0000-7000-8000-000000000001",
    "{plan_id}": "019ab000-0000-7000-8000-000000000001",
    "{document_id}": "019ab000-0000-7000-8000-000000000001",
    "{activation_id}": "019ab000-0000-7000-8000-000000000001",
    "{exercise_id}": "019ab000-0000-7000-8000-000000000001",
    "{call_up_id}": "019ab000-0000-7000-8000-000000000001",
    "{communication_id}": "019ab000-0000-7000-8000-000000000001",
    "{campaign}": "covid-2021",
    "{lesson_id}": "019ab000-0000-7000-8000-000000000001",
    "{year}": "2026",
}
SCOPES = {
    "/v1/professionals": ("directory:read", "directory:write"),
    "/v1/communes": ("directory:read", None),
    "/v1/territories": ("directory:read", None),
    "/v1/structures": ("directory:read", "directory:write"),
    "/v1/nomenclature": ("directory:read", None),
    "/v1/imports": ("directory:import", "directory:import"),
    "/v1/channels": ("channels:read", "channels:write"),
    "/v1/webhook": ("webhooks:write", "webhooks:write"),
    "/v1/newsletters": ("messages:read", "messages:write"),
    "/v1/technical-issues": ("issues:write", "issues:write"),
    "/v1/messages": ("messages:read", "messages:write"),
    "/v1/history": ("directory:history", None),
    "/v1/rosters": ("crisis:read", "crisis:write"),
    "/v1/shifts/{shift_id}/sign-ups/": (None, "shifts:take"),
    "/v1/shifts": ("crisis:read", "crisis:write"),
    "/v1/crisis-plans/{plan_id}/documents": ("crisis:documents", "crisis:write"),
    "/v1/crisis-documents": ("crisis:documents", "crisis:write"),
    "/v1/crisis-activations/{activation_id}/journal": ("crisis:documents", "crisis:write"),
    "/v1/call-ups/{call_up_id}/answers": (None, "shifts:take"),
    "/v1/call-ups/{call_up_id}/p": ("crisis:write", "crisis:write"),
    "/v1/call-ups": ("crisis:read", "crisis:write"),
    "/v1/vaccination-": ("crisis:read", "crisis:write"),
    "/v1/crisis-": ("crisis:read", "crisis:write"),
    "/v1/acceptances": ("directory:read", None),
    "/v1/association": ("association:read", None),
    "/v1/members": ("association:read", "association:write"),
    "/v1/bodies": ("association:read", None),
    "/v1/mandates": (None, "association:write"),
    "/v1/diffusion-lists": ("directory:publish", "directory:publish"),
    "/v1/publications/{publication_id}/deliveries": ("directory:publish", None),
    "/v1/publications": ("directory:read", "directory:publish"),
    "/v1/internship-offers": ("directory:read", "internships:write"),
    "/v1/trainees": ("directory:read", "internships:write"),
    "/v1/installations/{installation_id}/candidate": ("installations:write", None),
    "/v1/installations": ("installations:read", "installations:write"),
    "/v1/spouse-contacts": ("installations:read", "installations:write"),
    "/v1/indemnities/{indemnity_id}/": (None, "indemnities:approve"),
    "/v1/indemnities": ("indemnities:read", "indemnities:declare"),
    "/v1/indemnity-statements": ("indemnities:read", None),
    "/v1/payment-batches": ("indemnities:approve", "indemnities:approve"),
    "/v1/funding-shares": ("association:read", "association:write"),
    "/v1/meetings/{meeting_id}/documents": ("association:vote", "association:write"),
    "/v1/meetings/{meeting_id}/minutes/sign": (None, "association:vote"),
    "/v1/meetings/{meeting_id}/minutes": ("association:vote", "association:write"),
    "/v1/meetings": ("association:read", "association:write"),
    "/v1/ballots/{ballot_id}/votes": (None, "association:vote"),
    "/v1/ballots": ("association:vote", "association:write"),
    "/v1/statement": ("directory:read", None),
    "/v1/conflicts": ("directory:read", "directory:write"),
    "/v1/directory-codes": ("directory:read", None),
    "/v1/roles": ("directory:read", "directory:write"),
    "/v1/care-team": ("directory:read", "directory:write"),
    "/v1/resources": ("directory:read", "directory:write"),
    "/v1/campaigns": ("directory:publish", "directory:publish"),
}
"""Paths that begin so, first match first: the scope to read, the scope to write (None: there is nothing of it)."""
OWN = ("not_own_entry", "not_own_channel", "not_own_issue")
ALL = sorted({scope for pair in SCOPES.values() for scope in pair if scope})


def filled(path: str) -> str:
    for name, value in VALUES.items():
        path = path.replace(name, value)
    return path


def needed(method: str, path: str) -> str:
    """The scope of a route."""
    pair = next(pair for prefix, pair in SCOPES.items() if path.startswith(prefix))
    scope = pair[0 if method == "GET" else 1]
    assert scope, f"{method} {path} is not in SCOPES"
    return scope


async def ask(directory: Any, method: str, path: str, *scopes: str, **claims: Any) -> Any:
    async with directory.connect(*scopes, **claims) as http:
        return await _send(http, method, path)


async def _send(http: Any, method: str, path: str) -> Any:
    word = "accepts" if path.endswith("/acceptance") else "participates"
    body: dict[str, Any] = {"json": {word: True}} if method != "GET" else {}
    if path.startswith("/v1/imports") and method == "POST":
        body = {"files": {"file": ("x.txt", b"x")}}
    return await http.request(method, filled(path), headers={"Idempotency-Key": "1"}, **body)


@pytest.mark.parametrize(("method", "path"), ROUTES)
async def test_the_wrong_caller_is_refused(redon: Any, method: str, path: str) -> None:
    others = [scope for scope in ALL if scope != needed(method, path)]
    refused = [
        (await ask(redon, method, path, *others), 403, "scope_missing"),
        (await ask(redon, method, path, *ALL, territory="nowhere"), 403, "territory_unknown"),
        (await ask(redon, method, path, *ALL, expires_in=-5), 401, "token_expired"),
        (await ask(redon, method, path, *ALL, aud="another"), 401, "token_invalid"),
    ]
    for answer, status, code in refused:
        assert (answer.status_code, answer.json()["code"]) == (status, code)


@pytest.mark.parametrize(("method", "path"), ROUTES)
async def test_no_token_is_401(redon: Any, method: str, path: str) -> None:
    async with redon.anonymous() as http:
        answer = await _send(http, method, path)
    assert (answer.status_code, answer.json()["code"]) == (401, "token_missing")


@pytest.mark.parametrize(("method", "path"), ROUTES)
async def test_the_right_scope_is_enough(redon: Any, method: str, path: str) -> None:
    answer = await ask(redon, method, path, needed(method, path), role="ed")
    assert answer.status_code in (200, 404, 422) or answer.json()["code"] in OWN


async def test_every_operation_is_described(redon: Any) -> None:
    operations = [operation for methods in redon.app.openapi()["paths"].values() for operation in methods.values()]
    assert len({operation["operationId"] for operation in operations}) == len(operations) >= len(ROUTES)
    for operation in operations:
        assert operation["summary"]
        assert operation["description"]
        assert {"401", "403", "422", "429", "503"} <= operation["responses"].keys()


async def test_the_migrations_make_the_tables(redon: Any) -> None:
    await assert_migrations_make_the_tables(redon.runtime.settings, MIGRATIONS)
