"""The version of what was read: `ETag` of an answer, `If-Match` of who changes it (RFC 9110, 13.1.1)."""

from kit.problems import Problem


def etag(version: int) -> str:
    """The version of an entry as HTTP names it; (RFC 9110, 8.8.3); 0 where there is none yet."""
    return f'"{version}"'


def check_version(if_match: str | None, version: int) -> None:
    """The entry stands as the caller read it, if they said so. Raises Problem 412 `version_mismatch`."""
    present = etag(version)
    if if_match not in (None, "*", present):
        raise Problem(412, "version_mismatch", f"It stands at {present}", headers={"ETag": present})
