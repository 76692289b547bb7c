"""A version of a list as PDF."""

from io import BytesIO
from xml.sax.saxutils import escape

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from directory.usecases.render_list import Sheet
from kit.pdf_layout import BOLD, PLAIN, register_fonts

_WIDTH = landscape(A4)[0] - 24 * mm


def pdf(sheet: Sheet) -> bytes:
    """A wide table; its head is on every page."""
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
