"""Moves a running enrolment to the version of its pathway that is in force, or says what that would do."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from contracts.pathways import EnrolmentMigrated
from kit.problems import Problem
from kit.work import Record, Work
from pathways.domain.dating import date_steps
from pathways.domain.layout import lay_out
from pathways.domain.migrating import Change, Draft, drafts, removed
from pathways.domain.replanning import Shift, Standing
from pathways.domain.template import Template
from pathways.store import enrolments, steps, template_versions
from pathways.store.tables import StepRow
from pathways.usecases.close_step import complete_when_over
from pathways.usecases.enrol_patient import step_row
from pathways.usecases.settle_steps import Who, apply, lock_running, name_of, plan_of, standing


@dataclass(frozen=True)
class Migration:
    """From which version to which, and what it changes for the patient."""

    from_version: str
    to_version: str
    changes: list[Change]


async def preview_migration(work: Work, who: Who, templates: Mapping[str, Template], enrolment_id: UUID) -> Migration:
    """What moving the enrolment would do. Raises Problem 404 or 409."""
    enrolment = await lock_running(work, who, enrolment_id, "read")
    template = _in_force(templates, enrolment)
    rows = await steps.of_enrolment(work, enrolment_id)
    made, gone = await _drafted(work, enrolment, template, rows)
    return _migration(enrolment, template, made, gone)


async def migrate_enrolment(
    work: Work, who: Who, templates: Mapping[str, Template], enrolment_id: UUID, to_version: str
) -> Migration:
    """Moves it. `to_version` is what the preview named. Raises Problem 404 or 409."""
    enrolment, by = await lock_running(work, who, enrolment_id), name_of(who)
    template = _in_force(templates, enrolment)
    if template.version != to_version:
        raise Problem(
            409, "template_changed", f"The version in force is {template.version!r}", version=template.version
        )
    rows = await steps.of_enrolment(work, enrolment_id, lock=True)
    made, gone = await _drafted(work, enrolment, template, rows)
    await template_versions.keep(work, template)
    await _write(work, by, enrolment, rows, made=made, gone={change.key for change in gone})
    facts, told = _carried(enrolment, template)
    moved = await enrolments.migrate(work, enrolment_id, by, template, facts=facts, told=told)
    migration = _migration(enrolment, template, made, gone)
    event = EnrolmentMigrated(
        enrolment_id=enrolment_id,
        template=template.id,
        from_version=migration.from_version,
        to_version=template.version,
    )
    work.emit(event, version=moved["version"])
    await complete_when_over(work, by, enrolment_id)
    return migration


def _in_force(templates: Mapping[str, Template], enrolment: Record) -> Template:
    template = templates.get(enrolment["template"])
    if template is None:
        raise Problem(409, "template_withdrawn", "The territory offers this pathway no more")
    if template.version == enrolment["template_version"]:
        raise Problem(409, "template_current", "The enrolment follows the version in force", version=template.version)
    return template


async def _drafted(
    work: Work, enrolment: Record, template: Template, rows: list[Record]
) -> tuple[list[Draft], list[Change]]:
    laid_out = lay_out(template.steps)
    known = {step.key: step for step in standing(rows)}
    facts, told = _carried(enrolment, template)
    plan = await plan_of(work, enrolment, rows)
    windows = date_steps(
        [it.rule for it in laid_out], replace(plan, dates=template.days(enrolment["started_on"], told))
    )
    return drafts(laid_out, known, windows, facts, work.now), removed(laid_out, known)


def _carried(enrolment: Record, template: Template) -> tuple[list[str], dict[str, date]]:
    """What was told of the patient and still has a place in the new version."""
    days = enrolments.days_of(enrolment)
    facts = [it.code for it in template.facts if it.code in enrolment["facts"]]
    return facts, {it.code: days[it.code] for it in template.dates if it.code in enrolment["told_dates"]}


def _migration(enrolment: Record, template: Template, made: list[Draft], gone: list[Change]) -> Migration:
    changes = [*(draft.change for draft in made if draft.change), *gone]
    return Migration(enrolment["template_version"], template.version, changes)


async def _write(
    work: Work, by: str, enrolment: Record, rows: list[Record], *, made: list[Draft], gone: set[str]
) -> None:
    kept = [(draft.known, place, draft) for place, draft in enumerate(made) if draft.known]
    await steps.rule(work, [(known.id, place, draft.occurrence) for known, place, draft in kept])
    shifts = [Shift(known, draft.window, draft.state) for known, _, draft in kept if _changed(known, draft)]
    shifts += [Shift(step, step.window, "cancelled") for step in standing(rows) if step.key in gone]
    await apply(work, by, enrolment, rows, shifts)
    await steps.add(
        work,
        [_new_row(work, by, enrolment, place, draft) for place, draft in enumerate(made) if draft.known is None],
    )


def _new_row(work: Work, by: str, enrolment: Record, place: int, draft: Draft) -> StepRow:
    return step_row(work, by, enrolment["id"], draft.occurrence, position=place, window=draft.window, state=draft.state)


def _changed(known: Standing, draft: Draft) -> bool:
    return (draft.window, draft.state) != (known.window, known.state)
