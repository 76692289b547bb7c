"""A figure as it may be published: small counts of patients, and what they would follow from, are hidden."""

from collections.abc import Mapping
from dataclasses import replace

from indicators.domain.communes import Parts
from indicators.domain.figures import Figure, Tally
from indicators.domain.suppression import Arc, Cell, suppressed
from indicators.domain.tables import DENOMINATOR, NUMERATOR, figure_table
from indicators.domain.trends import Judgement


def masked(figure: Figure, threshold: int) -> Figure:
    """The figure with None in the place of what is hidden; one that counts no patients stays as it is.

    Without numerator or denominator there is no value and no interval either: the other would follow from them. What it
    was held against is left out when that is the figure of the period before, which may be hidden there; so is how many
    facts it stood on.
    """
    if not figure.indicator.counts_patients:
        return figure
    figure = replace(figure, trend=_without_the_period_before(figure.trend))
    if figure.tally is None:
        return _without_value(figure) if NUMERATOR in hidden_cells(figure, threshold) else figure
    tally = _tally(figure.tally, hidden_cells(figure, threshold))
    if tally == figure.tally:
        return figure
    shown = replace(figure, tally=tally, masked=True, sealed=None)
    whole = tally.numerator is not None and (tally.denominator is not None or figure.tally.denominator is None)
    return shown if whole else _without_value(shown)


def for_outside(figure: Figure) -> Figure:
    """Without what it was held against in the period before, which may be approved by nobody or hidden there."""
    return replace(figure, trend=_without_the_period_before(figure.trend))


def hidden_cells(figure: Figure, threshold: int) -> frozenset[Cell]:
    """The cells of the figure that may not be published: as its approval decided, else what its own table gives."""
    if figure.hidden is not None:
        return frozenset(figure.hidden)
    tally = counted(figure)
    if tally is None or tally.numerator is None:
        return frozenset()
    hidden = {("apart", code) for code, value in tally.apart.items() if value is not None and 0 < value < threshold}
    return suppressed(_table(figure, tally.numerator, tally), threshold) | hidden


def counted(figure: Figure) -> Tally | None:
    """The numbers behind a figure; a count that was told as a value is its own numerator."""
    if figure.tally is None and figure.indicator.unit == "count" and figure.value is not None:
        return Tally(int(figure.value))
    return figure.tally


def _table(figure: Figure, numerator: int, tally: Tally) -> Mapping[Cell, Arc]:
    """A score counts those who answered, in its denominator; its numerator is a sum that nobody is counted in."""
    if figure.indicator.unit == "score":
        return {DENOMINATOR: Arc("base", "base", tally.denominator or 0)}
    breakdown = {name: parts for name, parts in tally.breakdown.items() if _says_something(parts)}
    return figure_table(numerator, tally.denominator, breakdown)


def _says_something(parts: Parts) -> bool:
    """Whether a part is known to be somebody, or is hidden by who told it."""
    return any(value is None or value for value in parts.values())


def _tally(tally: Tally, hidden: frozenset[Cell]) -> Tally:
    """Of a mean of few answers the sum is hidden as well. A code of which there is nobody may be hidden too."""
    no_base = DENOMINATOR in hidden
    parts = {name: _part(name, codes, hidden) for name, codes in (*tally.breakdown.items(), ("apart", tally.apart))}
    return Tally(
        numerator=None if NUMERATOR in hidden or no_base else tally.numerator,
        denominator=None if no_base else tally.denominator,
        apart=parts.pop("apart"),
        breakdown=parts,
    )


def _part(name: str, codes: Mapping[str, int | None], hidden: frozenset[Cell]) -> dict[str, int | None]:
    return {**codes, **{code: None for dimension, code in sorted(hidden) if dimension == name}}


def _without_value(figure: Figure) -> Figure:
    return replace(
        figure, status="masked", reason="masked", value=None, interval=None, trend=None, masked=True, sealed=None
    )


def _without_the_period_before(trend: Judgement | None) -> Judgement | None:
    if trend is None or trend.compared_with is None or trend.compared_with.kind != "previous_period":
        return trend
    return replace(trend, compared_with=None)
