"""The web process: `python -m indicators.main`."""

from fastapi import FastAPI

from indicators.api import (
    evidence,
    exports,
    figure_imports,
    figure_sources,
    indicators,
    manual_figures,
    periods,
    published,
    rebuilds,
    series,
)
from indicators.consumers import SUBSCRIPTIONS
from indicators.settings import MIGRATIONS, IndicatorsSettings
from indicators.usecases import load_small_cells
from indicators.usecases.load_catalogue import at_start
from kit.app import create_app, serve
from kit.clock import Clock


def build(settings: IndicatorsSettings, clock: Clock | None = None) -> FastAPI:
    """The application of this service."""
    return create_app(
        settings,
        title="Indicators",
        description="Figures that a CPTS owes its funders, each with the events that prove it.",
        routers=[
            rebuilds.router,
            indicators.router,
            evidence.router,
            exports.router,
            figure_imports.router,
            figure_sources.router,
            manual_figures.router,
            series.router,
            periods.router,
            published.router,
        ],
        migrations=MIGRATIONS,
        subscriptions=SUBSCRIPTIONS,
        on_start=load_small_cells.at_start(settings.territories_dir, at_start(settings.catalogue_file)),
        clock=clock,
    )


if __name__ == "__main__":
    configuration = IndicatorsSettings()
    serve(build(configuration), configuration)
