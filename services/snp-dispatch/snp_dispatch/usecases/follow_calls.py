"""Which events a caller may follow, and from where."""

from typing import Literal
from uuid import UUID

from kit.auth import Caller
from kit.problems import Problem
from kit.work import Work
from snp_dispatch.domain.statuses import Audience
from snp_dispatch.usecases import access
from snp_dispatch.usecases.read_calls import read_call

Whose = Literal["client", "organisation", "territory"]


async def follow_call(work: Work, caller: Caller, call_id: UUID) -> Audience:
    """The events of one call, for whoever may read it. Raises Problem 403, 404."""
    await read_call(work, caller, call_id)
    return Audience(call_id=str(call_id))


def follow_calls(caller: Caller, whose: Whose | None) -> Audience:
    """The events of many calls. Raises Problem 403 `not_your_events`, `no_organisation`.

    Those of the caller's organisation as the token names it, else those that its client made. Who works for
    the whole territory may ask for all of it.
    """
    alone = access.works_alone(caller)
    wanted = whose or ("client" if alone or caller.organisation is None else "organisation")
    if wanted == "client":
        return Audience(client=caller.subject)
    if alone:
        raise Problem(403, "not_your_events", "You may follow your own calls only")
    if wanted == "territory":
        return Audience()
    if caller.organisation is None:
        raise Problem(403, "no_organisation", "This token names no organisation: follow `client` instead")
    return Audience(organisation=caller.organisation)
