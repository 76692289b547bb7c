"""The web process: `python -m indicators.main`."""

from fastapi import FastAPI

from indicators.api import evidence, export_runs, exports, indicators, rebuilds
from indicators.consumers import SUBSCRIPTIONS
from indicators.settings import MIGRATIONS, IndicatorsSettings
from indicators.usecases.load_exports import starting
from kit.app import create_app, serve
from kit.clock import Clock


def build(settings: IndicatorsSettings, clock: Clock | None = None) -> FastAPI:
    """The application of this service."""
    return create_app(
        settings,
        title="Indicators",
        description="Figures that a CPTS owes its funders, each with the events that prove it.",
        routers=[rebuilds.router, indicators.router, evidence.router, exports.router, export_runs.router],
        migrations=MIGRATIONS,
        subscriptions=SUBSCRIPTIONS,
        on_start=starting(settings),
        clock=clock,
    )


if __name__ == "__main__":
    configuration = IndicatorsSettings()
    serve(build(configuration), configuration)
