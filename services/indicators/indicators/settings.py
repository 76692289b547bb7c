"""Configuration of the indicators service."""

from pathlib import Path
from typing import ClassVar

from kit.settings import ServiceSettings

MIGRATIONS = "indicators.migrations"
"""Package of the migrations, which every process of the service brings to their end at start."""


class IndicatorsSettings(ServiceSettings):
    """`catalogue_file` is the versioned catalogue of indicators (YAML).

    `producers` are the workers' ports of the services whose counts `indicators.reconcile` reads:
    `directory=http://host:port,snp-dispatch=...`.
    """

    service: ClassVar[str] = "indicators"

    catalogue_file: Path = Path("deploy/indicators/catalogue.yaml")
    producers: str = ""
