"""Configuration of the dispatch, from the environment (`SNP_DISPATCH_...`)."""

from typing import ClassVar

from kit.settings import ServiceSettings


class Settings(ServiceSettings):
    """What the kit asks for, with this service's ports. Rules stand in YAML, not here."""

    service: ClassVar[str] = "snp-dispatch"

    port: int = 8002
    worker_port: int = 8012
