"""FHIR R4: a Bundle of MeasureReports, one an indicator (hl7.org/fhir/R4/measurereport.html).

A figure without a number has the extension data-absent-reason where its score would stand: `masked` for a small cell,
`unknown` without a source, `not-applicable` of nothing.
"""

from typing import Any
from uuid import UUID, uuid5

import orjson

from indicators.domain.report import Report, Row

_BASE = "https://cpts.example/fhir"
_SPACE = UUID("6f2b51a4-6c4f-5a2e-9d39-6c0f2f0f9a10")
_ABSENT = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
_POPULATION = "http://terminology.hl7.org/CodeSystem/measure-population"
_IMPROVEMENT = "http://terminology.hl7.org/CodeSystem/measure-improvement-notation"
_REASONS = {"masked": "masked", "undefined": "not-applicable"}
_UNITS = {"percent": ("%", "%"), "score": ("score", "{score}"), "count": ("1", "1")}
_NOTATIONS = {"up": "increase", "down": "decrease"}


def write(report: Report) -> bytes:
    """A Bundle of type collection. Ids follow from territory, period and indicator: the same figure has the same."""
    bundle = {
        "resourceType": "Bundle",
        "type": "collection",
        "timestamp": report.written_at.isoformat(),
        "entry": [_entry(report, row) for row in report.rows],
    }
    return orjson.dumps(bundle, option=orjson.OPT_INDENT_2)


def _entry(report: Report, row: Row) -> dict[str, Any]:
    found = uuid5(_SPACE, f"{report.territory}/{report.period.id}/{row.indicator.id}")
    return {"fullUrl": f"urn:uuid:{found}", "resource": _measure_report(report, row)}


def _measure_report(report: Report, row: Row) -> dict[str, Any]:
    it = row.indicator
    told: dict[str, Any] = {
        "resourceType": "MeasureReport",
        "identifier": [{"system": f"{_BASE}/figures", "value": f"{report.territory}/{report.period.id}/{it.id}"}],
        "status": "pending" if report.provisional or "period_open" in row.gaps else "complete",
        "type": "summary",
        "measure": f"{_BASE}/Measure/{it.id}|{it.definition_version}",
        "date": report.written_at.isoformat(),
        "reporter": {"display": report.territory_name},
        "period": {
            "start": report.period.start.isoformat(),
            "end": report.period.end.isoformat(),
        },
        "group": [_group(row)],
    }
    if notation := _NOTATIONS.get(it.expected_trend):
        told["improvementNotation"] = {"coding": [{"system": _IMPROVEMENT, "code": notation}]}
    return told


def _group(row: Row) -> dict[str, Any]:
    group: dict[str, Any] = {"code": {"coding": [{"code": row.indicator.id}], "text": row.indicator.label_fr}}
    counts = (("numerator", row.numerator), ("denominator", row.denominator))
    if told := [_population(name, number) for name, number in counts if number is not None]:
        group["population"] = told
    if row.value is None:
        reason = _REASONS.get("masked" if row.masked else row.status, "unknown")
        group["measureScore"] = {"extension": [{"url": _ABSENT, "valueCode": reason}]}
        return group
    unit, code = _UNITS[row.indicator.unit]
    group["measureScore"] = {"value": row.value, "unit": unit, "system": "http://unitsofmeasure.org", "code": code}
    if row.origin in ("imported", "manual"):
        group["measureScore"]["extension"] = [{"url": f"{_BASE}/StructureDefinition/origin", "valueCode": row.origin}]
    strata = [(dimension, codes) for dimension, codes in row.breakdown.items() if codes]
    if strata:
        group["stratifier"] = [_stratifier(dimension, codes) for dimension, codes in strata]
    return group


def _population(name: str, number: int) -> dict[str, Any]:
    return {"code": {"coding": [{"system": _POPULATION, "code": name}]}, "count": number}


def _stratifier(dimension: str, codes: dict[str, int]) -> dict[str, Any]:
    strata = [{"value": {"text": code}, "population": [_population("numerator", it)]} for code, it in codes.items()]
    return {"code": [{"text": dimension}], "stratum": strata}
