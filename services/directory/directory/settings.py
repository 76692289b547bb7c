"""Configuration of the directory, from `DIRECTORY_<FIELD>` or `<FIELD>`."""

from typing import ClassVar, Literal

from pydantic import Field, SecretStr

from kit.settings import ServiceSettings

MIGRATIONS = "directory.migrations"
"""Package of the migrations, which every process of the service brings to their end at start."""


class DirectorySettings(ServiceSettings):
    """What the directory needs beside the settings of every service."""

    service: ClassVar[str] = "directory"

    port: int = 8001
    worker_port: int = 8011
    max_upload_bytes: int = Field(default=2_000_000_000, ge=1, description="The whole RPPS extract is about 820 MB")
    max_document_bytes: int = Field(default=20_000_000, ge=1, description="A document of a crisis plan")
    import_batch: int = Field(
        default=10_000, ge=1, description="Lines that an import works off in one transaction: what a kill may cost"
    )
    smtp_host: str | None = Field(default=None, description="Server that takes e-mails; none: they stay queued")
    smtp_port: int = 587
    smtp_tls: Literal["starttls", "tls", "none"] = "starttls"
    smtp_user: str | None = None
    smtp_password: SecretStr | None = None
    mail_from: str = Field(default="cpts@localhost.invalid", description="Sender: an address, or `Name <address>`")
    public_url: str = Field(default="http://127.0.0.1:8000", description="Of the gateway, for links in messages")
    webhooks_local: bool = Field(
        default=False,
        description="Webhooks may also go by http and to addresses that are not public: tests and laptops only",
    )
    import_gone_share: float = Field(
        default=0.05,
        ge=0,
        le=1,
        description="Of all listed persons: a whole file that flags more of them as gone is refused unless confirmed",
    )
