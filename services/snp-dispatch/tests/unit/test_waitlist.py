"""The order of the waitlist: the rank of a level on its scale."""

import pytest

from snp_dispatch.domain.catalogue import Catalogue
from snp_dispatch.domain.waitlist import UNASSESSED, priority_of


@pytest.mark.parametrize(
    ("triage", "rank"),
    [
        (("FRENCH", "1"), 0),
        (("FRENCH", "3A"), 2),
        (("FRENCH", "3B"), 3),
        (("FRENCH", "5"), 5),
        (("CCMU", "1"), 5),
        (("CCMU", "2"), 4),
        (None, UNASSESSED),
    ],
)
def test_a_level_is_worth_its_rank(catalogue: Catalogue, triage: tuple[str, str] | None, rank: int) -> None:
    assert priority_of(catalogue, triage) == rank
