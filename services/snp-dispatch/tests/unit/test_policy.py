"""The policies of the four territories, and what a wrong one is told."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from snp_dispatch.domain.catalogue import Catalogue
from snp_dispatch.domain.policy import Policy
from snp_dispatch.domain.screening import CONDITIONS

TERRITORIES = ("pays-de-redon", "marches-de-bretagne", "atlantique-nord-loire", "haute-saintonge")


def raw(deploy_dir: Path, slug: str = "pays-de-redon") -> dict[str, Any]:
    text = (deploy_dir / "territories" / slug / "snp-policy.yaml").read_text(encoding="utf-8")
    content: dict[str, Any] = yaml.safe_load(text)
    return content


@pytest.mark.parametrize("slug", TERRITORIES)
def test_every_territory_has_a_coherent_policy(deploy_dir: Path, catalogue: Catalogue, slug: str) -> None:
    policy = Policy.model_validate(raw(deploy_dir, slug))
    assert policy.check(catalogue) == []
    need = policy.need_type("10", "general-practice")
    assert need is not None
    assert need.longest_delay_hours == 48


def test_the_catalogue_labels_every_condition(catalogue: Catalogue) -> None:
    assert tuple(catalogue.conditions) == CONDITIONS


def test_an_unknown_need(policy: Policy) -> None:
    assert policy.need_type("10", "alchemy") is None
    assert policy.serves("10")
    assert not policy.serves("99")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda it: it["reach"].update(default_km=99), "default_km is greater"),
        (lambda it: it["needs"].append(it["needs"][0]), "twice"),
        (lambda it: it.update(colour="blue"), "colour"),
        (lambda it: it.pop("version"), "version"),
        (lambda it: it["origins"]["ed"].update(audiences=["ALL"]), "audiences"),
    ],
)
def test_a_wrong_policy_names_what_is_wrong(
    deploy_dir: Path, change: Callable[[dict[str, Any]], object], said: str
) -> None:
    content = raw(deploy_dir)
    change(content)
    with pytest.raises(ValidationError, match=said):
        Policy.model_validate(content)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda it: it["red_flags"].append("bad_mood"), "red_flags: bad_mood"),
        (lambda it: it["origins"].pop("sas"), "origins: sas is missing"),
        (lambda it: it["origins"]["ed"].update(redirect="home"), "origins.ed.redirect: home"),
        (lambda it: it["origins"]["ed"]["levels"].update(FRENCH=["9"]), "origins.ed.levels.FRENCH: 9"),
        (lambda it: it["origins"]["ed"]["levels"].update(XTS=["1"]), "origins.ed.levels.XTS: 1"),
    ],
)
def test_codes_are_checked_against_the_catalogue(
    deploy_dir: Path, catalogue: Catalogue, change: Callable[[dict[str, Any]], object], said: str
) -> None:
    content = raw(deploy_dir)
    change(content)
    assert Policy.model_validate(content).check(catalogue) == [said]
