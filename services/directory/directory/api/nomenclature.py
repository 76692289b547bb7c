"""The route on codes."""

from directory.api.answers import codes
from directory.api.params import Reader, ReferenceDep
from directory.api.schemas import NomenclatureOut, SpecialtyOut
from kit.http import service_router

router = service_router(tags=["nomenclature"])


@router.get("/nomenclature", operation_id="getNomenclature", summary="Codes and their labels")
async def show(*, caller: Reader, reference: ReferenceDep) -> NomenclatureOut:
    """Professions, skills, modes, sectors, and our specialties with what they are derived from."""
    known = reference.nomenclature
    return NomenclatureOut(
        version=known.version,
        professions=codes(known.professions),
        skills=codes(known.skills),
        modes=codes(known.modes),
        sectors=codes(known.sectors),
        specialties=[
            SpecialtyOut(code=code, label=item.label, profession=item.profession, skills=sorted(item.skills))
            for code, item in known.specialties.items()
        ],
    )
