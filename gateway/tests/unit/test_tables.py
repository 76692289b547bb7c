"""The static tables (routes, limits) and the scopes read from OpenAPI."""

from pathlib import Path
from typing import Any

import pytest

from gateway.limits import LoopMemory, RateLimiter
from gateway.operations import Operations
from gateway.routing import RouteTable
from gateway.settings import GatewaySettings
from kit.auth import Caller
from kit.problems import Problem
from kit.territories import BadFileError

SERVICES = "services:\n  - {name: a, prefixes: [/v1/a], lanes: [%s]}\n  - {name: b, prefixes: [%s]}\n"


def operations(security: list[dict[str, list[str]]] | None) -> Operations:
    operation = {} if security is None else {"security": security}
    paths = {"/v1/calls": {"post": operation}, "/v1/calls/{id}": {"get": operation}, "/v1/calls/current": {"get": {}}}
    return Operations({"paths": paths})


def caller(*scopes: str, **claims: Any) -> Caller:
    return Caller("me", "pays-de-redon", frozenset(scopes), **claims)


@pytest.mark.parametrize(
    ("method", "path", "found"),
    [
        ("POST", "/v1/calls", "/v1/calls"),
        ("GET", "/v1/calls/7", "/v1/calls/{id}"),
        ("GET", "/v1/calls/current", "/v1/calls/current"),
        ("GET", "/v1/calls", None),
        ("GET", "/v1/calls/7/holds", None),
        ("DELETE", "/v1/calls/7", None),
    ],
)
def test_an_operation_is_found_by_method_and_path(method: str, path: str, found: str | None) -> None:
    operation = operations([]).find(method, path)
    assert (operation.path if operation else None) == found


@pytest.mark.parametrize(
    ("security", "scopes", "allowed"),
    [
        ([{"bearer": ["a", "b"]}], ("a", "b", "c"), True),
        ([{"bearer": ["a", "b"]}], ("a",), False),
        ([{"one": ["a"], "two": ["b"]}], ("a",), False),
        ([{"one": ["a"]}, {"two": ["b"]}], ("b",), True),
        ([{"bearer": []}], (), True),
        (None, (), True),
    ],
)
def test_one_alternative_must_be_covered_whole(
    security: list[dict[str, list[str]]] | None, scopes: tuple[str, ...], allowed: bool
) -> None:
    operation = operations(security).find("GET", "/v1/calls/7")
    assert operation is not None
    if allowed:
        operation.authorise(caller(*scopes))
        return
    with pytest.raises(Problem) as refusal:
        operation.authorise(caller(*scopes))
    assert (refusal.value.status, refusal.value.code) == (403, "scope_missing")


def test_the_packages_tables_are_valid_and_know_where_services_listen() -> None:
    table, settings = RouteTable.load(), GatewaySettings()
    RateLimiter.load()
    assert [settings.base_url(name) for name in table.services] == [f"http://127.0.0.1:800{n}" for n in (1, 2, 3, 4)]


@pytest.mark.parametrize(
    ("method", "path", "lasting"),
    [
        ("POST", "/v1/imports/rpps", True),
        ("GET", "/v1/events", True),
        ("GET", "/v1/calls/7/events", True),
        ("GET", "/v1/calls/7", False),
        ("GET", "/v1/imports/7", False),
        ("GET", "/v1/exports/indicators.csv", True),
        ("GET", "/v1/exportsx", False),
        ("POST", "/v1/calls", False),
    ],
)
def test_uploads_and_exports_have_no_time_out(method: str, path: str, lasting: bool) -> None:
    table = RouteTable.load()
    owner = table.owner(path) or "indicators"
    assert (table.terms(owner, path, method).timeout_seconds is None) == lasting


@pytest.mark.parametrize(
    ("lane", "prefix", "complaint"),
    [
        ("", "/v1/a", "two owners"),
        ("{prefix: /v1/b}", "/v1/b", "outside the prefixes"),
        ("", "/v2/b", "prefixes"),
        ("", "/v1/b/c", "prefixes"),
    ],
)
def test_a_bad_routes_file_is_refused(tmp_path: Path, lane: str, prefix: str, complaint: str) -> None:
    path = tmp_path / "routes.yaml"
    path.write_text("version: t\ntimeout_seconds: 1\nmax_body_bytes: 1\n" + SERVICES % (lane, prefix))
    with pytest.raises(BadFileError, match=complaint):
        RouteTable.load(path)


@pytest.mark.parametrize("classes", ["{machine: 1/second}", "{person: often}", "{}"])
def test_a_bad_limits_file_is_refused(tmp_path: Path, classes: str) -> None:
    path = tmp_path / "limits.yaml"
    path.write_text(f"version: t\nclasses: {classes}\n")
    with pytest.raises(BadFileError, match="classes"):
        RateLimiter.load(path)


def test_a_service_without_an_address_is_refused() -> None:
    with pytest.raises(ValueError, match="elsewhere"):
        GatewaySettings().base_url("elsewhere")


def test_an_emergency_department_has_its_thousand_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.limits.time.time", lambda: 1000.0)
    limiter = RateLimiter.load()
    assert let_through(limiter, caller(client_class="machine"), 1_000) == 1_000
    assert let_through(limiter, caller(), 1_000) < 1_000


def let_through(limiter: RateLimiter, who: Caller, requests: int) -> int:
    """How many of so many requests of one moment are not refused."""
    for number in range(requests):
        try:
            limiter.count(who)
        except Problem:
            return number
    return requests


def test_windows_end_and_old_clients_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr("gateway.limits.time.time", lambda: now)
    monkeypatch.setattr("gateway.limits._FORGET_ABOVE", 5)
    memory = LoopMemory()
    for n in range(10):
        assert memory.incr(f"client {n}", 60) == 1
    assert (memory.incr("client 0", 60), memory.get("client 0"), memory.get_expiry("client 0")) == (2, 2, 1060.0)
    now = 1061.0
    assert memory.get("client 0") == 0
    assert memory.incr("client 0", 60) == 1
    assert memory.reset() == 1
