from collections import namedtuple

import pytest

from directory.domain.following import Following, department_of

Place = namedtuple("Place", "commune postal_code")
Profile = namedtuple("Profile", "communes departments")


def test_departments_are_those_named_and_those_of_the_communes() -> None:
    profiles = [Profile(("35236", "44067"), ()), Profile((), ("17",)), Profile((), ())]
    assert Following.of(profiles).departments == {"35", "44", "17"}


@pytest.mark.parametrize(("commune", "department"), [("35236", "35"), ("2A004", "2A"), ("97411", "974")])
def test_the_department_of_a_commune(commune: str, department: str) -> None:
    assert department_of(commune) == department


@pytest.mark.parametrize(
    ("place", "followed"),
    [
        (Place("35238", None), True),
        (Place("13055", "35600"), False),
        (Place(None, "35600"), True),
        (Place(None, "13001"), False),
        (Place(None, None), False),
        (Place("2A004", "20000"), True),
        (Place(None, "20200"), True),
    ],
)
def test_a_place_is_followed_by_its_commune_else_by_its_postal_code(place: Place, followed: bool) -> None:
    following = Following(frozenset({"35", "2A"}))
    assert following.anywhere([place]) is followed
    assert following.anywhere([Place("75056", None), place]) is followed


def test_nowhere_is_not_followed() -> None:
    assert not Following(frozenset({"35"})).anywhere([])
