"""A pathway drawn: one line a step, its window in days after the enrolment as a bar, arrows from what it counts from.

SVG by hand: bars, lines and texts, the same bytes for the same pathway. Roles have a colour each, and a legend.
"""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import NamedTuple
from xml.sax.saxutils import escape

from pathways.domain.dating import Plan, Window, date_steps
from pathways.domain.layout import Occurrence, lay_out
from pathways.domain.template import Template

_START = date(2000, 1, 1)
_ROW, _TOP, _LEFT, _WIDTH, _MARGIN = 26, 84, 430, 760, 20
_COLOURS = (
    "#1b6ca8",
    "#2e8b57",
    "#b8860b",
    "#8b3a62",
    "#4b5d67",
    "#a0522d",
    "#5a4fcf",
    "#007f7f",
    "#9c2f2f",
    "#556b2f",
)
_SHORT = 62


class Scale(NamedTuple):
    """Days after the enrolment as points across: from the first day (a step may begin before it) to the last."""

    first: int
    last: int

    @property
    def wide(self) -> float:
        return _WIDTH / max(1, self.last - self.first)

    def x(self, day: int) -> float:
        return round(_LEFT + (day - self.first) * self.wide, 1)


def draw(template: Template) -> str:
    """The SVG document. Named days stand where they are assumed; every fact holds, so that all steps are drawn."""
    laid_out = lay_out(template.steps)
    plan = Plan(_START, template.days(_START, {}))
    windows = date_steps([it.rule for it in laid_out], plan)
    rows = sorted(laid_out, key=lambda it: (windows[it.rule.key].from_on, windows[it.rule.key].due_on, it.rule.key))
    places = {it.rule.key: place for place, it in enumerate(rows)}
    scale = Scale(
        min(0, *((it.from_on - _START).days for it in windows.values())),
        max((it.due_on - _START).days + 1 for it in windows.values()),
    )
    height = _TOP + _ROW * (len(rows) + len(template.roles)) + 60
    lines = [
        *_head(template, height),
        *_axis(scale, _TOP + _ROW * len(rows)),
        *(line for it in rows for line in _step(it, template, windows, places, scale)),
        *_legend(template, _TOP + _ROW * len(rows) + 34),
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def _head(template: Template, height: int) -> Iterator[str]:
    width = _LEFT + _WIDTH + 2 * _MARGIN
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        'font-family="sans-serif" font-size="12" role="img">'
    )
    yield f"<title>{escape(template.label)}</title>"
    yield (
        '<defs><marker id="tip" viewBox="0 0 6 6" refX="6" refY="3" markerWidth="6" markerHeight="6" orient="auto">'
        '<path d="M0 0 L6 3 L0 6 z" fill="#888"/></marker></defs>'
    )
    yield f'<rect width="{width}" height="{height}" fill="white"/>'
    state = "proposition, non validée" if template.validated_by is None else f"validé : {template.validated_by}"
    yield (
        f'<text x="{_MARGIN}" y="26" font-size="17" font-weight="bold">{escape(template.label)}</text>'
        f'<text x="{_MARGIN}" y="45" fill="#555">version {escape(template.version)}, {escape(state)} ; '
        "jours après l'inclusion</text>"
    )


def _axis(scale: Scale, bottom: int) -> Iterator[str]:
    every = next(step for step in (1, 7, 14, 30, 60, 90, 180, 365, 3650) if scale.last / step <= 14)
    for day in range(0, scale.last + 1, every):
        x = scale.x(day)
        yield f'<line x1="{x}" y1="{_TOP - 6}" x2="{x}" y2="{bottom}" stroke="#ddd"/>'
        yield f'<text x="{x}" y="{_TOP - 10}" text-anchor="middle" fill="#555">J{day}</text>'


def _step(
    it: Occurrence, template: Template, windows: Mapping[str, Window], places: Mapping[str, int], scale: Scale
) -> Iterator[str]:
    y, window = _TOP + _ROW * places[it.rule.key], windows[it.rule.key]
    x = scale.x((window.from_on - _START).days)
    wide = max(4.0, round(((window.due_on - window.from_on).days + 1) * scale.wide, 1))
    conditional = ' stroke="#333" stroke-dasharray="3 2" fill-opacity="0.45"' if it.step.when or it.step.unless else ""
    yield f'<text x="{_MARGIN}" y="{y + 16}">{escape(_label(it))}</text>'
    colour = _colour(template, it.step.role)
    yield f'<rect x="{x}" y="{y + 5}" width="{wide}" height="15" rx="3" fill="{colour}"{conditional}/>'
    if it.rule.anchor:
        before = windows[it.rule.anchor]
        end = scale.x((before.due_on - _START + timedelta(days=1)).days)
        middle = _TOP + _ROW * places[it.rule.anchor] + 12
        yield (
            f'<path d="M{end} {middle} C{end + 14} {middle} {x - 14} {y + 12} {x} {y + 12}" fill="none" '
            'stroke="#888" marker-end="url(#tip)"/>'
        )


def _label(it: Occurrence) -> str:
    number = f" ({it.number})" if it.number else ""
    text = it.step.label
    short = text if len(text) + len(number) <= _SHORT else text[: _SHORT - len(number) - 1].rstrip() + "…"
    return short + number


def _legend(template: Template, top: int) -> Iterator[str]:
    for place, role in enumerate(template.roles):
        y = top + _ROW * place
        yield f'<rect x="{_MARGIN}" y="{y}" width="15" height="15" rx="3" fill="{_colour(template, role.code)}"/>'
        yield f'<text x="{_MARGIN + 24}" y="{y + 12}">{escape(role.label)}</text>'
    if any(step.when or step.unless for step in template.steps):
        yield f'<text x="{_LEFT}" y="{top + 12}" fill="#555">En pointillé : selon la situation du patient</text>'


def _colour(template: Template, role: str) -> str:
    return _COLOURS[[it.code for it in template.roles].index(role) % len(_COLOURS)]
