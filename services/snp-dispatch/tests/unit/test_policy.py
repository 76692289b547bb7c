"""The policies of the four territories, and what a wrong one is told."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from snp_dispatch.domain.catalogue import Catalogue
from snp_dispatch.domain.policy import Policy, PolicyVersions
from snp_dispatch.domain.screening import CONDITIONS, PATHS
from snp_dispatch.domain.vital_signs import VITAL_SIGNS

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


def test_the_catalogue_labels_what_a_policy_may_ask_for(catalogue: Catalogue) -> None:
    assert tuple(catalogue.vital_signs) == VITAL_SIGNS
    assert tuple(catalogue.minimum_data) == tuple(PATHS)


@pytest.mark.parametrize("slug", TERRITORIES)
def test_vital_signs_are_bounded_at_every_age(deploy_dir: Path, slug: str) -> None:
    policy = Policy.model_validate(raw(deploy_dir, slug))
    for rules in policy.origins.values():
        for age in range(131):
            assert set(rules.vital_signs.ranges_at(age)) == set(VITAL_SIGNS)


def test_short_delay_specialists_of_atlantique_nord_loire(deploy_dir: Path) -> None:
    policy = Policy.model_validate(raw(deploy_dir, "atlantique-nord-loire"))
    delays = {it.specialty: it.longest_delay_hours for it in policy.needs if it.profession == "10"}
    assert (delays["general-practice"], delays["cardiology"], delays["dermatology"]) == (48, 120, 120)


# ---- several versions side by side


def versions(deploy_dir: Path, **days: str) -> PolicyVersions:
    made = [raw(deploy_dir) | {"version": name, "valid_from": day} for name, day in days.items()]
    return PolicyVersions.of(Policy.model_validate(it) for it in made)


@pytest.mark.parametrize(
    ("day", "in_force", "following"),
    [
        ("2026-10-31", "one", "two"),
        ("2026-11-01", "one", "two"),
        ("2026-11-30", "one", "two"),
        ("2026-12-01", "two", "three"),
        ("2027-01-01", "three", None),
        ("2031-01-01", "three", None),
    ],
)
def test_the_newest_whose_day_has_come_is_in_force(
    deploy_dir: Path, day: str, in_force: str, following: str | None
) -> None:
    found = versions(deploy_dir, three="2027-01-01", one="2026-11-01", two="2026-12-01")
    after = found.after(date.fromisoformat(day))
    assert (found.on(date.fromisoformat(day)).version, after and after.version) == (in_force, following)


def test_two_versions_of_one_day_are_refused(deploy_dir: Path) -> None:
    with pytest.raises(ValueError, match="valid_from"):
        versions(deploy_dir, one="2026-11-01", two="2026-11-01")


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
        (lambda it: it["origins"]["ed"].update(minimum_data=["mood"]), "minimum_data"),
        (lambda it: it["origins"]["ed"]["vital_signs"].update(required=["mood"]), "required"),
        (lambda it: it["origins"]["ed"]["vital_signs"]["bands"].reverse(), "from_age|bands start at age 0"),
        (lambda it: it["origins"]["ed"]["vital_signs"]["bands"].pop(0), "bands start at age 0"),
        (lambda it: it["origins"]["ed"]["vital_signs"]["bands"][0]["ranges"].update(gcs={}), "min or max"),
        (
            lambda it: it["origins"]["ed"]["vital_signs"]["bands"][0]["ranges"].update(gcs={"min": 15, "max": 3}),
            "min is greater than max",
        ),
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
