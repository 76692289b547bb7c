"""Whoever is not allowed is refused: by each route, and by the database behind the routes."""

from uuid import uuid4

import asyncpg
import httpx
import pytest
from fastapi import FastAPI
from telling import Stage, Teller

from indicators.settings import MIGRATIONS, IndicatorsSettings
from kit.testing.harness import Issuer, client, connected
from kit.testing.migrations import assert_migrations_make_the_tables

ROUTES = (
    ("GET", "/v1/indicators", "indicators:read"),
    ("GET", "/v1/figures", "indicators:read"),
    ("GET", "/v1/indicators/I-08", "indicators:read"),
    ("GET", "/v1/indicators/I-08/evidence", "indicators:read"),
    ("GET", "/v1/indicators/I-08/evidence/x", "indicators:read"),
    ("GET", "/v1/exports/indicators.csv", "indicators:export"),
    ("POST", "/v1/indicators/rebuild", "indicators:rebuild"),
    ("GET", "/v1/rebuilds/00000000-0000-4000-8000-000000000000", "indicators:read"),
    ("GET", "/v1/action-plan", "indicators:read"),
    ("GET", "/v1/action-plan/sheets", "indicators:read"),
    ("GET", "/v1/action-plan/sheets/1.1", "indicators:read"),
    ("GET", "/v1/action-plan/sheets/1.1/maturity", "indicators:read"),
    ("POST", "/v1/action-plan/sheets/1.1/maturity", "action-plan:write"),
    ("GET", "/v1/action-plan/sheets/1.1/progress", "indicators:read"),
    ("POST", "/v1/action-plan/sheets/1.1/progress", "action-plan:write"),
    ("GET", "/v1/exports/action-plan.csv", "indicators:export"),
    ("GET", "/v1/aci-contract", "aci:read"),
    ("GET", "/v1/aci-contract/forecast", "aci:read"),
    ("GET", "/v1/aci-contract/amounts", "aci:read"),
    ("PUT", "/v1/aci-contract/amounts", "aci:write"),
    ("GET", "/v1/export-schedules", "exports:read"),
    ("GET", "/v1/export-runs", "exports:read"),
    ("POST", "/v1/export-runs", "exports:write"),
    ("GET", "/v1/export-runs/00000000-0000-4000-8000-000000000000", "exports:read"),
    ("POST", "/v1/export-runs/00000000-0000-4000-8000-000000000000/retry", "exports:write"),
    ("GET", "/v1/export-runs/00000000-0000-4000-8000-000000000000/files/x.csv", "exports:read"),
    ("GET", "/v1/figure-sources", "indicators:read"),
    ("GET", "/v1/figure-sources/cpam/template.csv", "indicators:read"),
    ("POST", "/v1/figure-imports", "figures:write"),
    ("GET", "/v1/figure-imports", "indicators:read"),
    ("GET", "/v1/figure-imports/00000000-0000-4000-8000-000000000000", "indicators:read"),
    ("GET", "/v1/context-figures?period=2026", "indicators:read"),
    ("GET", "/v1/indicators/I-08/series?from=2026-Q1&to=2026-Q4", "indicators:read"),
    ("GET", "/v1/indicators/I-08/series.svg?from=2026-Q1&to=2026-Q4", "indicators:read"),
    ("GET", "/v1/comparisons?indicator=I-08&territories=pays-de-redon", "indicators:compare"),
    ("GET", "/v1/indicators/I-01/told", "indicators:read"),
    ("POST", "/v1/manual-figures", "figures:write"),
    ("GET", "/v1/manual-figures", "indicators:read"),
    ("GET", "/v1/manual-figures/00000000-0000-4000-8000-000000000000", "indicators:read"),
    ("GET", "/v1/manual-figures/00000000-0000-4000-8000-000000000000/proof", "figures:proofs"),
    ("GET", "/v1/periods", "indicators:read"),
    ("GET", "/v1/periods/2026-Q3", "indicators:read"),
    ("GET", "/v1/periods/2026-Q3/history", "indicators:read"),
    ("GET", "/v1/periods/2026-Q3/changes", "indicators:read"),
    ("POST", "/v1/periods/2026-Q3/submit", "periods:submit"),
    ("POST", "/v1/periods/2026-Q3/approve", "periods:approve"),
    ("POST", "/v1/periods/2026-Q3/lock", "periods:approve"),
    ("POST", "/v1/periods/2026-Q3/reopen", "periods:approve"),
    ("GET", "/v1/reconciliations", "platform:reconciliations"),
    (
        "GET",
        "/v1/reconciliations/00000000-0000-4000-8000-000000000000/differences",
        "platform:reconciliations",
    ),
    ("GET", "/v1/published/periods", "indicators:published"),
    ("GET", "/v1/published/periods/2026-Q3/figures", "indicators:published"),
    ("GET", "/v1/published/periods/2026-Q3/figures.csv", "indicators:published"),
    ("GET", "/v1/published/periods/2026-Q3/figures/I-08", "indicators:published"),
)
BODIES = {
    "/v1/export-runs": {"what": "quarterly_dashboard", "period": "2026-Q4", "formats": ["csv"]},
    "/v1/action-plan/sheets/1.1/maturity": {"level": 3, "reason": "Revue"},
    "/v1/action-plan/sheets/1.1/progress": {"text": "Réunion"},
    "/v1/aci-contract/amounts": {"valid_from": "2026-01-01", "source": "Contrat"},
}
ALL = {scope for _, _, scope in ROUTES}
TABLES = (
    "fact",
    "slot_fact",
    "call_fact",
    "booking_fact",
    "rebuild",
    "maturity_note",
    "progress_note",
    "aci_amounts",
    "export_run",
    "export_file",
    "export_delivery",
    "figure_import",
    "imported_figure",
    "manual_figure",
    "imported_part",
    "blob_to_remove",
)
PERIODS = ("reporting_period", "period_event", "figure_version", "late_fact")


