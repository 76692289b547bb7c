"""Reading the territories of the deployment."""

from collections.abc import Sequence

from directory.domain.territory import Territory
from directory.store import communes
from directory.usecases.load_reference import Reference
from kit.problems import or_404
from kit.work import Record, Work


async def show_territory(work: Work, reference: Reference, slug: str) -> tuple[Territory, Sequence[Record]]:
    """A territory with its communes, in order of name. Raises Problem 404."""
    territory = or_404(
        reference.territories.get(slug), "territory_unknown", f"This deployment has no territory {slug!r}"
    )
    return territory, await communes.several(work, territory.communes)
