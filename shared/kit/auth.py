"""Who calls: bearer tokens (JWT signed with a key of the JWKS), the territory they are for, their scopes.

The gateway and every service verify the same way, so that a service called directly refuses what the
gateway refuses. Claims: `iss`, `aud`, `exp`, `sub`, `territory`, `scope` (space separated), and where
known `role`, `rpps`, `organisation`, `client_class` (person or machine), `compare_territories` (a list: docs/adr/0043).
"""

import asyncio
import json
import time
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from kit.problems import Problem
from kit.settings import ServiceSettings

ALGORITHMS = ["RS256", "ES256"]
_CACHED_TOKENS = 10_000


@dataclass(frozen=True)
class Caller:
    """An authenticated client, in one territory. `compares`: others whose figures it may see beside its own."""

    subject: str
    territory: str
    scopes: frozenset[str]
    role: str | None = None
    rpps: str | None = None
    organisation: str | None = None
    client_class: str = "person"
    compares: frozenset[str] = frozenset()


class Unauthenticated(Problem):
    """401, with the challenge that RFC 6750 asks for."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(401, code, detail, headers={"WWW-Authenticate": f'Bearer error="{code}"'})


class Verifier:
    """Checks tokens. A verified token is remembered until it expires, which spares a signature per request."""

    def __init__(self, keys: KeySet, issuer: str, audience: str, territories: frozenset[str]) -> None:
        self._keys, self._territories = keys, territories
        self._claims = jwt.JWTClaimsRegistry(
            iss={"essential": True, "value": issuer},
            aud={"essential": True, "value": audience},
            exp={"essential": True},
            sub={"essential": True},
        )
        self._known: OrderedDict[str, tuple[Caller, float]] = OrderedDict()

    @classmethod
    async def create(cls, settings: ServiceSettings, territories: frozenset[str]) -> "Verifier":
        """Reads the key set from its file or URL. Raises ValueError when none is configured."""
        return cls(await _load_keys(settings), settings.token_issuer, settings.token_audience, territories)

    def caller(self, authorization: str | None, territory: str | None = None) -> Caller:
        """The caller behind an `Authorization` header. Raises Problem 401 or 403.

        `territory` is the optional `X-Territory` header: what the client believes it works for.
        """
        scheme, _, token = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise Unauthenticated("token_missing", "Send a bearer token in the Authorization header")
        caller = self._verified(token.strip())
        if caller.territory not in self._territories:
            raise Problem(403, "territory_unknown", f"This deployment does not serve {caller.territory!r}")
        if territory is not None and territory != caller.territory:
            raise Problem(403, "territory_forbidden", f"This token is for {caller.territory!r}")
        return caller

    def _verified(self, token: str) -> Caller:
        known = self._known.get(token)
        if known and known[1] > time.time():
            return known[0]
        claims = self._decode(token)
        caller = _caller(claims)
        self._known[token] = (caller, float(claims["exp"]))
        if len(self._known) > _CACHED_TOKENS:
            self._known.popitem(last=False)
        return caller

    def _decode(self, token: str) -> dict[str, Any]:
        try:
            claims = jwt.decode(token, self._keys, algorithms=ALGORITHMS).claims
            self._claims.validate(claims)
        except (JoseError, ValueError) as error:
            expired = "expired" in str(error)
            raise Unauthenticated(
                "token_expired" if expired else "token_invalid",
                "The token has expired" if expired else "The token is not valid",
            ) from None
        return claims


def _caller(claims: dict[str, Any]) -> Caller:
    territory, scope = claims.get("territory"), claims.get("scope", "")
    if not isinstance(territory, str) or not isinstance(scope, str):
        raise Unauthenticated("token_invalid", "The token names no territory or no scope")
    optional = {name: claims[name] for name in ("role", "rpps", "organisation", "client_class") if claims.get(name)}
    return Caller(str(claims["sub"]), territory, frozenset(scope.split()), **optional, compares=_compares(claims))


def _compares(claims: dict[str, Any]) -> frozenset[str]:
    told = claims.get("compare_territories", [])
    if not isinstance(told, list) or not all(isinstance(name, str) for name in told):
        raise Unauthenticated("token_invalid", "compare_territories is a list of territories")
    return frozenset(told)


def require_scopes(caller: Caller, scopes: list[str]) -> None:
    """Raises Problem 403 `scope_missing` unless the caller has them all."""
    missing = [scope for scope in scopes if scope not in caller.scopes]
    if missing:
        raise Problem(403, "scope_missing", f"This token lacks the scope {' '.join(missing)}", scopes=missing)


async def _load_keys(settings: ServiceSettings) -> KeySet:
    if settings.jwks_file:
        return _parse(await asyncio.to_thread(Path(settings.jwks_file).read_text))
    if settings.jwks_url:
        async with httpx.AsyncClient(timeout=10) as client:
            return _parse((await client.get(settings.jwks_url)).raise_for_status().text)
    raise ValueError("set JWKS_FILE or JWKS_URL: without keys no token can be checked")


def _parse(text: str) -> KeySet:
    return KeySet.import_key_set(json.loads(text))
