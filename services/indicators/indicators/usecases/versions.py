"""The version of a thing as HTTP names it, and the check that it stands as the caller read it."""

from kit.problems import Problem


def etag(version: int) -> str:
    """The version as an entity tag (RFC 9110, 8.8.3); 0 where nothing was done yet."""
    return f'"{version}"'


def check_version(if_match: str | None, version: int) -> None:
    """It stands as the caller read it, if they said so (`If-Match`). Raises Problem 412."""
    present = etag(version)
    if if_match not in (None, "*", present):
        raise Problem(412, "version_mismatch", f"It stands at {present}", headers={"ETag": present})
