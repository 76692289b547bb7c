"""A version of a pathway that enrolments use does not change: the start is refused, with the file and the version."""

from pathlib import Path

import pytest
from changed_files import change, copied
from enrolling import Care, started

from kit.territories import BadFileError
from kit.testing.harness import Issuer
from pathways.domain.template import Template
from pathways.settings import PathwaysSettings

OWN, SHARED = "territories/pays-de-redon/pathways/lung-cancer.yaml", "reference/pathways/type-2-diabetes.yaml"


async def restart(settings: PathwaysSettings, issuer: Issuer) -> Template:
    """The service starts, and offers this of lung cancer."""
    async with started(settings, issuer) as care:
        offered: Template = care.runtime.extras["catalogue"]["pays-de-redon"]["lung-cancer"]
    return offered


async def test_a_version_in_use_may_not_change_and_a_new_version_may(
    settings: PathwaysSettings, issuer: Issuer, deploy_dir: Path, tmp_path: Path
) -> None:
    settings, folder = copied(settings, deploy_dir, tmp_path / "deploy")
    async with started(settings, issuer) as care:
        enrolment = await care.enrolment()
    change(folder / OWN, "    to_days: 3\n", "    to_days: 4\n")
    with pytest.raises(
        BadFileError, match=rf"lung-cancer\.yaml: version: '{enrolment['template_version']}'.*: steps\."
    ):
        await restart(settings, issuer)
    change(folder / OWN, f'version: "{enrolment["template_version"]}"', 'version: "2027-1"')
    assert (await restart(settings, issuer)).version == "2027-1"


async def test_what_nobody_was_enrolled_under_may_change(
    settings: PathwaysSettings, issuer: Issuer, deploy_dir: Path, tmp_path: Path
) -> None:
    settings, folder = copied(settings, deploy_dir, tmp_path / "deploy")
    before = await restart(settings, issuer)
    change(folder / OWN, "    to_days: 3\n", "    to_days: 4\n")
    after = await restart(settings, issuer)
    assert (after.version, after.steps != before.steps) == (before.version, True)


async def test_a_shared_pathway_changes_those_that_extend_it(
    settings: PathwaysSettings, issuer: Issuer, deploy_dir: Path, tmp_path: Path
) -> None:
    settings, folder = copied(settings, deploy_dir, tmp_path / "deploy")
    async with started(settings, issuer) as care:
        await enrolled(care)
    change(folder / SHARED, "escalation:\n", "escalation:\n  - {role: education-team, after_days: 0}\n")
    with pytest.raises(BadFileError, match=r"pays-de-redon/pathways/type-2-diabetes\.yaml: version: .*: escalation\."):
        await restart(settings, issuer)


async def enrolled(care: Care) -> None:
    template = care.runtime.extras["catalogue"]["pays-de-redon"]["type-2-diabetes"]
    assert template.escalation
    await care.enrolment(template="type-2-diabetes")
