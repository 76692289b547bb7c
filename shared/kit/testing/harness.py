"""What tests of every service share: tokens, settings for the session's servers, a client of the application."""

import asyncio
import base64
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

import httpx
from fastapi import FastAPI
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

from kit.migrate import migrate
from kit.settings import ServiceSettings
from kit.testing.servers import Servers

T = TypeVar("T")
S = TypeVar("S", bound=ServiceSettings)

ISSUER, AUDIENCE = "cpts-local", "cpts"


class Issuer:
    """Signs tokens that the services under test accept."""

    def __init__(self, folder: Path) -> None:
        self._key = RSAKey.generate_key(2048, parameters={"kid": "test"})
        self.jwks_file = folder / "jwks.json"
        self.jwks_file.write_text(json.dumps(KeySet([self._key]).as_dict(private=False)))

    def token(self, *scopes: str, territory: str = "pays-de-redon", expires_in: float = 3600, **claims: Any) -> str:
        """A bearer token. `claims` may set rpps, role, organisation, client_class, sub ..."""
        payload = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": "tester",
            "exp": int(time.time() + expires_in),
            "territory": territory,
            "scope": " ".join(scopes),
            **claims,
        }
        return jwt.encode({"alg": "RS256", "kid": "test"}, payload, self._key)


async def fresh_settings(
    cls: type[S], servers: Servers, issuer: Issuer, folder: Path, *, migrations: str, deploy: Path, **overrides: Any
) -> S:
    """Settings of a service on a fresh, migrated database of its own. `deploy` is the checkout's deploy/ folder."""

    def build(url: str) -> S:
        values = {
            "database_url": url,
            "nats_url": servers.nats_url(cls.service),
            "jwks_file": issuer.jwks_file,
            "token_issuer": ISSUER,
            "token_audience": AUDIENCE,
            "territories_dir": deploy / "territories",
            "reference_dir": deploy / "reference",
            "blob_dir": folder / "blobs",
            "encryption_keys": "k1:" + base64.b64encode(b"1" * 32).decode(),
            "blind_index_key": base64.b64encode(b"2" * 32).decode(),
            "retry_base_seconds": 0.02,
            **overrides,
        }
        return cls(**values)

    return build(await servers.new_database(cls.service, lambda url: migrate(build(url), migrations), kind=migrations))


@asynccontextmanager
async def client(app: FastAPI, token: str | None = None) -> AsyncIterator[httpx.AsyncClient]:
    """Starts the application and speaks HTTP to it in the process; unexpected errors come back as 500."""
    async with app.router.lifespan_context(app), connected(app, token) as http:
        yield http


@asynccontextmanager
async def connected(app: FastAPI, token: str | None = None) -> AsyncIterator[httpx.AsyncClient]:
    """One more client (another token) of an application that is already started."""
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    async with httpx.AsyncClient(transport=transport, base_url="http://service", headers=headers) as http:
        yield http


async def until(condition: Callable[[], Awaitable[T]], seconds: float = 60) -> T:
    """Asks again and again until the answer is true; raises TimeoutError after `seconds`."""
    async with asyncio.timeout(seconds):
        while not (found := await condition()):  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    return found
