"""From rows and use-case results to what the routes answer."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, cast

import orjson

from directory.api.schemas import (
    ActivityOut,
    Code,
    CommuneOut,
    DifferenceOut,
    DisciplinePlacesOut,
    PlaceOut,
    ProfessionalOut,
    StateOut,
    StructureOut,
    TerritoryOut,
)
from directory.api.schemas_imports import FailureOut, ImportOut, ProgressOut, RefusedLineOut, WarnedLineOut
from directory.api.schemas_statements import StatementOut
from directory.domain.identifiers import is_suspect
from directory.domain.imports import Counts, Phase, Scope, percent
from directory.domain.imports import State as RunState
from directory.domain.nomenclature import Nomenclature
from directory.domain.statements import StatementKinds, freshness
from directory.domain.territory import Territory
from directory.store.tables import ImportRun
from directory.usecases.list_states import State
from directory.usecases.load_reference import Reference
from directory.usecases.search_professionals import Found

Row = Mapping[str, Any]


def professional_out(found: Found, reference: Reference, now: datetime) -> ProfessionalOut:
    row, nomenclature = found.person, reference.nomenclature
    specialties = {code: specialty.label for code, specialty in nomenclature.specialties.items()}
    return ProfessionalOut(
        rpps=row["rpps"],
        name=row["name"],
        family_name=row["family_name"],
        given_name=row["given_name"],
        profession=coded(row["profession"], nomenclature.professions),
        skills=[coded(code, nomenclature.skills) for code in row["skills"]],
        specialties=[coded(code, specialties) for code in row["specialties"]],
        activities=[_activity(activity, nomenclature) for activity in found.activities],
        statements=[statement_out(said, reference.statements, now) for said in found.statements],
        snp_participation=row["participates"],
        distance_km=kilometres(row["metres"]),
        listed=row["listed"],
        gone_at=row["gone_at"],
        first_seen_at=row["first_seen_at"],
        number_suspect=is_suspect(row["rpps"]),
        updated_at=row["updated_at"],
    )


def state_out(state: State) -> StateOut:
    changed = [DifferenceOut(**difference._asdict()) for difference in state.changed]
    return StateOut(**vars(state) | {"changed": changed})


def structure_out(row: Row, reference: Reference) -> StructureOut:
    nomenclature, finess = reference.nomenclature, reference.finess
    category = finess.categories.get(row["category"] or "")
    return StructureOut(
        finess=row["finess"],
        name=row["name"],
        sector=_code_or_none(row["sector"], nomenclature.sectors),
        place=place_out(row),
        distance_km=kilometres(row["metres"]),
        source=row["source"],
        legal_entity=row["legal_entity"],
        category=Code(code=row["category"], label=category.label if category else None) if row["category"] else None,
        category_group=coded(category.group, finess.groups) if category and category.group else None,
        phone=row["phone"],
        siret=row["siret"],
        opened_on=row["opened_on"],
        closed_on=row["closed_on"],
        latitude=row["latitude"],
        longitude=row["longitude"],
        capacity=row["capacity"],
        places=[
            DisciplinePlacesOut(discipline=coded(code, finess.disciplines), places=places)
            for code, places in sorted(row["places"].items())
        ],
        listed=row["listed"],
        gone_at=row["gone_at"],
        updated_at=row["updated_at"],
    )


def commune_out(row: Row) -> CommuneOut:
    return CommuneOut(
        insee_code=row["insee"],
        name=row["name"],
        department=row["department"],
        region=row["region"],
        postal_codes=row["postal_codes"],
        population=row["population"],
        latitude=row["latitude"],
        longitude=row["longitude"],
        distance_km=kilometres(row.get("metres")),
    )


def territory_out(territory: Territory) -> TerritoryOut:
    return TerritoryOut(
        slug=territory.id,
        name=territory.name,
        area=territory.area,
        authorities=list(territory.authorities),
        departments=list(territory.departments),
        population=territory.population,
        size=territory.size,
        contract=territory.contract,
        members=territory.members,
        missions=list(territory.missions),
        commune_count=len(territory.communes),
    )


def import_out(run: ImportRun, now: datetime) -> ImportOut:
    counts, phase = Counts.model_validate(run.counts), cast(Phase, run.phase)
    failed = run.failure_code is not None
    return ImportOut(
        id=run.id,
        source=cast(Any, run.source),
        state=cast(RunState, run.state),
        scope=cast(Scope, run.scope),
        progress=_progress(run, phase, counts, now),
        file_name=run.file_name,
        file_size=run.file_size,
        file_sha256=run.file_digest,
        extracted_at=run.extracted_at,
        requested_at=run.requested_at,
        started_at=run.started_at,
        finished_at=run.finished_at,
        counts=counts,
        failure=FailureOut(code=str(run.failure_code), detail=str(run.failure_detail)) if failed else None,
    )


def _progress(run: ImportRun, phase: Phase, counts: Counts, now: datetime) -> ProgressOut:
    done = percent(phase, counts, run.read_bytes, run.file_size)
    elapsed = (run.finished_at or now) - run.started_at if run.started_at else timedelta()
    going = run.state == "running" and done > 0 and run.started_at is not None
    return ProgressOut(
        phase=phase,
        percent=done,
        read_bytes=run.read_bytes,
        lines_per_second=round(counts.lines_read / elapsed.total_seconds()) if elapsed else None,
        estimated_end=now + elapsed * (100 - done) / done if going else None,
    )


def warned_line_out(row: Row) -> WarnedLineOut:
    return WarnedLineOut(line=row["line"], cause=row["cause"], column=row["source_column"], detail=row["detail"])


def refused_line_out(row: Row) -> RefusedLineOut:
    return RefusedLineOut(line=row["line"], cause=row["cause"], column=row["source_column"], detail=row["detail"])


def statement_out(row: Row, kinds: StatementKinds, at: datetime) -> StatementOut:
    kind = kinds.kinds.get(row["kind"])
    return StatementOut(
        about=row["about"],
        kind=row["kind"],
        label=kind.label if kind else None,
        place=row["place"] or None,
        value=orjson.loads(row["value"]),
        labels=[kind.codes[code] for code in row["codes"] if code in kind.codes] if kind else [],
        source=row["source"],
        declared_at=row["declared_at"],
        declared_by=row["declared_by"],
        valid_until=row["valid_until"],
        state=freshness(row["valid_until"], row["withdrawn_at"], at),
        version=row["version"],
    )


def codes(labels: Mapping[str, str]) -> list[Code]:
    return [Code(code=code, label=label) for code, label in labels.items()]


def kilometres(metres: int | None) -> float | None:
    return None if metres is None else round(metres / 1000, 2)


def _activity(row: Row, nomenclature: Nomenclature) -> ActivityOut:
    return ActivityOut(
        profession=coded(row["profession"], nomenclature.professions),
        mode=_code_or_none(row["mode"], nomenclature.modes),
        sector=_code_or_none(row["sector"], nomenclature.sectors),
        role=row["role"],
        section=row["section"],
        finess=row["finess"],
        site_name=row["site_name"],
        phone=row["phone"],
        place=place_out(row),
    )


def place_out(row: Row) -> PlaceOut:
    """Where an activity or a structure is."""
    return PlaceOut(
        commune=row["commune"],
        name=row["commune_name"] or row.get("city"),
        department=row["department"],
        postal_code=row["postal_code"],
        street=row.get("street"),
    )


def coded(code: str, labels: Mapping[str, str]) -> Code:
    """A code with its label, null when the nomenclature does not have it."""
    return Code(code=code, label=labels.get(code))


def _code_or_none(code: str | None, labels: Mapping[str, str]) -> Code | None:
    return None if code is None else coded(code, labels)
