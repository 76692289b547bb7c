"""Reading the files of a deployment at start: nomenclature, territories, communes."""

import asyncio
import csv
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from directory.domain.acceptance import AcceptanceFile, Rules, TerritoryAcceptance, rules_of
from directory.domain.association import Association
from directory.domain.attractiveness import AttractivenessCodes
from directory.domain.crisis_plans import CrisisCodes, CrisisRules, TerritoryCrisis, rules_by_territory
from directory.domain.deliveries import DeliveryRules
from directory.domain.finess_codes import FinessCodes
from directory.domain.funding import FundingRules
from directory.domain.indemnities import Ceilings, IndemnityRules
from directory.domain.messages import MessageKind, MessageKinds
from directory.domain.names import normalise_place
from directory.domain.nomenclature import Nomenclature
from directory.domain.statements import Codes, StatementKinds
from directory.domain.territory import Territory
from directory.domain.territory_codes import TerritoryCodes
from directory.domain.webhooks import RelayedEvents
from directory.settings import DirectorySettings
from directory.store import communes
from directory.store.communes import CommuneRecord
from directory.usecases.relay_event import relayed_types
from kit.territories import BadFileError, load_territories, load_yaml
from kit.work import Work

log = structlog.get_logger(__name__)

_COMMUNES, _SUCCESSORS = "communes.csv", "commune_successors.csv"
_ACCEPTANCE = "acceptance.yaml"


@dataclass(frozen=True)
class Reference:
    """What the deployment's files say. `territories` is by slug."""

    nomenclature: Nomenclature
    territories: dict[str, Territory]
    crisis: CrisisCodes
    attractiveness: AttractivenessCodes
    finess: FinessCodes
    acceptance: dict[str, Rules]
    deliveries: DeliveryRules
    messages: MessageKinds
    relayed: RelayedEvents
    statements: StatementKinds
    codes: TerritoryCodes
    associations: dict[str, Association] = field(default_factory=dict)
    indemnities: dict[str, IndemnityRules] = field(default_factory=dict)
    funding: dict[str, FundingRules] = field(default_factory=dict)
    ceilings: Ceilings = field(default_factory=lambda: Ceilings(version="none", yearly={}))
    crisis_rules: dict[str, CrisisRules] = field(default_factory=dict)

    def association(self, territory: str) -> Association:
        """The rules of the association of a territory; without a file, those without colleges."""
        return self.associations.get(territory) or Association()


def read_reference(settings: DirectorySettings) -> Reference:
    """Reads and checks the YAML files. Raises BadFileError, which names the file and the field."""
    nomenclature = load_yaml(settings.reference_dir / "nomenclature.yaml", Nomenclature)
    territories = load_territories(settings.territories_dir, "territory.yaml", Territory)
    for slug, territory in territories.items():
        if territory.id != slug:
            path = settings.territories_dir / slug / "territory.yaml"
            raise BadFileError(f"{path}: id: is {territory.id!r} but the folder is {slug!r}")
    folder = settings.reference_dir
    crisis = load_yaml(folder / "crisis.yaml", CrisisCodes)
    return Reference(
        nomenclature=nomenclature,
        territories=territories,
        crisis=crisis,
        crisis_rules=_crisis_rules(settings, crisis, territories),
        attractiveness=load_yaml(folder / "attractiveness.yaml", AttractivenessCodes),
        finess=load_yaml(folder / "finess.yaml", FinessCodes),
        acceptance=_acceptance_rules(settings, nomenclature, territories),
        associations=load_territories(settings.territories_dir, "association.yaml", Association),
        indemnities=load_territories(settings.territories_dir, "indemnities.yaml", IndemnityRules),
        funding=load_territories(settings.territories_dir, "funding.yaml", FundingRules),
        ceilings=load_yaml(settings.reference_dir / "social-security-ceilings.yaml", Ceilings),
        deliveries=load_yaml(folder / "deliveries.yaml", DeliveryRules),
        messages=_messages(folder / "messages"),
        relayed=read_relayed(settings),
        statements=_statement_kinds(settings.reference_dir),
        codes=load_yaml(settings.reference_dir / "directory-codes.yaml", TerritoryCodes),
    )


def _acceptance_rules(
    settings: DirectorySettings, nomenclature: Nomenclature, territories: Iterable[str]
) -> dict[str, Rules]:
    """What each territory asks of whom: its own file over the reference. Raises BadFileError."""
    path = settings.reference_dir / _ACCEPTANCE
    file = load_yaml(path, AcceptanceFile)
    own = load_territories(settings.territories_dir, _ACCEPTANCE, TerritoryAcceptance)
    rules = {}
    for slug in territories:
        where = settings.territories_dir / slug / _ACCEPTANCE if slug in own else path
        try:
            rules[slug] = rules_of(file, own.get(slug))
        except ValueError as error:
            raise BadFileError(f"{where}: {error}") from None
        if unknown := set(rules[slug].asked.specialties) - nomenclature.specialties.keys():
            raise BadFileError(f"{where}: specialties: unknown codes {', '.join(sorted(unknown))}")
    return rules


