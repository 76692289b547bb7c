from collections.abc import Iterable
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from directory.domain.nomenclature import Nomenclature
from directory.domain.professionals import Professional, assemble
from directory.domain.rpps_file import RppsLine
from directory.domain.structures import StructureMention, structure_of

EMPTY = RppsLine(*("" for _ in RppsLine._fields))
DOCTOR = EMPTY._replace(
    rpps="99000000093",
    title="DR",
    family_name="MORZILAREC",
    given_name="DONATIEN",
    profession="10",
    skill="SM04",
    mode="L",
    structure="R1",
    commune="35236",
)


class Known:
    """Resolves the codes it is given."""

    def resolve(self, code: str, postal_code: str, names: Iterable[str]) -> str | None:
        return code or None


@pytest.fixture(scope="module")
def nomenclature(deploy_dir: Path) -> Nomenclature:
    return Nomenclature.model_validate(yaml.safe_load((deploy_dir / "reference/nomenclature.yaml").read_text()))


@pytest.fixture
def put_together(nomenclature: Nomenclature):  # type: ignore[no-untyped-def]
    return lambda *lines: assemble(lines, nomenclature, Known())


def test_one_line(put_together) -> None:  # type: ignore[no-untyped-def]
    person: Professional = put_together(DOCTOR)
    assert (person.name, person.specialties, person.search_name) == (
        "Dr Donatien MORZILAREC",
        ("cardiology",),
        " morzilarec donatien",
    )
    assert [(item.commune, item.mode) for item in person.activities] == [("35236", "L")]


def test_two_skills_at_one_place_are_one_activity(put_together) -> None:  # type: ignore[no-untyped-def]
    person = put_together(DOCTOR, DOCTOR._replace(skill="SM54"))
    assert person.skills == ("SM04", "SM54")
    assert person.specialties == ("cardiology", "general-practice")
    assert len(person.activities) == 1


def test_two_places_are_two_activities_in_the_order_of_the_file(put_together) -> None:  # type: ignore[no-untyped-def]
    person = put_together(DOCTOR._replace(structure="R2", commune="56061"), DOCTOR)
    assert [item.commune for item in person.activities] == ["56061", "35236"]


def test_someone_without_structure_does_not_practise(put_together) -> None:  # type: ignore[no-untyped-def]
    assert put_together(DOCTOR._replace(mode="", structure="", commune="")).activities == ()


def test_two_professions_keep_their_own_specialties(put_together) -> None:  # type: ignore[no-untyped-def]
    nurse = DOCTOR._replace(profession="60", skill="SI01", structure="R2")
    person = put_together(DOCTOR, nurse, nurse._replace(structure="R3"))
    assert (person.profession, person.professions) == ("60", ("10", "60"))
    assert person.specialties == ("advanced-practice-nurse", "cardiology")
    assert [item.profession for item in person.activities] == ["10", "60", "60"]


@pytest.mark.parametrize(
    ("line", "street"),
    [
        (
            DOCTOR._replace(street_number="2", street_type="Boulevard", street_name="DES GENETS"),
            "2 Boulevard DES GENETS",
        ),
        (DOCTOR._replace(street_number="2", street_type="Rue", street_name="RUE DU LAVOIR"), "2 RUE DU LAVOIR"),
        (DOCTOR._replace(street_name="LE BOURG"), "LE BOURG"),
        (DOCTOR, None),
    ],
)
def test_the_type_of_street_is_not_said_twice(put_together, line: RppsLine, street: str | None) -> None:  # type: ignore[no-untyped-def]
    assert put_together(line).activities[0].street == street


def test_the_city_is_kept_where_no_commune_is_found(put_together) -> None:  # type: ignore[no-untyped-def]
    line = DOCTOR._replace(commune="", postal_code="98800", postal_line="98800 NOUMEA")
    [activity] = put_together(line).activities
    assert (activity.commune, activity.city) == (None, "NOUMEA")
    [known] = put_together(DOCTOR._replace(commune_name="Redon")).activities
    assert known.city is None


@given(st.permutations([DOCTOR, DOCTOR._replace(structure="R2", given_name="Donatien"), DOCTOR._replace(skill="SM54")]))
def test_the_order_of_the_lines_is_not_content(nomenclature: Nomenclature, lines: list[RppsLine]) -> None:
    reference = assemble(sorted(lines), nomenclature, Known())
    assert assemble(lines, nomenclature, Known()).digest() == reference.digest()


@pytest.mark.parametrize("change", [{"commune": "56061"}, {"phone": "0261910000"}, {"skill": "SM54"}, {"mode": "S"}])
def test_every_content_counts(put_together, change: dict[str, str]) -> None:  # type: ignore[no-untyped-def]
    assert put_together(DOCTOR).digest() != put_together(DOCTOR._replace(**change)).digest()


def test_the_most_frequent_mention_names_a_structure() -> None:
    often = StructureMention("990010001", "CH REDON", "SA01", "35600 REDON", "35600", "", "", 20)
    once = often._replace(name="CHIRC", commune="35236", times=1)
    site = structure_of([once, often], Known())
    assert (site.name, site.commune) == ("CH REDON", "35236")
    assert site.digest() == structure_of([often, once], Known()).digest()


def test_a_structure_without_name_goes_by_its_number() -> None:
    mention = StructureMention("990010001", "", "", "", "", "", "", 1)
    assert structure_of([mention], Known()).name == "990010001"
