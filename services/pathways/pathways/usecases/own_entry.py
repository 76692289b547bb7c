"""Who may act on what is somebody's own: the professional, or a coordinator for them."""

from kit.auth import Caller
from kit.problems import Problem

COORDINATOR = "coordinator"


def check_own(caller: Caller, rpps: str | None) -> None:
    """Raises Problem 403 unless the caller is a coordinator or this professional."""
    if caller.role != COORDINATOR and (rpps is None or caller.rpps != rpps):
        raise Problem(403, "not_own_entry", "Only a coordinator acts for somebody else")
