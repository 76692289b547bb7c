"""A version of a list as files: CSV and XLSX for spreadsheets, PDF for the wall. Bytes are made once and kept."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO, StringIO

from directory.domain.publications import Column, Format, ListRow, harmless, printable


@dataclass(frozen=True)
class Sheet:
    """What is printed."""

    title: str
    subtitle: str
    territory: str
    columns: Sequence[Column]
    rows: Sequence[ListRow]

    @property
    def head(self) -> list[str]:
        return [column.label for column in self.columns]

    @property
    def on_paper(self) -> list[Column]:
        """The columns that a page has room for."""
        return [column for column in self.columns if column.width]

    def cells(self, row: ListRow, columns: Sequence[Column] | None = None) -> list[str]:
        return [printable(row.cells.get(column.name, "")) for column in columns or self.columns]


def render(sheet: Sheet) -> dict[Format, bytes]:
    """All files of a version. Takes a second for a thousand rows: in a thread."""
    from directory.usecases.list_pdf import pdf  # noqa: PLC0415 - as below

    return {"csv": _csv(sheet), "xlsx": _xlsx(sheet), "pdf": pdf(sheet)}


def _csv(sheet: Sheet) -> bytes:
    """UTF-8 with its mark and semicolons: what a French spreadsheet opens by a double click."""
    out = StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(sheet.head)
    writer.writerows([harmless(cell) for cell in sheet.cells(row)] for row in sheet.rows)
    return out.getvalue().encode("utf-8-sig")


def _xlsx(sheet: Sheet) -> bytes:
    from openpyxl import Workbook  # noqa: PLC0415 - half a second of a start that few processes need

    book = Workbook(write_only=True)
    page = book.create_sheet("Liste")
    page.freeze_panes = "A2"
    page.append(sheet.head)
    for row in sheet.rows:
        page.append([harmless(cell) for cell in sheet.cells(row)])
    out = BytesIO()
    book.save(out)
    return out.getvalue()
