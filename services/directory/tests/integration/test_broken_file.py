"""A file of which one line in a hundred is broken, in each way that a line can be."""

from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

from directory.domain.identifiers import luhn_holds

GOOD, BAD = 1980, 20


def cells_of(header: str, row: str, number: str, **changes: str) -> list[str]:
    names, cells = header.split("|"), row.split("|")
    values = {"Identifiant PP": number, "Identification nationale PP": f"8{number}"} | changes
    for name, value in values.items():
        cells[names.index(name.replace("_", " "))] = value
    return cells


def numbers() -> Any:
    for body in count(9_900_000_000):
        yield next(f"{body}{key}" for key in range(10) if luhn_holds(f"{body}{key}"))


async def test_one_broken_line_in_a_hundred_costs_only_itself(directory: Any, sample: Path) -> None:
    header, row, *_ = sample.read_text(encoding="utf-8").splitlines()
    number = numbers()

    def line(**changes: str) -> bytes:
        return "|".join(cells_of(header, row, next(number), **changes)).encode()

    breaks: dict[str, Callable[[], bytes]] = {
        "not_utf8": lambda: line(Raison_sociale_site="CABINET DE L'ÎLE").decode().encode("latin-1"),
        "line_too_long": lambda: line(Raison_sociale_site="X" * 70_000),
        "control_character": lambda: line(Raison_sociale_site="A\x00B"),
        "column_count": lambda: line(Raison_sociale_site="A|B"),
        "identifier_missing": lambda: line(Identifiant_PP=""),
        "identifier_kind_unknown": lambda: line(**{"Type_d'identifiant_PP": "5"}),
        "identifier_malformed": lambda: line(Identifiant_PP="12"),
        "name_missing": lambda: line(**{"Nom_d'exercice": ""}),
        "profession_missing": lambda: line(Code_profession=""),
        "profession_unknown": lambda: line(Code_profession="12"),
        "finess_malformed": lambda: line(Numéro_FINESS_site="X"),
    }
    causes = list(breaks)
    lines, expected = [header.encode()], []
    for index in range(GOOD + BAD):
        if index % 100 == 50:
            cause = causes[len(expected) % len(causes)]
            expected.append((index + 2, cause))
            lines.append(breaks[cause]())
        else:
            lines.append(line())
    run = await directory.imported(b"\n".join(lines))
    counts = run["counts"]
    assert (run["state"], counts["lines_read"], counts["lines_rejected"]) == ("completed", GOOD + BAD, BAD)
    assert (counts["persons_added"], len({cause for _, cause in expected})) == (GOOD, len(causes))
    assert await directory.refused(run) == expected
