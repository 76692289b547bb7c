"""The roles that the token tool knows: `deploy/roles.yaml`."""

from dataclasses import dataclass
from pathlib import Path

from kit.yaml_text import parse_yaml
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
    entries = parse_yaml(file.read_text())["roles"]
    return {
        name: Role(name, entry["description"], entry["client_class"], tuple(entry["scopes"]))
        for name, entry in entries.items()
    }
