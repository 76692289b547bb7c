"""The directory knows a structure anew."""

from contracts.directory import StructureUpdated
from contracts.envelope import Event
from kit.work import Work
from snp_dispatch.store.effectors import Traits
from snp_dispatch.usecases.directory_changes import structure_updated


async def on_structure_updated(event: Event[StructureUpdated], work: Work) -> None:
    site = event.data
    await structure_updated(
        work,
        finess=site.finess,
        name=site.name,
        listed=site.listed,
        version=event.aggregateversion,
        traits=Traits(None, site.languages, site.tariff_sector, site.accessibility, (site.finess,)),
    )
