"""The token tool gives what the verifier of gateway and services accepts."""

import json
from pathlib import Path

import pytest
from joserfc.jwk import KeySet

from kit.auth import Verifier
from kit.problems import Problem
from local_stack import token
from local_stack.checkout import territories
from local_stack.keys import AUDIENCE, ISSUER, jwks_file
from local_stack.roles import load_roles


def _verifier(run_dir: Path) -> Verifier:
    keys = KeySet.import_key_set(json.loads(jwks_file(run_dir).read_text()))
    return Verifier(keys, ISSUER, AUDIENCE, frozenset(territories()))


@pytest.mark.parametrize("role", load_roles())
def test_the_verifier_finds_in_a_token_what_the_role_says(role: str, tmp_path: Path) -> None:
    text = token.mint(tmp_path, role, "pays-de-redon", rpps="99000000016", organisation="CHIRC")
    caller = _verifier(tmp_path).caller(f"Bearer {text}")
    assert caller.scopes == set(load_roles()[role].scopes)
    assert (caller.role, caller.territory, caller.rpps, caller.organisation) == (
        role,
        "pays-de-redon",
        "99000000016",
        "CHIRC",
    )
    assert caller.client_class == ("machine" if role in ("ed", "hospital") else "person")


def test_an_expired_token_and_one_of_another_stack_are_refused(tmp_path: Path) -> None:
    verifier = _verifier(tmp_path / "here")
    expired = token.mint(tmp_path / "here", "ed", "pays-de-redon", ttl=-3600)
    foreign = token.mint(tmp_path / "elsewhere", "ed", "pays-de-redon")
    for text in (expired, foreign):
        with pytest.raises(Problem) as refusal:
            verifier.caller(f"Bearer {text}")
        assert refusal.value.status == 401


def test_the_command_prints_the_token_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RUN_DIR", str(tmp_path))
    assert token.main(["coordinator", "pays-de-redon", "--rpps", "", "--organisation", "", "--ttl", ""]) == 0
    shown = capsys.readouterr()
    assert shown.err == ""
    assert _verifier(tmp_path).caller(f"Bearer {shown.out.strip()}").role == "coordinator"
    assert (tmp_path / "signing_key.pem").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["boss", "pays-de-redon"], "token: ROLE='boss' is unknown; one of ed, hospital, operator"),
        (["ed", "atlantis"], "token: TERRITORY='atlantis' is unknown; one of atlantique-nord-loire"),
        (["ed", "pays-de-redon", "--ttl", "soon"], "token: TTL='soon' is not a number of seconds"),
    ],
)
def test_what_does_not_exist_is_one_line_and_status_2(
    arguments: list[str],
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("RUN_DIR", str(tmp_path))
    assert token.main(arguments) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith(message)
    assert shown.err.count("\n") == 1


def test_a_token_names_the_territories_that_it_may_compare(tmp_path: Path) -> None:
    text = token.mint(tmp_path, "funder", "pays-de-redon", compares=["haute-saintonge"])
    caller = _verifier(tmp_path).caller(f"Bearer {text}")
    assert (caller.territory, caller.compares) == ("pays-de-redon", {"haute-saintonge"})
    assert _verifier(tmp_path).caller(f"Bearer {token.mint(tmp_path, 'ed', 'pays-de-redon')}").compares == frozenset()
    with pytest.raises(token.TokenError, match="TERRITORY='atlantis' is unknown"):
        token.mint(tmp_path, "funder", "pays-de-redon", compares=["atlantis"])
