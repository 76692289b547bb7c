"""How a document is laid out: fonts, styles, tables, numbers of pages."""

from collections.abc import Callable, Sequence
from functools import cache
from io import BytesIO
from xml.sax.saxutils import escape

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, KeepTogether, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from kit.pdf import Bars, Block, Grid, Heading, Text
from kit.pdf_bars import draw_bars

PLAIN, BOLD = "Vera", "VeraBd"
"""Fonts that come with the library and write French."""
_WIDTH = A4[0] - 36 * mm
_TEXT = ParagraphStyle("text", fontName=PLAIN, fontSize=9, leading=12, spaceAfter=2 * mm)
_CELL = ParagraphStyle("cell", parent=_TEXT, fontSize=8, leading=10, spaceAfter=0)
_BOLD_CELL = ParagraphStyle("bold", parent=_CELL, fontName=BOLD)
_DENSE = ParagraphStyle("dense", parent=_CELL, fontSize=7, leading=9)
_BOLD_DENSE = ParagraphStyle("bold dense", parent=_DENSE, fontName=BOLD)
_HEADING = ParagraphStyle(
    "heading", parent=_TEXT, fontName=BOLD, fontSize=11, leading=15, spaceBefore=3 * mm, keepWithNext=True
)
_TITLE = ParagraphStyle("title", parent=_HEADING, fontSize=15, leading=20)


def lay_out(title: str, author: str, blocks: Sequence[Block | Bars], *, numbered: bool = False) -> bytes:
    """The bytes of the document. `author` may have several lines; the first is that of the file."""
    register_fonts()
    out = BytesIO()
    margins = {f"{side}Margin": 18 * mm for side in ("left", "right", "top", "bottom")}
    document = SimpleDocTemplate(
        out, pagesize=A4, title=title, author=author.partition("\n")[0], lang="fr-FR", invariant=1, **margins
    )
    head = [Paragraph(escape(title), _TITLE), Paragraph(_lines(author), _TEXT)]
    foot = _footer(title) if numbered else _no_footer
    parts = [*head, *(part for block in blocks for part in _flow(block))]
    document.build(parts, onFirstPage=foot, onLaterPages=foot)
    return out.getvalue()


def _flow(block: Block | Bars) -> list[Flowable]:
    if isinstance(block, Heading):
        return [Paragraph(escape(block.text), _HEADING)]
    if isinstance(block, Text):
        return [Paragraph(_lines(block.text), _TEXT)]
    if isinstance(block, Bars):
        return [KeepTogether([Paragraph(escape(block.title), _BOLD_CELL), draw_bars(block, _WIDTH, PLAIN)])]
    return [_table(block), Spacer(1, 3 * mm)]


def _footer(title: str) -> Callable[[Canvas, object], None]:
    def write(page: Canvas, _: object) -> None:
        page.setFont(PLAIN, 7)
        page.drawString(18 * mm, 10 * mm, title)
        page.drawRightString(A4[0] - 18 * mm, 10 * mm, f"page {page.getPageNumber()}")

    return write


def _no_footer(*_: object) -> None:
    pass


def _table(grid: Grid) -> Table:
    widths = grid.widths or [1] * len(grid.head)
    head, cell_style = (_BOLD_DENSE, _DENSE) if grid.dense else (_BOLD_CELL, _CELL)
    lines = [[Paragraph(escape(cell), head) for cell in grid.head]]
    lines += [[Paragraph(_lines(cell), cell_style) for cell in row] for row in grid.rows]
    table = Table(lines, colWidths=[_WIDTH * it / sum(widths) for it in widths], repeatRows=1)
    room = [(f"{side}PADDING", (0, 0), (-1, -1), 3) for side in ("LEFT", "RIGHT")] if grid.dense else []
    lined = [("GRID", (0, 0), (-1, -1), 0.4, HexColor("#777777")), ("VALIGN", (0, 0), (-1, -1), "TOP")]
    table.setStyle(TableStyle([*lined, *room]))
    return table


def _lines(text: str) -> str:
    return escape(text).replace("\n", "<br/>")


@cache
def register_fonts() -> None:
    """Once a process, before anything is laid out."""
    for name in (PLAIN, BOLD):
        pdfmetrics.registerFont(TTFont(name, f"{name}.ttf"))
