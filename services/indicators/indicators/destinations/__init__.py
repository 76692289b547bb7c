"""Where exports go, one destination a file: each takes a parcel and answers its receipt.

A parcel has a key that stays the same however often it is sent. Who has taken it already says so and takes it no second
time; only e-mail cannot know. No address, secret or content is logged or kept in an error.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import Any

import orjson
from pydantic import SecretStr

from indicators.domain.exports import Destination

MANIFEST = "manifest.json"
"""Written last: with it a delivery is whole."""


@dataclass(frozen=True)
class ParcelFile:
    """One file of a delivery."""

    name: str
    media_type: str
    sha256: str
    content: bytes


@dataclass(frozen=True)
class Parcel:
    """What is delivered. `folder` names it where it stands beside others."""

    key: str
    folder: str
    told: Mapping[str, Any]
    files: tuple[ParcelFile, ...]

    @property
    def manifest(self) -> dict[str, Any]:
        """Whose it is, of what, and the digest of every file; the same for the same parcel."""
        files = [{"name": it.name, "size": len(it.content), "sha256": it.sha256} for it in self.files]
        return {"delivery": self.key, **self.told, "files": files}

    @property
    def manifest_bytes(self) -> bytes:
        return orjson.dumps(self.manifest, option=orjson.OPT_INDENT_2)

    @property
    def receipt(self) -> str:
        """Of a destination that gives none itself: the digest of what stands there."""
        return f"{self.folder}/{MANIFEST} sha256={hashlib.sha256(self.manifest_bytes).hexdigest()}"

    def is_in(self, manifest: bytes) -> bool:
        """Whether this manifest, found at the destination, is the parcel's own."""
        try:
            found = orjson.loads(manifest)
        except orjson.JSONDecodeError:
            return False
        return isinstance(found, dict) and found.get("delivery") == self.key


@dataclass(frozen=True)
class Smtp:
    """The server that takes e-mails."""

    host: str | None
    port: int
    tls: str
    user: str | None
    password: SecretStr | None
    sender: str


@dataclass(frozen=True)
class Means:
    """What the process has to deliver with. `local`: addresses that are not public are allowed (tests, laptops)."""

    environment: Mapping[str, str]
    root: Path
    link: str
    now: datetime
    smtp: Smtp
    local: bool = False

    def secret(self, name: str) -> str:
        """What the environment holds under a name. Raises DeliveryError `secret_missing`."""
        if not (found := self.environment.get(name)):
            raise DeliveryError("secret_missing")
        return found


class DeliveryError(Exception):
    """Nothing arrived, or nobody knows. `final`: trying again would change nothing. `unsure`: it may have arrived."""

    def __init__(self, code: str, *, final: bool = False, unsure: bool = False) -> None:
        super().__init__(code)
        self.code, self.final, self.unsure = code, final or unsure, unsure


async def deliver(parcel: Parcel, destination: Destination, means: Means) -> str:
    """Sends the parcel; answers the receipt. Raises DeliveryError."""
    module = {"s3": "object_store"}.get(destination.kind, destination.kind)
    receipt: str = await import_module(f"indicators.destinations.{module}").deliver(parcel, destination, means)
    return receipt
