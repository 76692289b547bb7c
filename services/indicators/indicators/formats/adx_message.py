"""ADX XML (IHE QRPH, Aggregate Data Exchange, `urn:ihe:qrph:adx:2015`).

A data value must have a number there: what is masked, has no source or is of nothing is left out, and an annotation of
the first value names it. Of a provisional report every value has an annotation, and the group no `completeDate`.
"""

from datetime import timedelta
from xml.etree import ElementTree as ET

from indicators.domain.periods import Period
from indicators.domain.report import Report, Row
from indicators.formats import UnwritableError

NAMESPACE = "urn:ihe:qrph:adx:2015"
_LENGTHS = {"quarter": "P3M", "half_year": "P6M", "year": "P1Y"}


def write(report: Report) -> bytes:
    """Raises UnwritableError when no figure has a number: a group without values is not valid."""
    known = [row for row in report.rows if row.value is not None]
    if not known:
        raise UnwritableError("no_value")
    root = ET.Element("adx", {"xmlns": NAMESPACE, "exported": report.written_at.isoformat(timespec="seconds")})
    group = ET.SubElement(
        root,
        "group",
        {
            "dataSet": report.codes.data_set,
            "orgUnit": report.codes.org_unit,
            "period": adx_period(report.period),
            **({} if report.provisional else {"completeDate": report.written_at.date().isoformat()}),
        },
    )
    values = [_value(group, row, provisional=report.provisional) for row in known]
    if absent := [f"{row.indicator.id} {row.status}" for row in report.rows if row not in known]:
        note = values[0].find("annotation")
        note = ET.SubElement(values[0], "annotation") if note is None else note
        note.text = "; ".join(filter(None, (note.text, f"without value: {', '.join(absent)}")))
    ET.indent(root)
    content: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return content


def adx_period(period: Period) -> str:
    """First day and length, as ISO 8601: `2026-10-01/P3M`; a campaign is so many days long."""
    start = period.start.date()
    days = ((period.end - timedelta(hours=1)).date() - start).days + 1
    return f"{start.isoformat()}/{_LENGTHS.get(period.kind, f'P{days}D')}"


def _value(group: ET.Element, row: Row, *, provisional: bool) -> ET.Element:
    found = ET.SubElement(group, "dataValue", {"dataElement": row.indicator.id, "value": str(row.value)})
    notes = [row.origin] if row.origin in ("imported", "manual") else []
    notes += ["provisional"] if provisional else []
    if notes:
        ET.SubElement(found, "annotation").text = ", ".join(notes)
    return found
