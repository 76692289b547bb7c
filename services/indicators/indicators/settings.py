"""Configuration of the indicators service."""

from pathlib import Path
from typing import ClassVar

from kit.settings import ServiceSettings

MIGRATIONS = "indicators.migrations"
"""Package of the migrations, which every process of the service brings to their end at start."""


class IndicatorsSettings(ServiceSettings):
    """`catalogue_file` is the versioned catalogue of indicators (YAML)."""

    service: ClassVar[str] = "indicators"

    catalogue_file: Path = Path("deploy/indicators/catalogue.yaml")
