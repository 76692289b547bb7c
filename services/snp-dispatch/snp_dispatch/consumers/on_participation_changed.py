"""A professional takes part in unscheduled care on a territory, or no longer does."""

from contracts.directory import ParticipationChanged
from contracts.envelope import Event
from kit.work import Work
from snp_dispatch.usecases.directory_changes import participation_changed


async def on_participation_changed(event: Event[ParticipationChanged], work: Work) -> None:
    change = event.data
    await participation_changed(
        work, rpps=change.rpps, participates=change.participates, version=event.aggregateversion
    )
