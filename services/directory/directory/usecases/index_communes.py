"""The communes in memory, as an import looks them up."""

from directory.domain.communes import CommuneIndex, CommuneName
from directory.store import communes
from kit.work import Work


async def index_communes(work: Work) -> CommuneIndex:
    """Every name and old code of the tables (about 40,000)."""
    names = [CommuneName(row["insee"], row["name"], tuple(row["postal_codes"])) for row in await communes.names(work)]
    return CommuneIndex(names, await communes.successors(work))
