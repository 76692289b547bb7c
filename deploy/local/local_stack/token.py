"""`make -s token ROLE=ed TERRITORY=pays-de-redon`: a signed token for trying the API of a local stack."""

import argparse
import sys
import time
import uuid
from collections.abc import Sequence
from pathlib import Path

from joserfc import jwt

from local_stack.checkout import run_dir, territories
from local_stack.keys import AUDIENCE, ISSUER, signing_key
from local_stack.roles import load_roles

TWELVE_HOURS = 12 * 3600


class TokenError(Exception):
    """What was asked for does not exist; one line."""


def mint(
    folder: Path,
    role: str,
    territory: str,
    *,
    rpps: str | None = None,
    organisation: str | None = None,
    compares: Sequence[str] = (),
    ttl: int = TWELVE_HOURS,
) -> str:
    """A token signed with the key of the stack whose state is in `folder`, valid for `ttl` seconds.

    `compares`: territories whose figures it may compare with those of its own (docs/adr/0043).
    Raises TokenError for a role that `deploy/roles.yaml` does not name or a territory that is not served.
    """
    roles, served = load_roles(), territories()
    if role not in roles:
        raise TokenError(f"ROLE={role!r} is unknown; one of {', '.join(roles)}")
    for name in (territory, *compares):
        if name not in served:
            raise TokenError(f"TERRITORY={name!r} is unknown; one of {', '.join(served)}")
    now = int(time.time())
    claims = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": rpps or f"{role}@{territory}",
        "iat": now,
        "exp": now + ttl,
        "jti": str(uuid.uuid4()),
        "territory": territory,
        "scope": " ".join(roles[role].scopes),
        "role": role,
        "client_class": roles[role].client_class,
    }
    known = {"organisation": organisation, "rpps": rpps, "compare_territories": list(compares)}
    claims |= {name: value for name, value in known.items() if value}
    key = signing_key(folder)
    return jwt.encode({"alg": "RS256", "kid": key.kid}, claims, key)


def main(arguments: list[str] | None = None) -> int:
    """Prints the token alone on stdout; an error is one line on stderr and status 2."""
    parser = argparse.ArgumentParser(prog="token")
    parser.add_argument("role")
    parser.add_argument("territory")
    parser.add_argument("--rpps", default="")
    parser.add_argument("--organisation", default="")
    parser.add_argument("--compares", default="")
    parser.add_argument("--ttl", default="")
    asked = parser.parse_args(arguments)
    try:
        ttl = _seconds(asked.ttl)
        token = mint(
            run_dir(),
            asked.role,
            asked.territory,
            rpps=asked.rpps,
            organisation=asked.organisation,
            compares=[name for name in asked.compares.split(",") if name],
            ttl=ttl,
        )
    except TokenError as error:
        print(f"token: {error}", file=sys.stderr)
        return 2
    print(token)
    return 0


def _seconds(text: str) -> int:
    """Negative ones are allowed: an expired token is worth trying too."""
    try:
        return int(text) if text else TWELVE_HOURS
    except ValueError:
        raise TokenError(f"TTL={text!r} is not a number of seconds") from None


if __name__ == "__main__":
    sys.exit(main())
