"""The web process of the directory: `python -m directory.main`."""

from typing import cast

from fastapi import FastAPI

from contracts.envelope import NATIONAL
from directory.api import (
    acceptances,
    ballots,
    call_up_links,
    call_ups,
    campaigns,
    channels,
    communications,
    conflicts,
    crises,
    crisis_plans,
    diffusions,
    entries,
    funding,
    history,
    imports,
    indemnities,
    indemnity_statements,
    installations,
    internships,
    mandates,
    meeting_documents,
    meetings,
    members,
    messages,
    minutes,
    newsletters,
    nomenclature,
    payments,
    personal_links,
    places,
    professionals,
    publications,
    resources,
    rosters,
    statements,
    technical_issues,
    unsubscriptions,
    vaccinations,
    webhooks,
)
from directory.domain.following import Following
from directory.settings import DirectorySettings
from directory.store import following
from directory.usecases.load_reference import check_territories, load_communes, read_reference
from kit.app import create_app, serve
from kit.clock import Clock
from kit.runtime import Runtime

MIGRATIONS = "directory.migrations"

ROUTERS = (
    professionals.router,
    places.communes,
    places.territories,
    places.structures,
    nomenclature.router,
    imports.router,
    history.router,
    rosters.router,
    crisis_plans.router,
    crises.router,
    call_ups.router,
    call_up_links.router,
    communications.router,
    vaccinations.router,
    acceptances.router,
    members.router,
    mandates.router,
    meetings.router,
    meeting_documents.router,
    minutes.router,
    ballots.router,
    indemnities.router,
    indemnity_statements.router,
    payments.router,
    funding.router,
    channels.router,
    newsletters.router,
    unsubscriptions.router,
    technical_issues.router,
    messages.router,
    publications.router,
    diffusions.router,
    internships.router,
    installations.router,
    webhooks.router,
    statements.router,
    entries.router,
    resources.router,
    conflicts.router,
    campaigns.router,
    personal_links.router,
)


async def on_start(runtime: Runtime) -> None:
    """Reads the deployment's files; a bad one stops the start with its name and field."""
    settings = cast(DirectorySettings, runtime.settings)
    reference = read_reference(settings)
    async with runtime.system.work(NATIONAL) as work:
        await load_communes(work, settings.reference_dir)
        await check_territories(work, reference, settings.territories_dir)
        await following.register(work, Following.of(reference.territories.values()))
    runtime.extras["reference"] = reference


def build(settings: DirectorySettings, clock: Clock | None = None) -> FastAPI:
    """The application."""
    return create_app(
        settings,
        title="Directory",
        description="Territories, communes, structures, professionals, and who takes part in unscheduled care (SNP).",
        routers=ROUTERS,
        migrations=MIGRATIONS,
        on_start=on_start,
        clock=clock,
    )


if __name__ == "__main__":
    settings = DirectorySettings()
    serve(build(settings), settings)
