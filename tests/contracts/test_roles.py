"""The table role x route in the docs is that of the services and of deploy/roles.yaml. UPDATE_DOCS=1 writes it."""

import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI

from directory.main import build as directory
from directory.settings import DirectorySettings
from gateway.routing import RouteTable
from indicators.main import build as indicators
from indicators.settings import IndicatorsSettings
from kit.operations import operations
from local_stack.roles import load_roles
from pathways.main import build as pathways
from pathways.settings import PathwaysSettings
from snp_dispatch.main import build as snp_dispatch
from snp_dispatch.settings import Settings as DispatchSettings

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "roles.md"
HEAD = """# Who may do what

Made from the scopes that each route declares and from [`deploy/roles.yaml`](../deploy/roles.yaml), which says which
scopes a role has (in production the identity provider gives the scopes). Every route also needs a token of a territory
that is served, and sees the rows of that territory only. What a token may do is narrowed further where the route says
so: a practitioner writes their own slots, outcomes and directory entry only; the contact of a patient is for the
organisation that called, an operator and the practitioner who is booked.

"""
SERVICES: dict[str, tuple[Any, Any]] = {
    "directory": (directory, DirectorySettings),
    "snp-dispatch": (snp_dispatch, DispatchSettings),
    "pathways": (pathways, PathwaysSettings),
    "indicators": (indicators, IndicatorsSettings),
}


@pytest.fixture(autouse=True)
def any_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "NATS_URL", "ENCRYPTION_KEYS", "BLIND_INDEX_KEY"):
        monkeypatch.setenv(name, "postgresql://nobody@localhost/none")


PUBLIC = {
    "/v1/calendar-feeds/{territory}~{secret}.ics",
    "/v1/channel-confirmations/{territory}~{secret}",
    "/v1/answers/{territory}~{secret}",
    "/v1/call-up-answers/{territory}~{secret}",
    "/v1/survey-answers/{territory}~{secret}",
    "/v1/my-care/{territory}~{secret}",
    "/v1/unsubscriptions/{territory}~{secret}",
    "/v1/telemonitoring-alarms/{territory}~{platform_id}",
}
"""Answered without a token: the address is the secret."""


@cache
def application(service: str) -> FastAPI:
    build, settings = SERVICES[service]
    built: FastAPI = build(settings())
    return built


def document(service: str) -> dict[str, Any]:
    found: dict[str, Any] = application(service).openapi()
    return found


def declared(openapi: dict[str, Any]) -> Iterator[tuple[str, str, str, set[str]]]:
    for path, item in sorted(openapi["paths"].items()):
        for method, operation in item.items():
            scopes = {scope for way in operation.get("security", []) for one in way.values() for scope in one}
            yield method.upper(), path, operation.get("summary", ""), scopes


def table() -> str:
    roles = load_roles()
    lines = [f"| route | what | scopes | {' | '.join(roles)} |", "|---|---|---|" + "---|" * len(roles)]
    for service in SERVICES:
        for method, path, summary, scopes in declared(document(service)):
            may = ["yes" if scopes <= set(role.scopes) else "" for role in roles.values()]
            lines.append(f"| `{method} {path}` | {summary} | {' '.join(sorted(scopes))} | {' | '.join(may)} |")
    return "\n".join(lines) + "\n"


def test_the_page_of_roles_is_up_to_date() -> None:
    text = HEAD + table()
    if os.environ.get("UPDATE_DOCS"):
        PAGE.write_text(text, encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == text, "run this test with UPDATE_DOCS=1"


@pytest.mark.parametrize("service", SERVICES)
def test_every_route_declares_a_scope_an_operation_id_and_its_errors(service: str) -> None:
    openapi = document(service)
    assert openapi["paths"]
    for path, item in openapi["paths"].items():
        for method, operation in item.items():
            place = f"{method} {path}"
            assert operation.get("security") or path in PUBLIC, place
            assert all(scopes for way in operation.get("security", []) for scopes in way.values()), place
            assert "_v1_" not in operation["operationId"], f"{place} has no operation id of its own"
            assert {"401", "403", "422", "429", "503"} <= set(operation["responses"]), place


@pytest.mark.parametrize("service", SERVICES)
def test_every_route_is_reached_through_the_gateway(service: str) -> None:
    table = RouteTable.load()
    assert {path for path in document(service)["paths"] if table.owner(path) != service} == set()


@pytest.mark.parametrize("service", SERVICES)
def test_the_gateway_is_told_the_operations_and_scopes_of_the_document(service: str) -> None:
    told = [(method, path, scopes) for method, path, _, scopes in declared(operations(application(service)))]
    assert told == [(method, path, scopes) for method, path, _, scopes in declared(document(service))]
