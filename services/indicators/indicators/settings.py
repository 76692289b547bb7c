"""Configuration of the indicators service."""

from pathlib import Path
from typing import ClassVar

from kit.settings import ServiceSettings


class IndicatorsSettings(ServiceSettings):
    """`catalogue_file` is the versioned catalogue of indicators (YAML)."""

    service: ClassVar[str] = "indicators"

    catalogue_file: Path = Path("deploy/indicators/catalogue.yaml")
