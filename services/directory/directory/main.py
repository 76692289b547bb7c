"""The web process of the directory: `python -m directory.main`."""

from fastapi import FastAPI

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
from directory.settings import MIGRATIONS, DirectorySettings
from directory.start import on_start
from kit.app import create_app, serve
from kit.clock import Clock

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
