"""The rules as files: codes, policies, communes. Read once at start; a wrong file stops the start."""

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from kit.csv_columns import read_columns
from kit.territories import BadFileError, load_territories, load_yaml, territory_slugs
from snp_dispatch.domain.bulletin import BulletinTexts
from snp_dispatch.domain.busy_calendar import BusyCalendarRules
from snp_dispatch.domain.catalogue import Catalogue
from snp_dispatch.domain.compensation import Ceilings, CompensationRules
from snp_dispatch.domain.distances import Distances, StraightLine
from snp_dispatch.domain.geography import Commune, Gazetteer
from snp_dispatch.domain.ladder import DEFAULT, Ladder
from snp_dispatch.domain.out_of_hours import OutOfHoursRules
from snp_dispatch.domain.policy import Policy, PolicyVersions
from snp_dispatch.domain.public_holidays import Holidays
from snp_dispatch.domain.territory import Territory
from snp_dispatch.domain.zones import Zones, day_of
from snp_dispatch.settings import Settings
from snp_dispatch.store.travel_times import load_travel_times

CODES = "snp-codes.yaml"
POLICIES = "snp-policy.*yaml"
TERRITORY = "territory.yaml"
COMMUNES = "communes.csv"
ZONES = "time-zones.yaml"
CALENDAR = "snp-calendar.yaml"
LADDER = "snp-escalation.yaml"
BULLETIN = "snp-bulletin.yaml"
COMPENSATION = "snp-compensation.yaml"
CEILINGS = "social-security-ceilings.yaml"
BUSY_CALENDAR = "snp-busy-calendar.yaml"
OUT_OF_HOURS = "snp-out-of-hours.yaml"


@dataclass(frozen=True)
class Rules:
    """What decisions rest on, apart from the database."""

    catalogue: Catalogue
    policies: dict[str, PolicyVersions]
    gazetteer: Gazetteer
    zones: Zones
    calendars: dict[str, Holidays]
    territories: dict[str, Territory]
    ladders: dict[str, Ladder]
    bulletins: dict[str, BulletinTexts]
    travel_times: dict[str, Distances]
    out_of_hours: dict[str, OutOfHoursRules]
    digests: dict[str, str]
    compensations: dict[str, CompensationRules]
    ceilings: Ceilings
    busy_calendars: dict[str, BusyCalendarRules]

    def policy(self, territory: str, now: datetime) -> Policy | None:
        """The policy in force on a territory, None while it has none (it then takes no calls)."""
        versions = self.policies.get(territory)
        return versions.on(self.today(territory, now)) if versions else None

    def next_policy(self, territory: str, now: datetime) -> Policy | None:
        """The policy that comes into force next, None when none is known."""
        versions = self.policies.get(territory)
        return versions.after(self.today(territory, now)) if versions else None

    def today(self, territory: str, now: datetime) -> date:
        """The calendar day on a territory."""
        return self.zones.today(now, self.territories[territory].somewhere)

    def ladder(self, territory: str) -> Ladder:
        """What the territory does when no slot fits; without a file, nothing but the waitlist."""
        return self.ladders.get(territory, DEFAULT)

    def day(self, territory: str, now: datetime) -> tuple[datetime, datetime]:
        """That day from midnight to midnight, by the clock of the territory."""
        return day_of(now, self.zones.of(self.territories[territory].somewhere))

    def compensation(self, territory: str) -> CompensationRules:
        """What the territory pays for unhonoured slots; without a file, nothing."""
        return self.compensations.get(territory, CompensationRules())

    def busy_calendar(self, territory: str) -> BusyCalendarRules:
        """How often the territory reads the calendars that effectors keep elsewhere."""
        return self.busy_calendars.get(territory, BusyCalendarRules())

    def distances(self, territory: str) -> Distances:
        """How far places are for a territory: its travel times where it has a file of them, else the straight line."""
        return self.travel_times.get(territory) or StraightLine(self.gazetteer)

    def ladder_digest(self, territory: str) -> str | None:
        """What a call received now pins; None when the territory has no ladder."""
        return self.digests.get(territory)


