"""Who may call, and what row-level security shows to the role that the service uses."""

import asyncpg
import httpx
import pytest
from fastapi import FastAPI
from toy.service import ToySettings

from kit.testing.harness import Issuer, client, connected

READ, WRITE = "directory:read", "directory:write"


@pytest.mark.parametrize(
    ("claims", "status", "code"),
    [
        ({"scopes": (), "territory": "pays-de-redon"}, 403, "scope_missing"),
        ({"scopes": (READ,), "territory": "nowhere"}, 403, "territory_unknown"),
        ({"scopes": (READ,), "expires_in": -5}, 401, "token_expired"),
        ({"scopes": (READ,), "aud": "another"}, 401, "token_invalid"),
        ({"scopes": (READ,), "iss": "another"}, 401, "token_invalid"),
        ({"scopes": (READ,), "territory": None}, 401, "token_invalid"),
    ],
)
async def test_the_wrong_caller_is_refused(
    toy: FastAPI, issuer: Issuer, claims: dict[str, object], status: int, code: str
) -> None:
    scopes = claims.pop("scopes")
    async with client(toy, issuer.token(*scopes, **claims)) as http:  # type: ignore[misc,arg-type]
        answer = await http.get("/v1/things")
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert status != 401 or "Bearer" in answer.headers["www-authenticate"]


@pytest.mark.parametrize("header", [None, "Bearer", "Basic abc", "Bearer a.b.c", "Bearer é"])
async def test_no_token_or_rubbish_is_401(toy: FastAPI, header: str | None) -> None:
    async with client(toy) as http:
        headers = {"Authorization": header.encode()} if header else {}
        answer = await http.get("/v1/things", headers=headers)  # type: ignore[arg-type]
    assert answer.status_code == 401


async def test_a_token_signed_by_somebody_else_is_refused(
    toy: FastAPI, issuer: Issuer, tmp_path_factory: pytest.TempPathFactory
) -> None:
    forger = Issuer(tmp_path_factory.mktemp("forger"))
    async with client(toy, forger.token(READ)) as http:
        assert (await http.get("/v1/things")).status_code == 401


async def test_the_territory_header_must_agree(http: httpx.AsyncClient) -> None:
    answer = await http.get("/v1/things", headers={"X-Territory": "marches-de-bretagne"})
    assert (answer.status_code, answer.json()["code"]) == (403, "territory_forbidden")
    assert (await http.get("/v1/things", headers={"X-Territory": "pays-de-redon"})).status_code == 200


async def test_another_territory_sees_nothing(toy: FastAPI, issuer: Issuer) -> None:
    async with client(toy, issuer.token(READ, WRITE)) as mine:
        await mine.post("/v1/things", json={"name": "mine"}, headers={"Idempotency-Key": "1"})
        async with connected(toy, issuer.token(READ, WRITE, territory="marches-de-bretagne")) as theirs:
            assert (await theirs.get("/v1/things")).json()["items"] == []
            # The same key of another territory is another key.
            again = await theirs.post("/v1/things", json={"name": "theirs"}, headers={"Idempotency-Key": "1"})
            assert again.status_code == 201
        assert [thing["name"] for thing in (await mine.get("/v1/things")).json()["items"]] == ["mine"]


async def test_row_level_security_holds_for_the_services_role(http: httpx.AsyncClient, settings: ToySettings) -> None:
    await http.post("/v1/things", json={"name": "mine"}, headers={"Idempotency-Key": "1"})
    connection = await asyncpg.connect(
        settings.database_url.get_secret_value(), server_settings={"role": "directory_app"}
    )
    try:
        assert await connection.fetchval("SELECT count(*) FROM thing") == 0
        await connection.execute("SET app.territory = 'pays-de-redon'")
        assert await connection.fetchval("SELECT count(*) FROM thing") == 1
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(
                "INSERT INTO thing VALUES (gen_random_uuid(), 'marches-de-bretagne', 'planted', 1)"
            )
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.fetch("SELECT * FROM outbox")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute("ALTER TABLE thing DISABLE ROW LEVEL SECURITY")
    finally:
        await connection.close()
