"""Passwords and keys of a local stack: made once, kept in `.run/`."""

import base64
import json
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from joserfc.jwk import RSAKey

from kit.embedded.nats import USERS
from local_stack import private_files
from local_stack.ports import SERVICES

ISSUER = "cpts-local"
AUDIENCE = "cpts"


@dataclass(frozen=True)
class Secrets:
    """Passwords are letters and digits; encryption keys are base64 of 32 bytes, one set a service."""

    postgres: str
    databases: dict[str, str]
    nats: dict[str, str]
    encryption: dict[str, str]
    blind_index: dict[str, str]

    @classmethod
    def load(cls, run_dir: Path) -> "Secrets":
        """Reads `.run/secrets.json`, made at the first call."""
        path = run_dir / "secrets.json"
        text = path.read_text() if path.exists() else private_files.write_once(path, json.dumps(_new_secrets()))
        return cls(**json.loads(text))


def signing_key(run_dir: Path) -> RSAKey:
    """The key that signs the tokens of this stack; its public half is in `jwks_file`."""
    path = run_dir / "signing_key.pem"
    text = path.read_text() if path.exists() else private_files.write_once(path, _new_rsa_key())
    key = RSAKey.import_key(text)
    return RSAKey.import_key(text, {"kid": key.thumbprint(), "use": "sig", "alg": "RS256"})


def jwks_file(run_dir: Path) -> Path:
    """The JWKS by which gateway and services check the tokens of this stack."""
    path = run_dir / "jwks.json"
    private_files.write(path, json.dumps({"keys": [signing_key(run_dir).as_dict(private=False)]}))
    return path


def _new_secrets() -> dict[str, object]:
    return {
        "postgres": _password(),
        "databases": _for_each(SERVICES, _password),
        "nats": _for_each(USERS, _password),
        "encryption": _for_each(SERVICES, lambda: f"k1:{_key()}"),
        "blind_index": _for_each(SERVICES, _key),
    }


def _for_each(names: Iterable[str], make: Callable[[], str]) -> dict[str, str]:
    return {name: make() for name in names}


def _password() -> str:
    # nats.conf reads its passwords as configuration values: one that starts with a digit would be a number.
    return f"p{secrets.token_hex(16)}"


def _key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


def _new_rsa_key() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    encoding, container = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    return key.private_bytes(encoding, container, serialization.NoEncryption()).decode()
