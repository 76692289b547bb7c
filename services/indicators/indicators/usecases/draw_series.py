"""Draw the figures of one indicator over time, as SVG or PNG."""

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from io import BytesIO
from itertools import pairwise
from textwrap import fill
from typing import Any, Literal

from indicators.domain.figures import Figure

Picture = Literal["svg", "png"]
Language = Literal["fr", "en"]

_UNITS = {
    "fr": {"count": "nombre", "percent": "%", "score": "score (0 à 100)"},
    "en": {"count": "number", "percent": "%", "score": "score (0 to 100)"},
}
_WORDS = {
    "fr": {"target": "objectif", "baseline": "situation de départ", "masked": "masqué", "open": "période en cours"},
    "en": {"target": "target", "baseline": "baseline", "masked": "masked", "open": "period not over"},
}
# One picture at a time: the library keeps state of its own, and files wait for nobody's picture.
_PENCIL = ThreadPoolExecutor(max_workers=1, thread_name_prefix="draw")
_INK, _BLUE, _GREEN, _GREY = "#222222", "#1f5fa8", "#2a7f3f", "#777777"


async def draw_series(series: Sequence[Figure], kind: Picture, language: Language) -> bytes:
    """The picture, the same bytes for the same figures. What is not known is a gap, what is masked is said."""
    return await asyncio.get_running_loop().run_in_executor(_PENCIL, _draw, list(series), kind, language)


@cache
def _library() -> Any:
    """The library, loaded when the first picture is drawn: a second of a start that few processes need."""
    import matplotlib as mpl  # noqa: PLC0415

    mpl.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "cpts", "font.size": 10, "text.color": _INK})
    from matplotlib.figure import Figure as Canvas  # noqa: PLC0415

    return Canvas


def _draw(series: list[Figure], kind: Picture, language: Language) -> bytes:
    indicator = series[0].indicator
    canvas = _library()(figsize=(8, 4.5), dpi=120, layout="constrained")
    axes = canvas.subplots()
    places = range(len(series))
    known = [(place, float(it.value)) for place, it in zip(places, series, strict=True) if it.value is not None]
    _lines(axes, known)
    _intervals(axes, series)
    _points(axes, series, language)
    _stated(axes, series[-1], language)
    axes.set_xticks(list(places), [it.period.id for it in series], rotation=45 if len(series) > 6 else 0)
    axes.set_xlim(-0.5, len(series) - 0.5)
    axes.set_ylim(0, axes.get_ylim()[1] * 1.1 if axes.lines else 1)
    axes.yaxis.get_major_locator().set_params(integer=indicator.unit == "count")
    axes.set_ylabel(_UNITS[language][indicator.unit])
    label = indicator.label_fr if language == "fr" else indicator.label_en
    axes.set_title(fill(f"{indicator.id} – {label}", 70), loc="left", fontsize=11)
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="y", color="#e5e5e5")
    axes.set_axisbelow(True)
    if axes.get_legend_handles_labels()[0]:
        axes.legend(frameon=False, fontsize=9)
    out = BytesIO()
    stamps = {"Date": None, "Title": label} if kind == "svg" else {"Software": None, "Title": label}
    canvas.savefig(out, format=kind, metadata=stamps)
    return out.getvalue()


def _lines(axes: Any, known: list[tuple[int, float]]) -> None:
    """Between neighbours only: over a gap nothing is known."""
    for (place, value), (following, then) in pairwise(known):
        if following == place + 1:
            axes.plot([place, following], [value, then], color=_BLUE, linewidth=1.5)


def _intervals(axes: Any, series: list[Figure]) -> None:
    for place, it in enumerate(series):
        if it.interval is not None and it.value is not None:
            axes.plot([place, place], [it.interval.low, it.interval.high], color=_BLUE, linewidth=4, alpha=0.25)


def _points(axes: Any, series: list[Figure], language: Language) -> None:
    """A value that may still change is a hollow point; one that is masked has its word."""
    words = _WORDS[language]
    for is_open in (False, True):
        held = [(place, it.value) for place, it in enumerate(series) if it.value is not None]
        shown = [(place, value) for place, value in held if ("period_open" in series[place].gaps) is is_open]
        if shown:
            axes.plot(
                *zip(*shown, strict=True),
                "o",
                color=_BLUE,
                markerfacecolor="white" if is_open else _BLUE,
                clip_on=False,
                label=words["open"] if is_open else None,
            )
        for place, value in shown:
            interval = series[place].interval
            _note(axes, place, interval.high if interval else value, _number(value, language), _INK)
    for place, it in enumerate(series):
        if it.masked and it.value is None:
            _note(axes, place, 0, words["masked"], _GREY)


def _note(axes: Any, place: int, above: float, text: str, color: str) -> None:
    axes.annotate(text, (place, above), (0, 7), textcoords="offset points", ha="center", fontsize=9, color=color)


def _stated(axes: Any, last: Figure, language: Language) -> None:
    """Target and baseline, where they are of this kind of period."""
    for name, goal, color, style in (("target", last.target, _GREEN, "--"), ("baseline", last.baseline, _GREY, ":")):
        if goal and goal.is_for(last.period):
            label = f"{_WORDS[language][name]} {_number(goal.value, language)}"
            axes.axhline(goal.value, color=color, linestyle=style, label=label)


def _number(value: float, language: Language) -> str:
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return text.replace(".", ",") if language == "fr" else text