def _crisis_rules(
    settings: DirectorySettings, codes: CrisisCodes, territories: dict[str, Territory]
) -> dict[str, CrisisRules]:
    """The rules of crises by territory; without a file, those of the reference. Raises BadFileError."""
    own = load_territories(settings.territories_dir, "crisis.yaml", TerritoryCrisis)
    try:
        return rules_by_territory(codes, own, territories)
    except ValueError as error:
        raise BadFileError(f"{settings.territories_dir}/*/crisis.yaml: {error}") from None


def read_relayed(settings: DirectorySettings) -> RelayedEvents:
    """Which events leave by webhook, and to whom. Raises BadFileError for a rule about what is no event."""
    relayed = load_yaml(settings.reference_dir / "relayed-events.yaml", RelayedEvents)
    relayed_types(relayed)
    return relayed


def _messages(folder: Path) -> dict[str, MessageKind]:
    """The texts of messages by kind, one file each, named like the kind."""
    found = {path.stem: load_yaml(path, MessageKind) for path in sorted(folder.glob("*.yaml"))}
    wrong = [name for name, it in found.items() if it.kind != name]
    if wrong:
        raise BadFileError(f"{folder / wrong[0]}.yaml: kind: is {found[wrong[0]].kind!r}")
    return found


def _statement_kinds(folder: Path) -> StatementKinds:
    kinds = load_yaml(folder / "statement-kinds.yaml", StatementKinds)
    return kinds.with_codes(load_yaml(folder / "snp-codes.yaml", Codes))


async def load_communes(work: Work, folder: Path) -> None:
    """Loads the communes of France, unless the files are those that were loaded last. Raises BadFileError."""
    digest = await asyncio.to_thread(_digest, folder)
    if await communes.stamp(work, _COMMUNES) == digest:
        return
    rows, aliases = await asyncio.to_thread(_read, folder)
    await communes.replace(work, rows, aliases, _COMMUNES, digest)
    log.info("communes loaded", communes=len(rows), aliases=len(aliases))


async def check_territories(work: Work, reference: Reference, folder: Path) -> None:
    """Every commune of a territory exists, in a département that it names (if it names any). Raises BadFileError."""
    for slug, territory in reference.territories.items():
        known = {row["insee"]: row["department"] for row in await communes.several(work, territory.communes)}
        for position, code in enumerate(territory.communes):
            where = f"{folder / slug / 'territory.yaml'}: communes.{position}"
            if code not in known:
                raise BadFileError(f"{where}: {code} is no commune of today")
            if territory.departments and known[code] not in territory.departments:
                raise BadFileError(f"{where}: {code} is in {known[code]}, which `departments` does not name")


def _digest(folder: Path) -> str:
    """Of both files, and of how names are normalised (a probe): a new rule loads them again."""
    content = hashlib.sha256(normalise_place("ST BŒUF-S/L'ÉTANG").encode())
    for name in (_COMMUNES, _SUCCESSORS):
        try:
            content.update((folder / name).read_bytes())
        except FileNotFoundError:
            raise BadFileError(f"{folder / name}: no such file") from None
    return content.hexdigest()


def _read(folder: Path) -> tuple[list[CommuneRecord], list[tuple[str, str, str]]]:
    rows = [_commune(row, where) for row, where in _records(folder / _COMMUNES)]
    known = {row.insee for row in rows}
    aliases = []
    for row, where in _records(folder / _SUCCESSORS):
        if row["insee_code"] not in known:
            raise BadFileError(f"{where}: insee_code: {row['insee_code']!r} is no commune of today")
        aliases.append((row["old_code"], row["old_name"], row["insee_code"]))
    return rows, aliases


def _records(path: Path) -> list[tuple[dict[str, str], str]]:
    """The rows of a CSV file, each with its place for an error message."""
    with path.open(encoding="utf-8", newline="") as file:
        return [(row, f"{path}: line {number}") for number, row in enumerate(csv.DictReader(file), start=2)]


def _commune(row: dict[str, str], where: str) -> CommuneRecord:
    try:
        return CommuneRecord(
            insee=row["insee_code"],
            name=row["name"],
            search_name=f" {normalise_place(row['name'])}",
            department=row["department_code"],
            region=row["region_code"],
            postal_codes=row["postal_codes"].split(";"),
            population=int(row["population"]),
            latitude=float(row["latitude"]),
            longitude=float(row["longitude"]),
        )
    except KeyError as error:
        raise BadFileError(f"{where}: {error.args[0]}: no such column") from None
    except (TypeError, ValueError, AttributeError) as error:
        raise BadFileError(f"{where}: {error}") from None
