"""Who may act on what: a coordinator for anyone, a practitioner on their own; and on the version they read."""

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


def etag(version: int) -> str:
    """The version of an entry as HTTP names it (RFC 9110, 8.8.3); 0 where there is none yet."""
    return f'"{version}"'


def check_version(if_match: str | None, version: int) -> None:
    """The entry stands as the caller read it, if they said so (`If-Match`). Raises Problem 412."""
    present = etag(version)
    if if_match not in (None, "*", present):
        raise Problem(412, "version_mismatch", f"It stands at {present}", headers={"ETag": present})
