"""XLSX: a sheet an axis with native charts, a first sheet that says what it is, one of the parts of the figures."""

import io
from collections.abc import Sequence
from itertools import count
from textwrap import wrap

from openpyxl import Workbook
from openpyxl.chart import BarChart, Reference
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from indicators.domain.report import PROVISIONAL, Part, Report, Row
from indicators.formats import french

_HEAD = {
    "N°": 7,
    "Indicateur": 42,
    "Unité": 13,
    "Valeur": 14,
    "Numérateur": 12,
    "Dénominateur": 14,
    "IC 95 %": 16,
    "Période précédente": 12,
    "Références": 25,
    "Tendance attendue": 12,
    "Tendance": 13,
    "Preuves": 10,
    "Origine": 15,
    "Remarques": 22,
}
"""Columns of an axis and their widths, in letters."""
_FORMATS = {"count": "#,##0", "percent": '0.00" %"', "score": "0.00"}
_CHARTS = (("Taux et scores", ("percent", "score")), ("Nombres", ("count",)))
_DATA = "Données des graphiques"
_LINE = Side(style="thin", color="BBBBBB")
_BORDER = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)
_FILL = PatternFill("solid", fgColor="DCE6F1")
_TOP = Alignment(vertical="top", wrap_text=True)
_CHART_ROWS = 17
"""Rows of a sheet that a chart covers."""
_LINE_POINTS = 15


def write(report: Report) -> bytes:
    """The workbook. A masked figure and one without source are words, never zeros."""
    book = Workbook()
    book.remove(book.worksheets[0])
    book.properties.title, book.properties.creator = report.title, report.territory_name
    _cover(book.create_sheet("Synthèse"), report)
    sheets = [(part, book.create_sheet(_name(part))) for part in report.parts]
    _parts(book.create_sheet("Ventilation"), report)
    data, free = book.create_sheet(_DATA), count(1)
    for part, sheet in sheets:
        _axis(sheet, part, provisional=report.provisional)
        _charts(sheet, data, free, part)
    for sheet in book.worksheets:
        if (header := sheet.oddHeader) is not None:
            header.center.text = report.title
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _name(part: Part) -> str:
    plain = "".join(it for it in f"{part.axis.code} {part.axis.label_fr}" if it not in "[]:*?/\\")
    return f"Axe {plain}"[:31].strip()


def _cover(sheet: Worksheet, report: Report) -> None:
    sheet.append([report.title])
    for text in french.subtitle(report).split("\n"):
        sheet.append([text])
    sheet.append([])
    sheet.append(["Axe", "Indicateurs", "avec une valeur", "masqués", "sans source"])
    for part in report.parts:
        states = [_state(row) for row in part.rows]
        counts = [states.count(it) for it in ("value", "masked", "no_source")]
        sheet.append([f"{part.axis.code} {part.axis.label_fr}", len(states), *counts])
    sheet["A1"].font = Font(bold=True, size=14)
    _style(sheet, sheet.max_row - len(report.parts), (34, 14, 16, 12, 14))
    sheet.append([])
    for note in (
        "« masqué » : petit effectif, ou nombre dont un petit effectif se déduirait (ce n'est pas zéro).",
        "« pas de source » : rien n'alimente encore cet indicateur (ce n'est pas zéro).",
        "« sans objet » : dénominateur nul.",
    ):
        sheet.append([note])


def _state(row: Row) -> str:
    return "value" if row.value is not None else row.status


def _axis(sheet: Worksheet, part: Part, *, provisional: bool) -> None:
    sheet.append([*_HEAD, *([PROVISIONAL] if provisional else [])])
    for row in part.rows:
        sheet.append([*_cells(row), *(["provisoire"] if provisional else [])])
        sheet.cell(sheet.max_row, 4).number_format = _FORMATS[row.indicator.unit]
        sheet.cell(sheet.max_row, 8).number_format = _FORMATS[row.indicator.unit]
    _style(sheet, 1, (*_HEAD.values(), *((16,) if provisional else ())))
    sheet.freeze_panes = "C2"
    sheet.print_title_rows = "1:1"


def _cells(row: Row) -> list[str | int | float | None]:
    it, known = row.indicator, row.value is not None
    low, high = (french.number(side) for side in row.interval) if row.interval else ("", "")
    return [
        *(it.id, it.label_fr, french.UNITS[it.unit]),
        row.value if known else french.figure(row),
        *(row.numerator, row.denominator, f"{low} à {high}" if row.interval else None, row.before),
        *(french.elsewhere(row), french.EXPECTED[it.expected_trend], french.JUDGED.get(row.judged or "")),
        *(row.evidence, french.origin(row), french.remarks(row)),
    ]


def _charts(sheet: Worksheet, data: Worksheet, free: "count[int]", part: Part) -> None:
    """Below the table; a chart needs its numbers side by side, so they stand on a sheet of their own."""
    top = sheet.max_row + 2
    for title, units in _CHARTS:
        rows = [row for row in part.rows if row.value is not None and row.indicator.unit in units]
        if not rows:
            continue
        first = next(free)
        data.append([f"Axe {part.axis.code} – {title}", "Période", "Période précédente"])
        for row in rows:
            next(free)
            data.append([row.indicator.id, row.value, row.before])
        sheet.add_chart(_chart(data, title, first, len(rows)), f"B{top}")
        top += _CHART_ROWS
    data.column_dimensions["A"].width = 36


def _chart(data: Worksheet, title: str, first: int, rows: int) -> BarChart:
    chart = BarChart()
    chart.title, chart.style, chart.height, chart.width = title, 10, 8, 24
    chart.add_data(Reference(data, min_col=2, max_col=3, min_row=first, max_row=first + rows), titles_from_data=True)
    chart.set_categories(Reference(data, min_col=1, min_row=first + 1, max_row=first + rows))
    chart.x_axis.delete = chart.y_axis.delete = False  # the library hides them otherwise
    chart.y_axis.scaling.min = 0
    chart.legend.position = "b"
    return chart


def _parts(sheet: Worksheet, report: Report) -> None:
    sheet.append(["N°", "Indicateur", "Par", "Code", "Nombre"])
    for row in report.rows:
        for dimension, codes in row.breakdown.items():
            for code, number in codes.items():
                sheet.append([row.indicator.id, row.indicator.label_fr, dimension, code, number])
                sheet.cell(sheet.max_row, 4).data_type = "s"  # a code is never a formula
    _style(sheet, 1, (8, 60, 18, 30, 12))
    sheet.freeze_panes = "A2"


def _style(sheet: Worksheet, head: int, widths: Sequence[int]) -> None:
    for number, width in enumerate(widths, 1):
        sheet.column_dimensions[get_column_letter(number)].width = width
    for place, cells in enumerate(sheet.iter_rows(min_row=head, max_col=len(widths)), head):
        for cell in cells:
            cell.alignment, cell.border = _TOP, _BORDER
        # Programs that open the file do not all make room for wrapped text by themselves.
        lines = max(_lines(cell.value, width) for cell, width in zip(cells, widths, strict=True))
        sheet.row_dimensions[place].height = _LINE_POINTS * lines
    for cell in next(sheet.iter_rows(min_row=head, max_row=head, max_col=len(widths))):
        cell.font, cell.fill = Font(bold=True), _FILL
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", int(sheet.PAPERSIZE_A3)
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)


def _lines(value: object, width: int) -> int:
    """How many lines a text takes in a column, each word kept whole."""
    return sum(len(wrap(text, max(width - 2, 4))) or 1 for text in str("" if value is None else value).split("\n"))
