"""Configuration of the dispatch, from the environment (`SNP_DISPATCH_...`)."""

from typing import ClassVar

from pydantic import Field

from kit.settings import ServiceSettings

MIGRATIONS = "snp_dispatch.migrations"
"""Package of the migrations, which every process of the service brings to their end at start."""


class Settings(ServiceSettings):
    """What the kit asks for, with this service's ports. Rules stand in YAML, not here."""

    service: ClassVar[str] = "snp-dispatch"

    calendars_local: bool = Field(
        default=False,
        description="Calendars may also be read by http and from addresses that are not public: tests and laptops only",
    )
    port: int = 8002
    worker_port: int = 8012
