"""The appointment sheet as a PDF: title and language set, its font inside, the same bytes for the same sheet.

Its text is in reading order but not tagged: the HTML page is the one for a screen reader.
"""

from io import BytesIO
from xml.sax.saxutils import escape

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Spacer

from kit.pdf_layout import BOLD, PLAIN, register_fonts
from snp_dispatch.domain.bulletin import Bulletin

_ALERT = HexColor("#a00000")


def pdf(bulletin: Bulletin) -> bytes:
    """One or two pages of A4, in the order of the HTML page."""
    register_fonts()
    out = BytesIO()
    page = SimpleDocTemplate(
        out,
        pagesize=A4,
        leftMargin=20 * mm,
        rightMargin=20 * mm,
        topMargin=18 * mm,
        bottomMargin=18 * mm,
        title=f"{bulletin.title} {bulletin.reference}",
        author=bulletin.territory,
        lang="fr-FR",
        displayDocTitle=True,
        invariant=1,
    )
    page.build(_story(bulletin))
    return out.getvalue()


def _story(bulletin: Bulletin) -> list[Flowable]:
    body = ParagraphStyle("body", fontName=PLAIN, fontSize=11, leading=15, spaceAfter=4)
    small = ParagraphStyle("small", parent=body, fontSize=8.5, leading=11)
    title = ParagraphStyle("title", parent=body, fontName=BOLD, fontSize=18, leading=24)
    head = ParagraphStyle("head", parent=body, fontName=BOLD, fontSize=13, leading=18, spaceBefore=8)
    alert = ParagraphStyle("alert", parent=head, textColor=_ALERT)
    return [
        Paragraph(escape(bulletin.title), title),
        Paragraph(escape(bulletin.territory), body),
        Paragraph("Votre rendez-vous", head),
        *(
            Paragraph(f'<font name="{BOLD}">{escape(name)}</font> : {escape(value)}', body)
            for name, value in bulletin.facts
        ),
        Paragraph("Consignes", head),
        *(Paragraph(f"• {escape(line)}", body) for line in bulletin.instructions),
        Paragraph("Si votre état s'aggrave", alert),
        *(Paragraph(f"• {escape(line)}", body) for line in bulletin.if_worse),
        Spacer(1, 6 * mm),
        Paragraph(escape(bulletin.footer), small),
    ]
