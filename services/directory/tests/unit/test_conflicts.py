"""Where the territory and the national source differ."""

import pytest

from directory.domain.conflicts import Sides, differ, state_after
from directory.domain.statements import Compared


@pytest.mark.parametrize(
    ("compared", "attested", "national", "differs"),
    [
        ("phone", "0199000001", ["01 99 00 00 01"], False),
        ("phone", "+33199000001", ["01.99.00.00.01", "0199000002"], False),
        ("phone", "0199000001", ["+33 (0)1 99 00 00 01"], False),
        ("phone", "0199000001", ["0199000002"], True),
        ("phone", "0199000001", [], False),
        ("commune", "35236", ["35236", "56239"], False),
        ("commune", "35236", ["56239"], True),
        ("profession", "10", ["10"], False),
        ("profession", "60", ["10"], True),
        ("site_name", "Cabinet de l'Étang", ["CABINET DE L ETANG"], False),
        ("site_name", "Maison médicale", ["CABINET DE L ETANG"], True),
    ],
)
def test_the_same_in_another_form_is_no_conflict(
    compared: Compared, attested: str, national: list[str], differs: bool
) -> None:
    assert differ(compared, Sides(attested, national)) is differs


def test_a_settled_conflict_comes_back_only_when_a_side_says_another_thing() -> None:
    settled = Sides("35236", ["56239"])
    assert state_after("commune", settled, None, None) == "open"
    assert state_after("commune", settled, "resolved", settled) == "resolved"
    assert state_after("commune", Sides("35236", ["44067"]), "resolved", settled) == "open"
    assert state_after("commune", Sides("35268", ["56239"]), "resolved", settled) == "open"
    assert state_after("commune", Sides("35236", ["35236"]), "resolved", settled) == "agrees"
