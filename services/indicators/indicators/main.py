"""The web process: `python -m indicators.main`."""

from fastapi import FastAPI

from indicators.api import (
    aci,
    action_plan,
    evidence,
    export_runs,
    exports,
    figure_imports,
    figure_sources,
    indicators,
    manual_figures,
    periods,
    plan_exports,
    published,
    rebuilds,
    reconciliations,
    series,
)
from indicators.consumers import SUBSCRIPTIONS
from indicators.settings import MIGRATIONS, IndicatorsSettings
from indicators.usecases import load_small_cells
from indicators.usecases.load_exports import starting
from indicators.usecases.load_plans import put_plans_into
from kit.app import create_app, serve
from kit.clock import Clock
from kit.runtime import OnStart, Runtime


def _on_start(settings: IndicatorsSettings) -> OnStart:
    """Reads the deployment's files; a bad one stops the start with its name and field."""
    figures_and_exports = load_small_cells.at_start(settings.territories_dir, starting(settings))

    async def load(runtime: Runtime) -> None:
        await figures_and_exports(runtime)
        put_plans_into(runtime)

    return load


def build(settings: IndicatorsSettings, clock: Clock | None = None) -> FastAPI:
    """The application of this service."""
    return create_app(
        settings,
        title="Indicators",
        description="Figures that a CPTS owes its funders, each with the events that prove it.",
        routers=[
            rebuilds.router,
            reconciliations.router,
            indicators.router,
            evidence.router,
            exports.router,
            export_runs.router,
            action_plan.router,
            plan_exports.router,
            aci.router,
            figure_imports.router,
            figure_sources.router,
            manual_figures.router,
            series.router,
            periods.router,
            published.router,
        ],
        migrations=MIGRATIONS,
        subscriptions=SUBSCRIPTIONS,
        on_start=_on_start(settings),
        clock=clock,
    )


if __name__ == "__main__":
    configuration = IndicatorsSettings()
    serve(build(configuration), configuration)
