"""Horizontal bars in a document."""

from reportlab.graphics.charts.barcharts import HorizontalBarChart
from reportlab.graphics.charts.legends import Legend
from reportlab.graphics.shapes import Drawing
from reportlab.lib.colors import HexColor

from kit.pdf import Bars

_COLOURS = ("#1f4e79", "#9dc3e6", "#a6a6a6", "#c55a11")
_BAR, _GAP, _LEFT, _RIGHT, _FOOT = 7, 7, 45, 45, 34
"""Points: a bar, the room between labels, the room for the labels, for the numbers, for the axis and the legend."""


def draw_bars(bars: Bars, width: float, font: str) -> Drawing:
    """A drawing of that width, as high as its bars need; the first label stands on top."""
    height = len(bars.labels) * (_BAR * len(bars.series) + _GAP)
    drawing = Drawing(width, height + _FOOT + 6)
    drawing.add(_chart(bars, width, height, font))
    drawing.add(_legend(bars, font))
    return drawing


def _chart(bars: Bars, width: float, height: float, font: str) -> HorizontalBarChart:
    chart = HorizontalBarChart()
    chart.x, chart.y, chart.width, chart.height = _LEFT, _FOOT, width - _LEFT - _RIGHT, height
    # The library draws from the bottom up.
    chart.data = [list(reversed(values)) for _, values in reversed(bars.series)]
    chart.categoryAxis.categoryNames = list(reversed(bars.labels))
    chart.barWidth, chart.groupSpacing, chart.barSpacing = _BAR, _GAP, 0
    chart.valueAxis.valueMin = 0
    chart.valueAxis.valueMax = max((it for _, values in bars.series for it in values if it), default=0) or 1
    chart.valueAxis.labelTextFormat = _number
    chart.barLabelFormat = _number
    for labels in (chart.categoryAxis.labels, chart.valueAxis.labels, chart.barLabels):
        labels.fontName, labels.fontSize = font, 6.5
    chart.barLabels.boxAnchor, chart.barLabels.dx = "w", 2
    for number, colour in enumerate(_colours(bars)):
        chart.bars[len(bars.series) - 1 - number].fillColor = colour
        chart.bars[len(bars.series) - 1 - number].strokeColor = None
    return chart


def _legend(bars: Bars, font: str) -> Legend:
    legend = Legend()
    legend.x, legend.y, legend.boxAnchor, legend.alignment = _LEFT, 0, "sw", "right"
    legend.fontName, legend.fontSize, legend.columnMaximum, legend.deltax = font, 7, 1, 120
    legend.dx = legend.dy = 6
    legend.colorNamePairs = list(zip(_colours(bars), (name for name, _ in bars.series), strict=True))
    return legend


def _colours(bars: Bars) -> list[HexColor]:
    return [HexColor(_COLOURS[number % len(_COLOURS)]) for number in range(len(bars.series))]


def _number(value: float) -> str:
    return f"{value:,.2f}".rstrip("0").rstrip(".").replace(",", "\u00a0").replace(".", ",")
