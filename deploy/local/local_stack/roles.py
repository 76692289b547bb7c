"""The roles that the token tool knows: `deploy/roles.yaml`."""

from dataclasses import dataclass
from pathlib import Path

import yaml

from local_stack.checkout import DEPLOY


@dataclass(frozen=True)
class Role:
    """What a token of this role may do. `client_class` decides its rate limit: machine or person."""

    name: str
    description: str
    client_class: str
    scopes: tuple[str, ...]


def load_roles(file: Path = DEPLOY / "roles.yaml") -> dict[str, Role]:
    """Role name -> role."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    entries = yaml.load(file.read_text(), loader)["roles"]  # noqa: S506 - the C twin of the safe loader
    return {
        name: Role(name, entry["description"], entry["client_class"], tuple(entry["scopes"]))
        for name, entry in entries.items()
    }
