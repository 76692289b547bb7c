"""The rules as files: codes, policies, communes. Read once at start; a wrong file stops the start."""

import csv
from dataclasses import dataclass
from pathlib import Path

from kit.territories import BadFileError, load_territories, load_yaml, territory_slugs
from snp_dispatch.domain.catalogue import Catalogue
from snp_dispatch.domain.geography import Commune, Gazetteer
from snp_dispatch.domain.policy import Policy
from snp_dispatch.domain.public_holidays import Holidays
from snp_dispatch.domain.zones import Zones
from snp_dispatch.settings import Settings

CODES = "snp-codes.yaml"
POLICY = "snp-policy.yaml"
COMMUNES = "communes.csv"
ZONES = "time-zones.yaml"
CALENDAR = "snp-calendar.yaml"


@dataclass(frozen=True)
class Rules:
    """What decisions rest on, apart from the database."""

    catalogue: Catalogue
    policies: dict[str, Policy]
    gazetteer: Gazetteer
    zones: Zones
    calendars: dict[str, Holidays]

    def policy(self, territory: str) -> Policy | None:
        """The policy of a territory, None while it has none (it then takes no calls)."""
        return self.policies.get(territory)


def load_rules(settings: Settings) -> Rules:
    """Reads and checks all files. Raises BadFileError, naming the file and the field."""
    catalogue = load_yaml(settings.reference_dir / CODES, Catalogue)
    policies = load_territories(settings.territories_dir, POLICY, Policy)
    for territory, policy in policies.items():
        if wrong := policy.check(catalogue):
            raise BadFileError(f"{settings.territories_dir / territory / POLICY}: unknown {'; '.join(wrong)}")
    gazetteer = Gazetteer(_communes(settings.reference_dir / COMMUNES))
    zones = load_yaml(settings.reference_dir / ZONES, Zones)
    return Rules(catalogue, policies, gazetteer, zones, _calendars(settings.territories_dir))


def _calendars(folder: Path) -> dict[str, Holidays]:
    """The public holidays of every territory, with the defaults where it has no file."""
    found = load_territories(folder, CALENDAR, Holidays)
    return {slug: found.get(slug, Holidays()) for slug in territory_slugs(folder)}


def _communes(path: Path) -> list[Commune]:
    try:
        with path.open(encoding="utf-8", newline="") as lines:
            return [
                Commune(row["insee_code"], row["name"], float(row["latitude"]), float(row["longitude"]))
                for row in csv.DictReader(lines)
                if row["latitude"] and row["longitude"]
            ]
    except FileNotFoundError:
        raise BadFileError(f"{path}: no such file") from None
    except (KeyError, ValueError) as error:
        raise BadFileError(f"{path}: {error}") from None
