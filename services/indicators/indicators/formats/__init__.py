"""Formats of exports, one a file: each writes a `Report` as bytes and looks nothing up. Heavy ones load when used."""

from dataclasses import dataclass
from importlib import import_module

from indicators.domain.exports import FormatName
from indicators.domain.report import Report


@dataclass(frozen=True)
class Format:
    """How a format is called in the name of a file and in a header."""

    suffix: str
    media_type: str
    module: str


FORMATS: dict[FormatName, Format] = {
    "csv": Format("csv", "text/csv; charset=utf-8; header=present", "csv_table"),
    "xlsx": Format("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx_book"),
    "pdf": Format("pdf", "application/pdf", "pdf_report"),
    "json": Format("json", "application/json", "json_report"),
    "parquet": Format("parquet", "application/vnd.apache.parquet", "parquet_table"),
    "dhis2": Format("dhis2.json", "application/json", "dhis2_values"),
    "adx": Format("adx.xml", "application/xml", "adx_message"),
    "fhir": Format("fhir.json", "application/fhir+json", "fhir_measure_report"),
}


class UnwritableError(Exception):
    """The report has nothing that this format could say. `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def write(name: FormatName, report: Report) -> bytes:
    """The report in a format; takes up to a second: in a thread. Raises UnwritableError."""
    content: bytes = import_module(f"indicators.formats.{FORMATS[name].module}").write(report)
    return content


def file_name(name: FormatName, report: Report) -> str:
    """As it is kept and sent: territory, report and period, without anything that changes from one run to the next."""
    return f"{report.territory}_{report.what}_{report.period.id}.{FORMATS[name].suffix}"
