"""Acceptances whose last day is over are told as lapsed. Reads ignore them from that midnight, job or no job."""

from contracts.directory import AcceptanceLapsed
from directory.domain.as_of import paris_day
from directory.store import acceptances
from kit.work import Work

BY = "lapse-acceptances"
_BATCH = 200


async def lapse_acceptances(work: Work) -> int:
    """One batch, of every territory. Answers how many."""
    rows = await acceptances.lapse(work, paris_day(work.now), _BATCH, BY)
    for row in rows:
        lapsed = AcceptanceLapsed(rpps=row["rpps"], accepted=row["accepts"], valid_until=row["valid_until"])
        work.emit(lapsed, version=row["version"], territory=row["territory"])
    return len(rows)
