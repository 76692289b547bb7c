"""The directory knows a professional anew."""

from contracts.directory import ProfessionalUpdated
from contracts.envelope import Event
from kit.work import Work
from snp_dispatch.store.effectors import Traits
from snp_dispatch.usecases.directory_changes import professional_updated


async def on_professional_updated(event: Event[ProfessionalUpdated], work: Work) -> None:
    person = event.data
    await professional_updated(
        work,
        rpps=person.rpps,
        name=f"{person.given_name} {person.family_name}",
        profession=person.profession,
        specialties=person.specialties,
        listed=person.listed,
        version=event.aggregateversion,
        traits=Traits(
            gender=person.gender,
            languages=person.languages,
            tariff_sector=person.tariff_sector,
            accessibility=person.accessibility,
            sites=tuple(sorted({it.finess for it in person.activities if it.finess})),
        ),
    )