def load_rules(settings: Settings) -> Rules:
    """Reads and checks all files. Raises BadFileError, naming the file and the field."""
    catalogue = load_yaml(settings.reference_dir / CODES, Catalogue)
    folder = settings.territories_dir
    slugs = sorted(territory_slugs(folder))
    gazetteer = Gazetteer(_communes(settings.reference_dir / COMMUNES))
    policies = {slug: found for slug in slugs if (found := _policies(folder / slug, catalogue))}
    ladders = _ladders(folder, slugs, policies, catalogue)
    return Rules(
        catalogue=catalogue,
        policies=policies,
        gazetteer=gazetteer,
        zones=load_yaml(settings.reference_dir / ZONES, Zones),
        calendars=_calendars(folder),
        territories={slug: load_yaml(folder / slug / TERRITORY, Territory) for slug in slugs},
        ladders=ladders,
        digests={slug: ladder.digest for slug, ladder in ladders.items()},
        bulletins=_bulletins(settings),
        travel_times=load_travel_times(folder, gazetteer),
        out_of_hours=_out_of_hours(folder),
        compensations=load_territories(folder, COMPENSATION, CompensationRules),
        ceilings=load_yaml(settings.reference_dir / CEILINGS, Ceilings),
        busy_calendars=load_territories(folder, BUSY_CALENDAR, BusyCalendarRules),
    )


def _ladders(
    folder: Path, slugs: list[str], policies: dict[str, PolicyVersions], catalogue: Catalogue
) -> dict[str, Ladder]:
    """The escalation ladders, each checked against every policy beside it."""
    found = load_territories(folder, LADDER, Ladder)
    for slug, ladder in found.items():
        for policy in policies[slug].versions if slug in policies else ():
            if wrong := ladder.check(slug, slugs, policy, catalogue):
                raise BadFileError(f"{folder / slug / LADDER}: {'; '.join(wrong)} (policy {policy.version})")
    return found


def _policies(folder: Path, catalogue: Catalogue) -> PolicyVersions | None:
    """The versions that lie side by side in a territory's folder; None when it has no policy."""
    found = [_policy(path, catalogue) for path in sorted(folder.glob(POLICIES))]
    try:
        return PolicyVersions.of(found) if found else None
    except ValueError as error:
        raise BadFileError(f"{folder / POLICIES}: {error}") from None


def _policy(path: Path, catalogue: Catalogue) -> Policy:
    policy = load_yaml(path, Policy)
    if wrong := policy.check(catalogue):
        raise BadFileError(f"{path}: unknown {'; '.join(wrong)}")
    return policy


def _calendars(folder: Path) -> dict[str, Holidays]:
    """The public holidays of every territory, with the defaults where it has no file."""
    found = load_territories(folder, CALENDAR, Holidays)
    return {slug: found.get(slug, Holidays()) for slug in territory_slugs(folder)}


def _out_of_hours(folder: Path) -> dict[str, OutOfHoursRules]:
    """The hours of every territory, with the national ones and the 15 where it has no file."""
    found = load_territories(folder, OUT_OF_HOURS, OutOfHoursRules)
    return {slug: found.get(slug, OutOfHoursRules()) for slug in territory_slugs(folder)}


def _bulletins(settings: Settings) -> dict[str, BulletinTexts]:
    """The texts of every territory: its own file, or the common one."""
    found = load_territories(settings.territories_dir, BULLETIN, BulletinTexts)
    common = load_yaml(settings.reference_dir / BULLETIN, BulletinTexts)
    return {slug: found.get(slug, common) for slug in territory_slugs(settings.territories_dir)}


def _communes(path: Path) -> list[Commune]:
    rows = read_columns(path, "insee_code", "name", "latitude", "longitude")
    try:
        return [Commune(code, name, float(north), float(east)) for code, name, north, east in rows if north and east]
    except ValueError as error:
        raise BadFileError(f"{path}: {error}") from None
