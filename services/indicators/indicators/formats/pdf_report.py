"""PDF report in French: by axis a table and plots, evidence counts, the period before and the reference areas."""

from collections.abc import Iterator

from indicators.domain.report import PROVISIONAL, Part, Report, Row
from indicators.formats import french
from kit.pdf import Bars, Block, Grid, Heading, Text, write_pdf

_HEAD = ("N°", "Indicateur", "Valeur", "Période précédente", "Références", "Tendance", "Preuves", "Remarques")
_WIDTHS = (10, 42, 25, 20, 31, 22, 16, 20)
_PLOTS = (("Taux et scores", ("percent", "score")), ("Nombres", ("count",)))
_NOTES = """« masqué » : petit effectif, ou nombre dont un petit effectif se déduirait ; ce n'est pas zéro.
« pas de source » : rien n'alimente encore cet indicateur ; ce n'est pas zéro.
« sans objet » : dénominateur nul. « Preuves » : nombre d'événements qui prouvent la valeur.
Entre crochets : intervalle de confiance à 95 %."""


def write(report: Report) -> bytes:
    """Some pages, numbered. Takes a tenth of a second a page."""
    blocks = [Text(_summary(report)), *(block for part in report.parts for block in _part(part)), Text(_NOTES)]
    return write_pdf(report.title, french.subtitle(report), blocks, numbered=True)


def _summary(report: Report) -> str:
    rows = report.rows
    known = sum(row.value is not None for row in rows)
    masked, absent = sum(row.status == "masked" for row in rows), sum(row.status == "no_source" for row in rows)
    judged = [sum(row.judged == it for row in rows) for it in ("reached", "not_reached")]
    note = f"{PROVISIONAL} : ils peuvent encore changer.\n" if report.provisional else ""
    return note + (
        f"{len(rows)} indicateurs : avec une valeur {known}, masqués {masked}, sans source {absent}. "
        f"Tendance attendue : atteinte {judged[0]}, non atteinte {judged[1]}. "
        f"Période précédente : {french.period(report.before) if report.before else 'aucune'}."
    )


def _part(part: Part) -> Iterator[Block | Bars]:
    yield Heading(f"Axe {part.axis.code} – {part.axis.label_fr}")
    yield Grid(_HEAD, [_cells(row) for row in part.rows], _WIDTHS, dense=True)
    for title, units in _PLOTS:
        rows = [row for row in part.rows if row.value is not None and row.indicator.unit in units]
        if rows:
            yield _bars(title, rows)


def _cells(row: Row) -> list[str]:
    value = french.figure(row)
    if row.numerator is not None and row.denominator is not None:
        value += f"\n{french.number(row.numerator)}\u00a0/\u00a0{french.number(row.denominator)}"
    if row.interval:
        value += f"\n[{french.number(row.interval[0])}\u00a0; {french.number(row.interval[1])}]"
    trend = french.EXPECTED[row.indicator.expected_trend]
    if row.judged:
        trend += f"\n({french.JUDGED[row.judged]})"
    return [
        *(row.indicator.id, row.indicator.label_fr, value, french.number(row.before, row.indicator.unit)),
        *(french.elsewhere(row), trend, french.number(row.evidence), french.remarks(row)),
    ]


def _bars(title: str, rows: list[Row]) -> Bars:
    areas = dict.fromkeys(french.area(row.elsewhere[0].area) for row in rows if row.elsewhere)
    series: list[tuple[str, list[float | None]]] = [
        ("Période", [row.value for row in rows]),
        ("Période précédente", [row.before for row in rows]),
        (f"Référence ({', '.join(areas)})", [row.elsewhere[0].value if row.elsewhere else None for row in rows]),
    ]
    told = [(name, values) for name, values in series if any(it is not None for it in values)]
    return Bars(title, [row.indicator.id for row in rows], told)
