"""What is known of a patient."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import pytest

from kit.crypto import Keyring, UndecryptableError
from pathways.domain.patient import Identity, age_band, department, looks_like_ins, name_key
from pathways.domain.timeline import Moment, in_order
from pathways.store.seal import Seal

BORN = date(1957, 3, 14)
CAMILLE = Identity("Exemplaire", "Camille", BORN, "+33639980012", None)
ONE, TWO = UUID(int=1), UUID(int=2)


@pytest.mark.parametrize(
    ("on", "band"),
    [
        (date(1957, 3, 14), "0-9"),
        (date(1967, 3, 13), "0-9"),
        (date(1967, 3, 14), "10-19"),
        (date(2026, 11, 23), "60-69"),
        (date(2027, 3, 13), "60-69"),
        (date(2027, 3, 14), "70-79"),
        (date(2047, 3, 13), "80-89"),
        (date(2047, 3, 14), "90+"),
        (date(2060, 1, 1), "90+"),
    ],
)
def test_the_age_band_changes_on_the_birthday(on: date, band: str) -> None:
    assert age_band(BORN, on) == band


def test_who_is_born_on_the_29th_of_february_is_older_on_the_first_of_march() -> None:
    assert age_band(date(1996, 2, 29), date(2026, 2, 28)) == "20-29"
    assert age_band(date(1996, 2, 29), date(2026, 3, 1)) == "30-39"


@pytest.mark.parametrize(
    ("commune", "expected"), [("35236", "35"), ("2A004", "2A"), ("97411", "974"), ("98818", "988")]
)
def test_the_department_of_a_commune(commune: str, expected: str) -> None:
    assert department(commune) == expected


@pytest.mark.parametrize("family", ["Le Goff-Dupré", "LE GOFF DUPRE", "legoffdupre", "Le  Goff\u2010Dupre\u0301"])
def test_accents_case_and_signs_do_not_make_another_person(family: str) -> None:
    assert name_key(family, "Œdipe", BORN) == "legoffdupre|oedipe|1957-03-14"


def test_names_do_not_run_into_each_other() -> None:
    assert name_key("ab", "c", BORN) != name_key("a", "bc", BORN)


@pytest.mark.parametrize(
    ("matricule", "holds"),
    [
        ("257033523600190", True),
        ("257033523600191", False),
        ("2570335236001", False),
        ("957033523600190", False),
        ("1 57 03 35 236 ", False),
        ("255082A00400103", False),
    ],
)
def test_the_key_of_a_national_identifier(matricule: str, holds: bool) -> None:
    assert looks_like_ins(matricule) == holds


@pytest.mark.parametrize("corsican", ["2A", "2B"])
def test_corsican_identifiers_have_keys_too(corsican: str) -> None:
    stem = f"25508{corsican}004001"
    assert sum(looks_like_ins(f"{stem}{key:02d}") for key in range(100)) == 1


def keyring(*names: str) -> Keyring:
    return Keyring({name: name.encode() * 16 for name in names}, b"i" * 32)


def sealed_row(ring: Keyring, territory: str = "pays-de-redon") -> dict[str, Any]:
    """A patient's row as it is read, with the wrapped key."""
    key = ring.new_key()
    sealed = Seal(ring, territory).close(ONE, CAMILLE, TWO, key)
    wrapped = ring.encrypt_bytes(key, f"{territory}|patient_key|{TWO}".encode())
    return {"id": ONE, "key_id": TWO, "wrapped": wrapped, "sealed": sealed}


def test_a_seal_opens_for_its_patient_and_territory_only() -> None:
    row = sealed_row(keyring("k1"))
    assert Seal(keyring("k1"), "pays-de-redon").open(row) == CAMILLE
    assert Seal(keyring("k1"), "pays-de-redon").birth_date(row) == BORN
    assert b"Camille" not in row["sealed"]
    for territory, changes in (
        ("pays-de-redon", {"id": TWO}),
        ("pays-de-redon", {"key_id": ONE}),
        ("haute-saintonge", {}),
    ):
        with pytest.raises(UndecryptableError):
            Seal(keyring("k1"), territory).open({**row, **changes})


def test_an_old_key_still_opens_and_a_removed_one_does_not() -> None:
    row = sealed_row(keyring("k1"))
    assert Seal(keyring("k2", "k1"), "pays-de-redon").open(row) == CAMILLE
    with pytest.raises(UndecryptableError):
        Seal(keyring("k2"), "pays-de-redon").open(row)


def test_equal_people_of_two_territories_cannot_be_told_to_be_equal() -> None:
    here, there = Seal(keyring("k1"), "pays-de-redon"), Seal(keyring("k1"), "haute-saintonge")
    assert here.name_index("A", "B", BORN) == here.name_index("a", "b", BORN) != there.name_index("A", "B", BORN)
    assert here.ins_index("1") not in (there.ins_index("1"), here.name_index("1", "", BORN))


def test_the_timeline_puts_causes_before_what_follows() -> None:
    early, late = datetime(2026, 11, 23, 9).astimezone(), datetime(2026, 11, 24, 9).astimezone()
    moments = [Moment(late, "closed", ONE), Moment(early, "step_done", ONE), Moment(early, "enrolled", ONE)]
    assert [it.kind for it in in_order(moments)] == ["enrolled", "step_done", "closed"]
