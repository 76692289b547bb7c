"""One whole stack for all tests of this folder: real servers, real processes, the sample territory."""

import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import httpx
import pytest
import pytest_asyncio
from joserfc import jwt

from local_stack.keys import AUDIENCE, ISSUER, signing_key
from local_stack.roles import load_roles
from local_stack.stack import Stack
from tests.e2e.calls import Client, Token

TERRITORY = "pays-de-redon"


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def stack(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stack]:
    async with Stack.on_free_ports(tmp_path_factory.mktemp("stack"), sample=True) as started:
        yield started


@pytest.fixture(scope="session")
def token(stack: Stack) -> Token:
    """Signs a token of a role; `scope`, `territory`, `ttl` or any claim may be given instead."""
    key, roles = signing_key(stack.run_dir), load_roles()

    def sign(role: str = "coordinator", *, territory: str = TERRITORY, ttl: int = 3600, **claims: Any) -> str:
        now = int(time.time())
        payload = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": f"{role}@test",
            "exp": now + ttl,
            "territory": territory,
            "scope": " ".join(roles[role].scopes),
            "role": role,
            "client_class": roles[role].client_class,
            **claims,
        }
        return jwt.encode({"alg": "RS256", "kid": key.kid}, payload, key)

    return sign


@pytest_asyncio.fixture(loop_scope="session")
async def client(stack: Stack, token: Token) -> AsyncIterator[Client]:
    """Opens clients of the gateway: `client("ed")`, or of a service: `client("ed", url=...)`."""
    async with AsyncExitStack() as opened:

        def connect(role: str = "coordinator", *, url: str | None = None, **claims: Any) -> httpx.AsyncClient:
            headers = {"Authorization": f"Bearer {token(role, **claims)}"}
            limits = httpx.Limits(max_connections=300, max_keepalive_connections=300)
            made = httpx.AsyncClient(base_url=url or stack.gateway_url, headers=headers, timeout=60, limits=limits)
            opened.push_async_callback(made.aclose)
            return made

        yield connect
