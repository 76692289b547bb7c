"""Configuration of the indicators service."""

from pathlib import Path
from typing import ClassVar, Literal

from pydantic import Field, SecretStr

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
    axes_file: Path = Field(
        default=Path("deploy/indicators/axes.yaml"), description="The axes of the project, in the order of reports"
    )
    exports_dir: Path = Field(default=Path(".run/exports"), description="Root of the folders that exports are put in")
    exports_local: bool = Field(
        default=False,
        description="Webhooks of exports may also go by http and to addresses that are not public: tests and laptops",
    )
    public_url: str = Field(default="http://127.0.0.1:8000", description="Of the gateway, for links to files")
    smtp_host: str | None = Field(default=None, description="Server that takes e-mails; none: such exports fail")
    smtp_port: int = 587
    smtp_tls: Literal["starttls", "tls", "none"] = "starttls"
    smtp_user: str | None = None
    smtp_password: SecretStr | None = None
    mail_from: str = Field(default="cpts@localhost.invalid", description="Sender: an address, or `Name <address>`")
    producers: str = ""
