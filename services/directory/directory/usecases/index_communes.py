"""The communes in memory, as an import looks them up."""

from directory.domain.communes import CommuneIndex, CommuneName
from directory.store import communes
from kit.work import Work


class Communes:
    """Every name and old code of the tables (about 40,000): read when the first import asks, and kept."""

    _index: CommuneIndex | None = None

    async def __call__(self, work: Work) -> CommuneIndex:
        if self._index is None:
            names = [
                CommuneName(row["insee"], row["name"], tuple(row["postal_codes"])) for row in await communes.names(work)
            ]
            self._index = CommuneIndex(names, await communes.successors(work))
        return self._index
