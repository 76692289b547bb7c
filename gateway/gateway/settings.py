"""Configuration of the gateway, from the environment (`GATEWAY_<FIELD>`, else `<FIELD>`)."""

from pathlib import Path
from typing import ClassVar

from pydantic import Field, SecretStr

from kit.settings import ServiceSettings


class GatewaySettings(ServiceSettings):
    """The same key set, issuer and territories as the services; and where they listen."""

    service: ClassVar[str] = "gateway"

    # The gateway owns no data and reads no event: what the services must have is absent here.
    database_url: SecretStr = SecretStr("")
    nats_url: SecretStr = SecretStr("")
    encryption_keys: SecretStr = SecretStr("")
    blind_index_key: SecretStr = SecretStr("")

    port: int = 8000
    public_url: str = Field(default="/", description="Address that clients use, shown in the OpenAPI document")
    directory_url: str = "http://127.0.0.1:8001"
    snp_dispatch_url: str = "http://127.0.0.1:8002"
    pathways_url: str = "http://127.0.0.1:8003"
    indicators_url: str = "http://127.0.0.1:8004"
    routes_file: Path | None = Field(default=None, description="Replaces the routes.yaml of the package")
    limits_file: Path | None = Field(default=None, description="Replaces the limits.yaml of the package")
    trusted_proxies: str = Field(default="", description="Addresses whose X-Forwarded-* are believed, comma-separated")
    cors_origins: str = Field(default="", description="Origins of browser front-ends, comma-separated")
    connections_per_service: int = Field(default=512, ge=1)
    streams_per_service: int = Field(default=2_000, ge=1, description="Streams of events that are open at once")
    refresh_seconds: float = Field(default=10.0, gt=0, description="How often the services' operations are read again")

    def base_url(self, service: str) -> str:
        """Where a service of routes.yaml listens. Raises ValueError when nothing says so."""
        url = getattr(self, f"{service.replace('-', '_')}_url", None)
        if not isinstance(url, str):
            raise ValueError(f"routes.yaml names {service!r}, and no setting says where it listens")
        return url.rstrip("/")
