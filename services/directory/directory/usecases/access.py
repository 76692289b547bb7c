"""Who may act on what: a coordinator for anyone, a practitioner on their own."""

from kit.auth import Caller
from kit.problems import Problem

COORDINATOR = "coordinator"


def check_own(caller: Caller, *rpps: str) -> None:
    """Raises Problem 403 unless the caller is a coordinator or one of these professionals."""
    if caller.role != COORDINATOR and caller.rpps not in rpps:
        raise Problem(403, "not_own_entry", "Only a coordinator acts for somebody else")


def check_coordinator(caller: Caller) -> None:
    """Raises Problem 403."""
    if caller.role != COORDINATOR:
        raise Problem(403, "not_coordinator", "Only a coordinator does this")
