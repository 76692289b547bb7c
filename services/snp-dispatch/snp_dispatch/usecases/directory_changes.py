"""What the directory tells: kept as reference rows, newer versions only, in whatever order it arrives."""

from kit.work import Work
from snp_dispatch.store import attested, effectors
from snp_dispatch.store.attested import Attested
from snp_dispatch.store.effectors import Traits


async def professional_updated(
    work: Work,
    *,
    rpps: str,
    name: str,
    profession: str,
    specialties: tuple[str, ...],
    listed: bool,
    version: int,
    traits: Traits,
) -> None:
    """A professional as the directory now knows them."""
    await effectors.apply(
        work,
        number=rpps,
        kind="person",
        name=name,
        profession=profession,
        specialties=specialties,
        listed=listed,
        version=version,
        traits=traits,
    )


async def structure_updated(work: Work, *, finess: str, name: str, listed: bool, version: int, traits: Traits) -> None:
    """A structure as the directory now knows it. It says itself, slot by slot, who serves."""
    await effectors.apply(
        work,
        number=finess,
        kind="structure",
        name=name,
        profession=None,
        specialties=(),
        listed=listed,
        version=version,
        traits=traits,
    )


async def participation_changed(work: Work, *, rpps: str, participates: bool, version: int) -> None:
    """A professional takes part on the territory of the event, or no longer does. Their slots stay, unoffered."""
    await effectors.apply_participation(work, rpps=rpps, participates=participates, version=version)


async def statements_changed(work: Work, *, number: str, said: Attested, version: int) -> None:
    """What the territory of the event attests of an effector. It may arrive before the effector itself."""
    await attested.apply(work, number=number, said=said, version=version)
