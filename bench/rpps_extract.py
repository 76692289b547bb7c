"""A seeded RPPS extract of any size, of nobody: invented names, real communes, traps of the real file in proportion.

`python -m bench.rpps_extract 2300000 file.txt [seed]`. The same arguments write the same bytes.
"""

import csv
import random
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from directory.domain.identifiers import luhn_holds
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


def write(lines: int, out: TextIO, seed: int = 1) -> None:
    """Writes a header and this many lines."""
    with (_REFERENCE / "rpps_sample.txt").open(encoding="utf-8") as sample:
        header = sample.readline().rstrip("\n")
    out.write(header + "\n")
    for number, line in enumerate(_lines(header.split("|"), random.Random(seed))):  # noqa: S311 - not a secret
        if number == lines:
            break
        out.write(line + "\n")


def _lines(names: list[str], dice: random.Random) -> Iterator[str]:
    at = {name: position for position, name in enumerate(names)}
    communes, weights = _communes()
    body = 9_900_000_000
    while True:
        body += 1
        person = _person(at, dice, next(f"{body}{key}" for key in range(10) if luhn_holds(f"{body}{key}")))
        for site in range(dice.choices((0, 1, 2, 3), (3, 52, 30, 15))[0] or 1):
            cells = list(person)
            if dice.random() > 0.03 or site:
                _place(at, cells, dice, dice.choices(communes, cum_weights=weights)[0], site)
            yield "|".join(cells)
            if dice.random() < 0.002:
                yield "|".join(cells)


def _communes() -> tuple[list[dict[str, str]], list[int]]:
    with (_REFERENCE / "communes.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    total, weights = 0, []
    for row in rows:
        total += int(row["population"]) + 50
        weights.append(total)
    return rows, weights


def _person(at: dict[str, int], dice: random.Random, number: str) -> list[str]:
    profession, skill, sector, _ = dice.choices(_WORK, [work[3] for work in _WORK])[0]
    given = dice.choice(_GIVEN)
    cells = [""] * len(at)
    values = {
        "Type d'identifiant PP": "8",
        "Identifiant PP": number,
        "Identification nationale PP": f"8{number}",
        "Nom d'exercice": "".join(dice.choices(_SYLLABLES, k=dice.randint(2, 4))).upper(),
        "Prénom d'exercice": given.upper() if dice.random() < 0.5 else given,
        "Code profession": profession,
        "Code savoir-faire": skill,
        "Code secteur d'activité": sector,
    }
    for name, value in values.items():
        cells[at[name]] = value
    return cells


def _place(at: dict[str, int], cells: list[str], dice: random.Random, commune: dict[str, str], site: int) -> None:
    """A commune in twelve has no code, as in the real file: then the postal line names it."""
    postal_code, name = commune["postal_codes"].partition(";")[0], commune["name"]
    finess = f"99{dice.randrange(40_000):06d}1" if dice.random() < 0.25 else ""
    coded = dice.random() > 0.08
    values = {
        "Code mode exercice": "S" if finess else "L",
        "Numéro FINESS site": finess,
        "Identifiant technique de la structure": f"F{finess}" if finess else f"R{dice.randrange(10**9)}",
        "Raison sociale site": f"ETABLISSEMENT {finess}" if finess else f"CABINET {site + 1}",
        "Numéro Voie (coord. structure)": str(dice.randint(1, 200)),
        "Libellé type de voie (coord. structure)": "Rue",
        "Libellé Voie (coord. structure)": "DES GENETS",
        "Bureau cedex (coord. structure)": f"{postal_code} {name.upper()}",
        "Code postal (coord. structure)": postal_code,
        "Code commune (coord. structure)": commune["insee_code"] if coded else "",
        "Libellé commune (coord. structure)": name if coded else "",
        "Téléphone (coord. structure)": f"0199{dice.randrange(10**6):06d}",
    }
    for column, value in values.items():
        cells[at[column]] = value


if __name__ == "__main__":
    with Path(sys.argv[2]).open("w", encoding="utf-8") as target:
        write(int(sys.argv[1]), target, int(sys.argv[3]) if len(sys.argv) > 3 else 1)
