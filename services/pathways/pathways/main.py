"""The web process of pathways: `python -m pathways.main`."""

import asyncio

from fastapi import FastAPI

from contracts.envelope import NATIONAL
from kit.app import create_app, serve
from kit.clock import Clock
from kit.runtime import Runtime
from pathways.api import (
    advice,
    alarms,
    audit_events,
    care_plans,
    consents,
    desks,
    doctor_searches,
    duplicates,
    duties,
    enrolments,
    experts,
    glasses,
    notes,
    patient_links,
    patient_rights,
    patient_space,
    patients,
    platforms,
    prevention,
    session_papers,
    sessions,
    sheets,
    stays,
    steps,
    survey_links,
    surveys,
    team,
    templates,
    threads,
)
from pathways.consumers import SUBSCRIPTIONS
from pathways.settings import MIGRATIONS, PathwaysSettings
from pathways.store.activity_files import load_activities, load_professions, load_questionnaires, territory_names
from pathways.store.files import (
    load_access_rules,
    load_advice_rules,
    load_communes,
    load_hospital,
    load_notebooks,
    load_retention_rules,
    load_specialties,
)
from pathways.store.template_files import load_catalogue
from pathways.usecases.check_versions import check_versions
from pathways.usecases.load_matching import load_matching

ROUTERS = (
    patients.router,
    patient_rights.router,
    duplicates.router,
    team.router,
    consents.router,
    glasses.router,
    audit_events.router,
    enrolments.router,
    steps.router,
    care_plans.router,
    desks.router,
    notes.router,
    patient_links.router,
    patient_space.router,
    threads.router,
    doctor_searches.router,
    templates.router,
    sessions.router,
    session_papers.router,
    surveys.router,
    survey_links.router,
    prevention.router,
    sheets.router,
    experts.router,
    stays.router,
    duties.router,
    advice.router,
    alarms.router,
    platforms.router,
)


async def on_start(runtime: Runtime) -> None:
    """Reads the deployment's files; a bad one stops the start with its name and field."""
    settings = runtime.settings
    files = (settings.territories_dir, settings.reference_dir)
    runtime.extras["catalogue"] = catalogue = load_catalogue(*files, runtime.territories)
    async with runtime.system.work(NATIONAL) as work:
        await check_versions(work, catalogue, *files)
    runtime.extras["access_rules"] = load_access_rules(*files, runtime.territories)
    runtime.extras["retention_rules"] = load_retention_rules(*files, runtime.territories)
    runtime.extras["advice_rules"] = load_advice_rules(*files, runtime.territories)
    runtime.extras["specialties"] = await asyncio.to_thread(load_specialties, settings.reference_dir)
    runtime.extras["hospital"] = load_hospital(*files, runtime.territories)
    runtime.extras["notebooks"] = load_notebooks(*files, runtime.territories)
    runtime.extras["activities"] = load_activities(*files, runtime.territories)
    runtime.extras["questionnaires"] = load_questionnaires(*files, runtime.territories)
    runtime.extras["professions"] = await asyncio.to_thread(load_professions, settings.reference_dir)
    runtime.extras["territory_names"] = territory_names(settings.territories_dir, runtime.territories)
    runtime.extras["matching"] = await asyncio.to_thread(load_matching, *files, runtime.territories)
    runtime.extras["communes"] = await asyncio.to_thread(load_communes, settings.reference_dir)


def build(settings: PathwaysSettings, clock: Clock | None = None) -> FastAPI:
    """The application."""
    return create_app(
        settings,
        title="Pathways",
        description="Patients with minimal, encrypted identity, enrolled in pathways (*parcours*) with dated steps.",
        routers=ROUTERS,
        migrations=MIGRATIONS,
        subscriptions=SUBSCRIPTIONS,
        on_start=on_start,
        clock=clock,
    )


if __name__ == "__main__":
    settings = PathwaysSettings()
    serve(build(settings), settings)
