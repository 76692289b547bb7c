"""The static table of paths: which service answers, how long it may take, how much it may be sent."""

from importlib.resources import as_file, files
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from kit.territories import load_yaml

Prefix = Annotated[str, StringConstraints(pattern=r"^/v1/[a-z][a-z-]*$")]


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Terms(_Row):
    """What the gateway grants one exchange. `timeout_seconds` is None when it may last."""

    timeout_seconds: float | None = Field(gt=0)
    max_body_bytes: int = Field(gt=0)
    stream: bool = False
    """The answer goes on until somebody hangs up: it takes no connection from the ordinary ones."""


class Lane(_Row):
    """An exception to the general terms, for the paths under a prefix."""

    prefix: Prefix
    suffix: str = Field(default="", pattern=r"^(/[a-z-]+)?$", description="How the path must end, if not anyhow")
    methods: frozenset[str] | None = None
    stream: bool = False
    timeout_seconds: float | None = Field(default=None, gt=0)
    max_body_bytes: int | None = Field(default=None, gt=0)

    def covers(self, path: str, method: str) -> bool:
        inside = path == self.prefix or path.startswith(self.prefix + "/")
        return inside and path.endswith(self.suffix) and (self.methods is None or method in self.methods)


class ServiceRoutes(_Row):
    """The paths of one service."""

    name: str
    prefixes: tuple[Prefix, ...]
    public: dict[Prefix, frozenset[Literal["GET", "POST"]]] = {}
    """What is answered without a token, by which methods."""
    lanes: tuple[Lane, ...] = ()

    @model_validator(mode="after")
    def _lanes_are_own(self) -> "ServiceRoutes":
        foreign = ({lane.prefix for lane in self.lanes} | set(self.public)) - set(self.prefixes)
        if foreign:
            raise ValueError(f"lanes outside the prefixes of {self.name}: {sorted(foreign)}")
        return self


class RoutesFile(_Row):
    """`routes.yaml` as validated at start."""

    version: str
    timeout_seconds: float = Field(gt=0)
    max_body_bytes: int = Field(gt=0)
    services: tuple[ServiceRoutes, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _one_owner_a_prefix(self) -> "RoutesFile":
        prefixes = [prefix for service in self.services for prefix in service.prefixes]
        twice = {prefix for prefix in prefixes if prefixes.count(prefix) > 1}
        if twice:
            raise ValueError(f"prefixes with two owners: {sorted(twice)}")
        return self


class RouteTable:
    """Answers, for a path, the service that owns it and the terms."""

    def __init__(self, source: RoutesFile) -> None:
        self._general = Terms(timeout_seconds=source.timeout_seconds, max_body_bytes=source.max_body_bytes)
        self._owners = {prefix: service for service in source.services for prefix in service.prefixes}
        self.services = {service.name: service for service in source.services}

    @classmethod
    def load(cls, path: Path | None = None) -> "RouteTable":
        """Reads `path`, or the file of this package. Raises kit.territories.BadFileError."""
        if path is not None:
            return cls(load_yaml(path, RoutesFile))
        with as_file(files("gateway") / "routes.yaml") as own:
            return cls(load_yaml(own, RoutesFile))

    def owner(self, path: str) -> str | None:
        """Name of the service that answers this path, None when nobody does."""
        service = self._owners.get("/".join(path.split("/", 3)[:3]))
        return service.name if service else None

    def public(self, path: str, method: str) -> bool:
        """Whether the path is answered without a token (to read, or to press the button of a page)."""
        prefix = "/".join(path.split("/", 3)[:3])
        service = self._owners.get(prefix)
        return service is not None and method in service.public.get(prefix, ())

    def terms(self, service: str, path: str, method: str) -> Terms:
        """Time-out and body size for this exchange."""
        for lane in self.services[service].lanes:
            if lane.covers(path, method):
                return Terms(
                    timeout_seconds=lane.timeout_seconds,
                    max_body_bytes=lane.max_body_bytes or self._general.max_body_bytes,
                    stream=lane.stream,
                )
        return self._general
