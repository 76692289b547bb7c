"""Who takes part in unscheduled care: the one condition of search, holds, moves and lists."""


def takes_part(territory: str, effector: str = "e") -> str:
    """SQL condition: the effector, a row of its table, takes part on the territory; a structure always does.

    A scalar subquery is one look at an index for each row. Of an EXISTS behind an OR PostgreSQL may make a hash of
    everybody who takes part on the territory, for each search anew.
    """
    return (
        f"({effector}.kind = 'structure' OR coalesce((SELECT p.participates FROM participation p"
        f" WHERE p.territory = {territory} AND p.rpps = {effector}.id), false))"
    )
