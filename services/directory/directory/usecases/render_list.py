"""A version of a list as files: CSV and XLSX for spreadsheets, PDF for the wall. Bytes are made once and kept."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO, StringIO
from xml.sax.saxutils import escape

from openpyxl import Workbook
from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from directory.domain.publications import Column, Format, ListRow, harmless, printable
from kit.pdf import BOLD, PLAIN, register_fonts

_WIDTH = landscape(A4)[0] - 24 * mm


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
    return {"csv": _csv(sheet), "xlsx": _xlsx(sheet), "pdf": _pdf(sheet)}


def _csv(sheet: Sheet) -> bytes:
    """UTF-8 with its mark and semicolons: what a French spreadsheet opens by a double click."""
    out = StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(sheet.head)
    writer.writerows([harmless(cell) for cell in sheet.cells(row)] for row in sheet.rows)
    return out.getvalue().encode("utf-8-sig")


def _xlsx(sheet: Sheet) -> bytes:
    book = Workbook(write_only=True)
    page = book.create_sheet("Liste")
    page.freeze_panes = "A2"
    page.append(sheet.head)
    for row in sheet.rows:
        page.append([harmless(cell) for cell in sheet.cells(row)])
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _pdf(sheet: Sheet) -> bytes:
    register_fonts()
    out = BytesIO()
    margins = {f"{side}Margin": 12 * mm for side in ("left", "right", "top", "bottom")}
    title = f"{sheet.title} - {sheet.subtitle}"
    document = SimpleDocTemplate(
        out, pagesize=landscape(A4), title=title, author=sheet.territory, lang="fr-FR", invariant=1, **margins
    )
    small = ParagraphStyle("small", fontName=PLAIN, fontSize=8, leading=10)
    bold = ParagraphStyle("bold", parent=small, fontName=BOLD)
    large = ParagraphStyle("large", parent=bold, fontSize=15, leading=20)
    columns = sheet.on_paper
    lines = [[Paragraph(escape(column.label), bold) for column in columns]]
    lines += [[Paragraph(escape(cell), small) for cell in sheet.cells(row, columns)] for row in sheet.rows]
    unit = _WIDTH / sum(column.width for column in columns)
    # An entry that says much is higher than a page: its row goes on on the next.
    table = Table(lines, colWidths=[unit * column.width for column in columns], repeatRows=1, splitInRow=1)
    lined = [("GRID", (0, 0), (-1, -1), 0.4, HexColor("#777777")), ("VALIGN", (0, 0), (-1, -1), "TOP")]
    table.setStyle(TableStyle(lined))
    heads = [Paragraph(escape(it), style) for it, style in ((sheet.title, large), (sheet.territory, bold))]
    document.build([*heads, Paragraph(escape(sheet.subtitle), small), Spacer(1, 4 * mm), table])
    return out.getvalue()
