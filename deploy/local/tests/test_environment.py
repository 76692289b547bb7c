"""Each process knows its own secrets and nobody else's; what the user names is kept."""

from pathlib import Path

import pytest

from local_stack.environment import Environment
from local_stack.keys import Secrets
from local_stack.ports import Ports


@pytest.fixture
def secrets(tmp_path: Path) -> Secrets:
    return Secrets.load(tmp_path)


def _environment(given: dict[str, str], run_dir: Path, secrets: Secrets) -> Environment:
    return Environment(given, run_dir, Ports.from_environment(given), secrets)


def test_a_service_is_not_told_the_secrets_of_another(tmp_path: Path, secrets: Secrets) -> None:
    given = {"PATHWAYS_DATABASE_URL": "postgresql://lent", "PATHWAYS_ENCRYPTION_KEYS": "k9:lent"}
    environment = _environment(given, tmp_path, secrets)
    for told in (environment.of_service("directory", "postgresql://own", "nats://own"), environment.of_gateway()):
        values = " ".join(told.values())
        assert "lent" not in values
        assert not any(secret in values for secret in (secrets.encryption["pathways"], secrets.databases["pathways"]))
    assert "SECRET" not in " ".join(environment.of_gateway())


def test_what_the_user_names_is_kept(tmp_path: Path, secrets: Secrets) -> None:
    given = {"TOKEN_ISSUER": "https://idp.example", "JWKS_URL": "https://idp.example/keys", "ENCRYPTION_KEYS": "k1:x"}
    told = _environment(given, tmp_path, secrets).of_service("pathways", "postgresql://own", "nats://own")
    assert told["TOKEN_ISSUER"] == "https://idp.example"
    assert "JWKS_FILE" not in told
    assert "PATHWAYS_ENCRYPTION_KEYS" not in told
    assert told["PATHWAYS_BLIND_INDEX_KEY"] == secrets.blind_index["pathways"]


def test_only_what_is_missing_is_started(tmp_path: Path, secrets: Secrets) -> None:
    one = _environment({"DIRECTORY_DATABASE_URL": "postgresql://lent"}, tmp_path, secrets)
    assert one.starts_postgres
    assert one.starts_nats
    names = ("DIRECTORY", "SNP_DISPATCH", "PATHWAYS", "INDICATORS")
    every = {f"{name}_DATABASE_URL": "postgresql://lent" for name in names} | {"NATS_URL": "nats://lent"}
    lent = _environment(every, tmp_path, secrets)
    assert not lent.starts_postgres
    assert not lent.starts_nats


def test_secrets_are_made_once_and_are_private(tmp_path: Path) -> None:
    first = Secrets.load(tmp_path)
    assert Secrets.load(tmp_path) == first
    assert (tmp_path / "secrets.json").stat().st_mode & 0o777 == 0o600
