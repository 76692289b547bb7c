"""Whose channels a caller may see and change: a coordinator anybody's, others their own."""

from directory.domain.channels import Owner, own
from directory.usecases.access import COORDINATOR
from kit.auth import Caller
from kit.problems import Problem


def visible(caller: Caller, asked: Owner | None) -> Owner | None:
    """The owner whose channels a list shows; None for everybody's. Raises Problem 403."""
    if caller.role == COORDINATOR:
        return asked
    mine = own(caller.rpps, caller.organisation)
    if mine is None or asked not in (None, mine):
        raise refused()
    return mine


def may_act(caller: Caller, owner: Owner) -> None:
    """Raises Problem 403 unless it is the caller's own or the caller is a coordinator."""
    if caller.role != COORDINATOR and own(caller.rpps, caller.organisation) != owner:
        raise refused()


def refused() -> Problem:
    """403: the channel of somebody else."""
    return Problem(403, "not_own_channel", "Only a coordinator sees or changes the channels of somebody else")
