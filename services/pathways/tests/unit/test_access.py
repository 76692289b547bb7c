"""The rules on who may see what: the file of the repository, and what a bad one is told."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from pathways.domain.access import AccessRules, Grounds, Kind, Membership, Sharing, Standing, Verb, decide


@pytest.fixture(scope="module")
def raw(deploy_dir: Path) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((deploy_dir / "reference/patient-access.yaml").read_text(encoding="utf-8"))
    return found


def standing(role: str | None = None, sharing: Sharing = "given", *, basis: Any = "consent", **more: bool) -> Standing:
    places = (Membership(role, basis),) if role else ()
    return Standing(places, sharing, more.get("objected", False), more.get("coordinator", False))


@pytest.mark.parametrize(
    ("who", "kind", "verb", "expected"),
    [
        (standing("regular-doctor"), "clinical", "write", Grounds("team", "regular-doctor")),
        (standing("social-worker"), "clinical", "read", "team"),
        (standing("social-worker"), "pathway", "read", Grounds("team", "social-worker")),
        (standing("nurse", "unasked"), "identity", "read", "team_unasked"),
        (standing("pathway-referent", "unasked"), "identity", "read", Grounds("team_unasked", "pathway-referent")),
        (standing("regular-doctor", "withdrawn"), "identity", "read", "team_withdrawn"),
        (standing("regular-doctor", "withdrawn"), "consent", "write", Grounds("team_withdrawn", "regular-doctor")),
        (standing("nurse", "withdrawn", basis="care_team"), "clinical", "read", Grounds("team", "nurse")),
        (standing("emergency", "withdrawn", basis="emergency"), "clinical", "read", Grounds("emergency", "emergency")),
        (standing("regular-doctor", objected=True), "entry", "read", "objected"),
        (standing(coordinator=True), "identity", "read", "coordination"),
        (standing(coordinator=True), "pathway", "read", Grounds("coordination", None)),
        (standing("nurse", coordinator=True), "clinical", "read", Grounds("team", "nurse")),
        (standing(), "entry", "read", "outsider"),
    ],
    ids=str,
)
def test_who_may_what(raw: dict[str, Any], who: Standing, kind: Kind, verb: Verb, expected: object) -> None:
    assert decide(AccessRules.model_validate(raw), who, kind, verb) == expected


@pytest.mark.parametrize(
    ("rule", "complaint"),
    [
        ({"situation": "team", "roles": ["gardener"], "read": ["entry"]}, r"rules\.\d+\.roles: .*gardener"),
        ({"situation": "outsider", "read": ["entry"]}, "outsider may see nothing"),
        ({"situation": "objected", "read": ["entry"]}, "objected may see nothing"),
        ({"situation": "family", "read": ["entry"]}, "situation"),
        ({"situation": "team", "read": ["everything"]}, "read"),
    ],
    ids=str,
)
def test_a_bad_rule_is_refused(raw: dict[str, Any], rule: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ValidationError, match=complaint):
        AccessRules.model_validate({**raw, "rules": [*raw["rules"], rule]})


def test_clinical_content_is_always_audited(raw: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="identity and clinical always are"):
        AccessRules.model_validate({**raw, "audited": ["identity"]})
