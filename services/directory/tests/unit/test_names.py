import pytest

from directory.domain.names import given_name_case, normalise, normalise_place, place_key


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("MORZILAREC", "morzilarec"),
        ("Hervé-Élodie", "herve elodie"),
        ("d'Œuvre", "d oeuvre"),
        ("  Le   Goff ", "le goff"),
        ("François", "francois"),
        ("---", ""),
    ],
)
def test_accents_case_and_punctuation_do_not_count(typed: str, expected: str) -> None:
    assert normalise(typed) == expected


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ST NICOLAS DE REDON", "Saint-Nicolas-de-Redon"),
        ("STE ANNE S/VILAINE", "Sainte-Anne-sur-Vilaine"),
        ("GUEMENE PENFAO", "Guémené-Penfao"),
        ("56350 ST VINCENT SUR OUST", "Saint-Vincent-sur-Oust"),
        ("35605 REDON CEDEX", "Redon"),
        ("REDON CEDEX 2", "Redon"),
        ("FOUGERETS", "Les Fougerêts"),
        ("PARIS 12", "Paris 12e Arrondissement"),
        ("MARSEILLE 01", "Marseille 1er Arrondissement"),
        ("L ABERGEMENT CLEMENCIAT", "L'Abergement-Clémenciat"),
        ("TRESBOEUF", "Tresbœuf"),
    ],
)
def test_spellings_of_one_commune_have_one_key(one: str, other: str) -> None:
    assert place_key(one) == place_key(other) != ""


def test_different_communes_keep_different_keys() -> None:
    assert place_key("Saint-Just") != place_key("Sainte-Juste")
    assert normalise_place("Saint-Just") == "saint just"


@pytest.mark.parametrize(
    ("source", "shown"),
    [("ANNE-LISE", "Anne-Lise"), ("Anne-Lise", "Anne-Lise"), ("ÉLODIE", "Élodie"), ("Jean de", "Jean de")],
)
def test_capitals_of_first_names_are_taken_down(source: str, shown: str) -> None:
    assert given_name_case(source) == shown
