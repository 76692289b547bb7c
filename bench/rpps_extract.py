"""A seeded RPPS extract of any size, of nobody: invented names, real communes, traps of the real file in proportion.

`python -m bench.rpps_extract 2300000 file.txt [seed]`. The same arguments write the same bytes.
"""

import csv
import random
import sys
from bisect import bisect
from collections.abc import Iterator
from itertools import accumulate, islice
from pathlib import Path
from typing import TextIO

from local_stack.checkout import DEPLOY

_REFERENCE = DEPLOY / "reference"
_SYLLABLES = ("bar", "ber", "bri", "cal", "cor", "dal", "der", "fon", "gar", "gui", "jar", "ker", "lan", "lec", "mar")
_SYLLABLES += ("mor", "nor", "pel", "quin", "rau", "rec", "sal", "ter", "tré", "val", "vin", "zel")
_GIVEN = ("Aël", "Briac", "Clothilde", "Donatien", "Énora", "Félicie", "Gwenola", "Hoël", "Ilan", "Judikaël", "Katell")
_GIVEN += ("Loeiza", "Maëlys", "Nolwenn", "Océane", "Perrig", "Riwan", "Soizic", "Tangi", "Ulysse", "Viviane", "Yann")

# Profession, skill (empty for none), sector of a private practice, weight: about as the country has them.
_WORK = (
    ("10", "SM54", "SA07", 9),
    ("10", "SM53", "SA08", 4),
    ("10", "SM04", "SA07", 4),
    ("10", "SM38", "SA08", 3),
    ("10", "SM42", "SA07", 3),
    ("21", "", "SA33", 6),
    ("40", "", "SA07", 4),
    ("50", "", "SA07", 2),
    ("60", "", "SA08", 40),
    ("70", "", "SA08", 9),
    ("80", "", "SA07", 2),
    ("91", "", "SA07", 3),
    ("93", "", "SA07", 7),
)


_WORK_WEIGHTS = list(accumulate(work[3] for work in _WORK))
_SITES = list(accumulate((55, 30, 15)))
"""Weights of one place, two, three."""
_STRUCTURES = 100_000
"""FINESS sites, each of one commune."""


def _name(dice: random.Random, syllables: int) -> str:
    return "".join(dice.choices(_SYLLABLES, k=syllables))


_COMMON = [_name(random.Random(number), 3) for number in range(300)]  # noqa: S311 - not a secret


def write(lines: int, out: TextIO, seed: int = 1) -> None:
    """Writes a header and this many lines."""
    with (_REFERENCE / "rpps_sample.txt").open(encoding="utf-8") as sample:
        header = sample.readline().rstrip("\n")
    out.write(header + "\n")
    dice = random.Random(seed)  # noqa: S311 - not a secret
    out.writelines(islice(_lines(header.split("|"), dice), lines))


def _lines(names: list[str], dice: random.Random) -> Iterator[str]:
    at = {name: position for position, name in enumerate(names)}
    where = [at[name] for name in _PLACE]
    communes, weights = _communes()
    body, chance = 9_900_000_000, dice.random
    while True:
        body += 1
        person = _person(at, dice, f"{body}{_key(body)}")
        for site in range(1 + _drawn(_SITES, chance())):
            cells = person.copy()
            if site or chance() > 0.03:
                for position, value in zip(where, _place(dice, communes, weights, site), strict=True):
                    cells[position] = value
            line = "|".join(cells) + "\n"
            yield line
            if chance() < 0.002:
                yield line


def _drawn(weights: list[int], chance: float) -> int:
    """The index of a weighted choice; the weights add up."""
    return bisect(weights, chance * weights[-1], hi=len(weights) - 1)


def _key(body: int) -> int:
    """The Luhn key of a number without one."""
    digits = [int(digit) for digit in str(body)]
    doubled = sum(2 * digit - 9 * (digit > 4) for digit in digits[-1::-2])
    return -(doubled + sum(digits[-2::-2])) % 10


def _communes() -> tuple[list[tuple[str, str, str]], list[int]]:
    """Postal code, name and INSEE code of each, and the weights: inhabitants, added up."""
    with (_REFERENCE / "communes.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    found = [(row["postal_codes"].partition(";")[0], row["name"], row["insee_code"]) for row in rows]
    return found, list(accumulate(int(row["population"]) + 50 for row in rows))


def _person(at: dict[str, int], dice: random.Random, number: str) -> list[str]:
    profession, skill, sector, _ = _WORK[_drawn(_WORK_WEIGHTS, dice.random())]
    # A third of the people share three hundred names, as in the country; half have one of a few given names.
    chance = dice.random
    family = _COMMON[int(chance() ** 1.5 * len(_COMMON))] if chance() < 0.33 else _name(dice, 2 + int(chance() * 3))
    given = _GIVEN[int(chance() * len(_GIVEN))] if chance() < 0.5 else _name(dice, 2).capitalize()
    cells = [""] * len(at)
    values = {
        "Type d'identifiant PP": "8",
        "Identifiant PP": number,
        "Identification nationale PP": f"8{number}",
        "Nom d'exercice": family.upper(),
        "Prénom d'exercice": given.upper() if chance() < 0.5 else given,
        "Code profession": profession,
        "Code savoir-faire": skill,
        "Code secteur d'activité": sector,
    }
    for column, value in values.items():
        cells[at[column]] = value
    return cells


_PLACE = (
    "Code mode exercice",
    "Numéro FINESS site",
    "Identifiant technique de la structure",
    "Raison sociale site",
    "Numéro Voie (coord. structure)",
    "Libellé type de voie (coord. structure)",
    "Libellé Voie (coord. structure)",
    "Bureau cedex (coord. structure)",
    "Code postal (coord. structure)",
    "Code commune (coord. structure)",
    "Libellé commune (coord. structure)",
    "Téléphone (coord. structure)",
)


def _place(dice: random.Random, communes: list[tuple[str, str, str]], weights: list[int], site: int) -> tuple[str, ...]:
    """The values of `_PLACE`. A commune in twelve has no code, as in the real file: then the postal line names it."""
    chance = dice.random
    finess, where = "", chance()
    if chance() < 0.25:
        structure = int(where * _STRUCTURES)
        finess, where = f"99{structure:06d}1", structure / _STRUCTURES
    postal_code, name, insee = communes[_drawn(weights, where)]
    coded = chance() > 0.08
    return (
        "S" if finess else "L",
        finess,
        f"F{finess}" if finess else f"R{int(chance() * 10**9)}",
        f"ETABLISSEMENT {finess}" if finess else f"CABINET {site + 1}",
        str(1 + int(chance() * 200)),
        "Rue",
        "DES GENETS",
        f"{postal_code} {name.upper()}",
        postal_code,
        insee if coded else "",
        name if coded else "",
        f"0199{int(chance() * 10**6):06d}",
    )


if __name__ == "__main__":
    with Path(sys.argv[2]).open("w", encoding="utf-8") as target:
        write(int(sys.argv[1]), target, int(sys.argv[3]) if len(sys.argv) > 3 else 1)
