"""Ages leave the service only as bands, so that an event points at nobody."""

TOP = 90


def age_band(age: int) -> str:
    """Ten years wide, for instance `60-69`; `90+` at the top."""
    if age >= TOP:
        return f"{TOP}+"
    low = age - age % 10
    return f"{low}-{low + 9}"
