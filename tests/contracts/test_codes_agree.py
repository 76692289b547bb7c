"""Files name codes of other services that exist: the figure of a step that no pathway has would stay at zero."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from indicators.domain.catalogue import Catalogue, Count
from indicators.usecases.load_catalogue import load_catalogue
from kit.territories import load_yaml, territory_slugs
from pathways.domain.template import Template
from pathways.store.activity_files import load_activities, load_questionnaires
from pathways.store.template_files import load_catalogue as load_templates
from snp_dispatch.domain.catalogue import PATHWAY
from snp_dispatch.domain.catalogue import Catalogue as DispatchCatalogue
from snp_dispatch.domain.policy import Policy


@pytest.fixture(scope="module")
def deploy(pytestconfig: pytest.Config) -> Path:
    return pytestconfig.rootpath / "deploy"


@pytest.fixture(scope="module")
def templates(deploy: Path) -> list[Template]:
    territories = deploy / "territories"
    offered = load_templates(territories, deploy / "reference", territory_slugs(territories))
    return [template for own in offered.values() for template in own.values()]


@pytest.fixture(scope="module")
def known(deploy: Path, templates: list[Template]) -> dict[tuple[str, str], set[str]]:
    """The codes that exist, by source and field of the catalogue."""
    territories = deploy / "territories"
    slugs = territory_slugs(territories)
    activities = load_activities(territories, deploy / "reference", slugs).values()
    asked = [
        it for own in load_questionnaires(territories, deploy / "reference", slugs).values() for it in own.values()
    ]
    kinds = {code for it in activities for code in it.session_kinds}
    topics = {code for it in activities for code in it.topics}
    sessions = {(source, "kind"): kinds for source in ("sessions", "attendances")}
    about = {(source, "topic"): topics for source in ("sessions", "attendances", "answers", "sheets", "experts")}
    pathways = {(source, "template"): {it.id for it in templates} for source in ("enrolments", "steps_done")}
    return {
        **sessions,
        **about,
        **pathways,
        ("steps_done", "step"): {step.code for it in templates for step in it.steps},
        ("answers", "session_kind"): kinds,
        ("answers", "purpose"): {it.purpose for it in asked},
        ("answers", "about"): {about for it in asked for about in it.about},
        ("answers", "respondent"): {who for it in asked for who in it.respondents},
    }


def test_the_dispatch_serves_the_visits_that_steps_need(deploy: Path) -> None:
    """By the policy of each territory that offers the pathway: else a call of it would end in the dead letters."""
    territories, reference = deploy / "territories", deploy / "reference"
    codes = load_yaml(reference / "snp-codes.yaml", DispatchCatalogue)
    for slug, offered in load_templates(territories, reference, territory_slugs(territories)).items():
        policy = load_yaml(territories / slug / "snp-policy.yaml", Policy)
        asked = policy.rules_of(PATHWAY)
        departments = yaml.safe_load((territories / slug / "territory.yaml").read_text(encoding="utf-8"))["departments"]
        assert (slug, set(departments) - set(asked.communes)) == (slug, set())
        for step in (step for template in offered.values() for step in template.steps):
            if need := step.needs_visit:
                assert policy.need_type(need.profession, need.specialty, PATHWAY), (slug, step.code, need)
                assert need.act is None or need.act in codes.acts
                assert set(need.modes) <= set(codes.modes)


def counts(catalogue: Catalogue) -> Iterator[tuple[str, Count]]:
    for indicator in catalogue.indicators:
        parts = (indicator.numerator, indicator.denominator, *(part.count for part in indicator.apart))
        yield from ((indicator.id, part) for part in parts if part is not None)


def test_the_catalogue_names_codes_that_exist(deploy: Path, known: dict[tuple[str, str], set[str]]) -> None:
    seen = set()
    for indicator_id, count in counts(load_catalogue(deploy / "indicators" / "catalogue.yaml")):
        for field, codes in count.where.items():
            if (count.of, field) in known and not isinstance(codes, bool):
                seen.add((count.of, field))
                assert (indicator_id, set(codes) - known[count.of, field]) == (indicator_id, set())
    assert {source for source, _ in seen} >= {"sessions", "attendances", "answers", "enrolments", "steps_done"}


def test_topics_name_pathways_that_exist(deploy: Path, templates: list[Template]) -> None:
    territories = deploy / "territories"
    for activities in load_activities(territories, deploy / "reference", territory_slugs(territories)).values():
        named = {template for topic in activities.topics.values() for template in topic.templates}
        assert named <= {template.id for template in templates}