async def ask(http: httpx.AsyncClient, method: str, path: str) -> httpx.Response:
    if method == "GET":
        return await http.get(path)
    headers = {"Idempotency-Key": "k"} if method == "POST" else {}
    return await http.request(method, path, headers=headers, json=BODIES.get(path, {"reason": "test"}))


def test_every_route_is_in_the_table(service: FastAPI) -> None:
    found = {(method.upper(), path) for path, item in service.openapi()["paths"].items() for method in item}
    assert len(found) == len(ROUTES)


@pytest.mark.parametrize(("method", "path", "scope"), ROUTES)
async def test_each_route_wants_its_caller(
    service: FastAPI, issuer: Issuer, method: str, path: str, scope: str
) -> None:
    others = sorted(ALL - {scope})
    async with client(service) as nobody:
        assert (await ask(nobody, method, path)).json()["code"] == "token_missing"
        async with connected(service, issuer.token(scope, expires_in=-10)) as late:
            assert (await ask(late, method, path)).json()["code"] == "token_expired"
        async with connected(service, issuer.token(*others)) as other:
            answer = await ask(other, method, path)
            assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing")
        async with connected(service, issuer.token(scope, territory="atlantis")) as stranger:
            assert (await ask(stranger, method, path)).json()["code"] == "territory_unknown"
        async with connected(service, issuer.token(scope)) as right:
            # A form without its fields is refused after the caller is not.
            assert (await ask(right, method, path)).status_code in (200, 201, 202, 404, 409, 422)


async def test_a_token_of_another_territory_sees_nothing_of_this_one(
    service: FastAPI, issuer: Issuer, stage: Stage, tell: Teller
) -> None:
    await stage.handle(tell.published(uuid4()))
    async with client(service, issuer.token(*ALL)) as ours:
        assert (await ours.get("/v1/indicators/I-08?period=2026-Q4")).json()["value"] == 1
        rebuild = (await ours.post("/v1/indicators/rebuild", headers={"Idempotency-Key": "k"})).json()["id"]
        assert (await ours.get(f"/v1/rebuilds/{rebuild}")).status_code == 200
        async with connected(service, issuer.token(*ALL, territory="haute-saintonge")) as theirs:
            assert (await theirs.get("/v1/indicators/I-08?period=2026-Q4")).json()["value"] == 0
            assert (await theirs.get("/v1/indicators/I-08/evidence?period=2026-Q4")).json()["total"] == 0
            assert (await theirs.get(f"/v1/rebuilds/{rebuild}")).status_code == 404


async def test_the_role_of_requests_sees_one_territory(stage: Stage, tell: Teller) -> None:
    slot, call = uuid4(), uuid4()
    await stage.handle(tell.published(slot), tell.received(call), tell.confirmed(uuid4(), slot, call))
    async with stage.db.work("haute-saintonge") as work:
        assert await work.fetchval("SELECT current_user") == "indicators_app"
        for table in TABLES:
            assert await work.fetchval(f"SELECT count(*) FROM {table}") == 0
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with stage.db.work("haute-saintonge") as work:
            await work.execute(
                "INSERT INTO slot_fact SELECT 'pays-de-redon', gen_random_uuid(), true, true, false, now(), "
                "null, null, null, '{}', '{}', null"
            )


@pytest.mark.parametrize("table", ["fact", "figure_import", "imported_figure", "manual_figure"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET territory = 'x'", "DELETE FROM {}", "TRUNCATE {}"])
@pytest.mark.parametrize("role", ["db", "system"])
async def test_nobody_changes_a_fact_or_what_was_told(stage: Stage, role: str, statement: str, table: str) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with getattr(stage, role).work("pays-de-redon") as work:
            await work.execute(statement.format(table))


async def test_migrations_make_the_tables_that_the_code_declares(settings: IndicatorsSettings) -> None:
    await assert_migrations_make_the_tables(settings, MIGRATIONS)
