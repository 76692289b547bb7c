"""Show the context figures of a territory: the baseline that it states, and what was imported since."""

from collections.abc import Mapping
from dataclasses import dataclass

from indicators.domain.context import Context, ContextFigure
from indicators.domain.goals import Baseline
from indicators.domain.import_templates import ImportTemplates
from indicators.domain.periods import Period
from indicators.domain.told import Telling, believed
from indicators.store import told
from kit.work import Work


@dataclass(frozen=True)
class ContextShown:
    """A context figure of the territory; what is not known of it is None."""

    figure: ContextFigure
    baseline: Baseline | None
    telling: Telling | None


async def show_context(
    work: Work, context: Context, baselines: Mapping[str, Baseline], templates: ImportTemplates, period: Period
) -> list[ContextShown]:
    """In the order of the common list."""
    found = await told.imported(work, [it.id for it in context.figures], [period.id])
    return [
        ContextShown(
            it,
            baselines.get(it.id),
            believed(it.unit, found.get((it.id, period.id), {}), templates.telling(it.id)),
        )
        for it in context.figures
    ]
