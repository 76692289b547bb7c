"""Configuration from the environment: `<SERVICE>_<FIELD>` for one service, else `<FIELD>` for all."""

from pathlib import Path
from typing import ClassVar

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, EnvSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict


class ServiceSettings(BaseSettings):
    """What every service needs to know. A subclass sets `service` and may add fields."""

    model_config = SettingsConfigDict(extra="ignore")
    service: ClassVar[str]

    database_url: SecretStr = Field(
        description="postgresql:// URL of the service's login role, which may take its three roles"
    )
    nats_url: SecretStr = Field(description="nats:// URL, with the service's own user where the server has users")
    host: str = "127.0.0.1"
    port: int = 0
    worker_port: int = 0
    jwks_file: Path | None = None
    jwks_url: str | None = None
    token_issuer: str = "cpts-local"  # noqa: S105
    token_audience: str = "cpts"  # noqa: S105
    territories_dir: Path = Path("deploy/territories")
    reference_dir: Path = Path("deploy/reference")
    blob_dir: Path = Path(".run/blobs")
    encryption_keys: SecretStr = Field(
        description="`id:base64` pairs of 32-byte keys, comma-separated; the first encrypts"
    )
    blind_index_key: SecretStr = Field(description="base64 of 32 bytes")
    log_level: str = "INFO"
    log_requests: bool = Field(
        default=False, description="One line for every request, not only for refused and slow ones"
    )
    db_pool_size: int = Field(
        default=6,
        ge=2,
        description="Connections for requests: about three a core of the database. With more, requests that could wait "
        "here wait in the server and cost both sides more (docs/performance.md)",
    )
    idempotency_hours: int = Field(default=24, ge=1)
    outbox_poll_seconds: float = Field(default=1.0, gt=0, description="Fallback of the in-process wake-up")
    max_deliver: int = Field(default=6, ge=1, description="Attempts before a message goes to the dead letters")
    retry_base_seconds: float = Field(default=0.2, gt=0)

    not_deployed: str = Field(
        default="",
        description="Services that this deployment runs without, comma-separated: nothing is read or awaited of them",
    )

    @classmethod
    def prefix(cls) -> str:
        return cls.service.upper().replace("-", "_") + "_"

    @property
    def role_prefix(self) -> str:
        """Start of the names of the service's database roles."""
        return self.service.replace("-", "_")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        own = EnvSettingsSource(settings_cls, env_prefix=cls.prefix())
        return (init_settings, own, EnvSettingsSource(settings_cls, env_prefix=""))
