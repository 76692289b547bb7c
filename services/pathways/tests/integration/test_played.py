"""Every pathway of every territory is played from the enrolment to its end, with one break: seen, escalated, mended."""

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from enrolling import CONSENT, IDENTITY, NOW, READ, TEAM, WRITE, Care

from contracts.envelope import NATIONAL
from contracts.pathways import EnrolmentCompleted, StepDone, StepDue, StepEscalated, StepOverdue
from kit.territories import territory_slugs
from pathways.domain.template import Template
from pathways.store.files import load_access_rules
from pathways.store.template_files import load_catalogue
from pathways.usecases.escalate_steps import escalate_steps
from pathways.usecases.raise_due import raise_due
from pathways.usecases.raise_overdue import raise_overdue

_DEPLOY = Path(__file__).parents[4] / "deploy"
_SLUGS = sorted(territory_slugs(_DEPLOY / "territories"))
CATALOGUE = load_catalogue(_DEPLOY / "territories", _DEPLOY / "reference", _SLUGS)
PATHWAYS = [(slug, name) for slug in _SLUGS for name in CATALOGUE[slug]]
WANTED = {
    "pays-de-redon": {"lung-cancer", "heart-failure", "type-2-diabetes", "alcohol", "isolated-elderly"},
    "marches-de-bretagne": {"addiction", "learning-disorders", "psychiatry"},
    "atlantique-nord-loire": {"type-2-diabetes", "cardiovascular", "hospital-discharge"},
    "haute-saintonge": {"diabetes", "loss-of-autonomy"},
}


def test_each_territory_has_its_own_pathways_and_all_search_doctors() -> None:
    for slug, names in WANTED.items():
        assert names | {"regular-doctor"} <= CATALOGUE[slug].keys()
        assert all(it.validated_by is None for it in CATALOGUE[slug].values())


def test_every_alert_that_a_patient_or_a_hospital_raises_has_a_role_of_the_team_that_answers() -> None:
    rules = load_access_rules(_DEPLOY / "territories", _DEPLOY / "reference", _SLUGS)
    for slug, name in PATHWAYS:
        clinical = set(rules[slug].roles_for("team", "clinical"))
        for alert in CATALOGUE[slug][name].alerts:
            answering = {role for it in alert.responders for role in rules[slug].answering(it.role)}
            assert alert.source not in ("patient", "hospital") or answering & clinical, (slug, name, alert.code)


@pytest.mark.parametrize(("territory", "name"), PATHWAYS)
async def test_a_pathway_is_played_to_its_end_and_its_break_is_mended(care: Care, territory: str, name: str) -> None:
    pathway = CATALOGUE[territory][name]
    token = care.issuer.token(READ, WRITE, IDENTITY, TEAM, role="care", sub="nurse-1", territory=territory)
    care.http.headers["Authorization"] = f"Bearer {token}"
    enrolment = await _enrolled(care, pathway)
    assert {it["state"] for it in enrolment["steps"]} == {"planned"}
    first = min(enrolment["steps"], key=lambda it: (it["due_at"], it["key"]))
    await _break(care, pathway, first)
    await _done(care, pathway, first)
    while left := await _left(care, enrolment["id"]):
        following = min(left, key=lambda it: (it["opens_at"], it["due_at"], it["key"]))
        await _at(care, datetime.fromisoformat(following["opens_at"]))
        await _done(care, pathway, following)
    ended = await care.get(f"/v1/enrolments/{enrolment['id']}")
    assert ended["state"] == "completed"
    assert {it["state"] for it in ended["steps"]} == {"done"}
    assert len(await care.told(StepDone)) == len(ended["steps"])
    assert len(await care.told(EnrolmentCompleted)) == 1


async def _enrolled(care: Care, pathway: Template) -> dict[str, Any]:
    """A patient of fitting age, of whom every fact holds, so that every step is asked for."""
    eligible = pathway.eligibility
    age = eligible.max_age or max(eligible.min_age or 0, 75)
    born = date(NOW.year - age, 1, 15)
    patient = await care.patient(birth_date=born.isoformat(), ins=None, identity_status="validated")
    body = {
        "patient_id": patient["id"],
        "template": pathway.id,
        "started_on": NOW.date().isoformat(),
        "consent": {**CONSENT, "text_version": pathway.consent.version},
        "facts": {fact.code: True for fact in pathway.facts},
        "criteria": {it.code: not it.excludes for it in eligible.criteria},
    }
    return await care.made("/v1/enrolments", body)


async def _left(care: Care, enrolment_id: str) -> list[dict[str, Any]]:
    steps = (await care.get(f"/v1/enrolments/{enrolment_id}"))["steps"]
    return [it for it in steps if it["state"] != "done"]


async def _break(care: Care, pathway: Template, step: dict[str, Any]) -> None:
    """Nobody does the step: it falls due, is overdue at its time, and each who answers for it is told in turn."""
    await _at(care, datetime.fromisoformat(step["due_at"]) - timedelta(seconds=1))
    assert step["id"] in {it["step_id"] for it in await care.told(StepDue)}
    assert step["id"] not in {it["step_id"] for it in await care.told(StepOverdue)}
    await _at(care, datetime.fromisoformat(step["due_at"]))
    assert step["id"] in {it["step_id"] for it in await care.told(StepOverdue)}
    ladder = pathway.ladder(pathway.step(step["code"]))
    assert ladder, "somebody answers for every step"
    await _at(care, datetime.fromisoformat(step["due_at"]) + timedelta(days=ladder[-1].after_days, hours=2))
    told = [(it["rung"], it["role"]) for it in await care.told(StepEscalated) if it["step_id"] == step["id"]]
    assert told == [(number, rung.role) for number, rung in enumerate(ladder, start=1)]


async def _done(care: Care, pathway: Template, step: dict[str, Any]) -> None:
    kind = pathway.step(step["code"]).proof[0]
    proof = {"kind": kind, "reference": None if kind == "declaration" else str(uuid4())}
    await care.made(f"/v1/steps/{step['id']}/done", {"proof": proof}, 200)


async def _at(care: Care, instant: datetime) -> None:
    """The clock stands at this instant, unless it is later already, and the timers have run."""
    care.clock.advance(max(instant - care.clock.now(), timedelta()))
    for timer in (raise_due, raise_overdue, *[escalate_steps] * 3):
        async with care.runtime.system.work(NATIONAL) as work:
            await timer(work, 1000)
