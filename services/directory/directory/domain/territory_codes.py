"""Codes of what a territory keeps by itself: roles, care teams, resources (`directory-codes.yaml`)."""

from pydantic import BaseModel, ConfigDict, Field


class RoleKind(BaseModel):
    """A role (*fonction*). `structure`: it is held at one. `organisation`: no professional holds it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    label: str
    structure: bool = False
    organisation: bool = False


class Validity(BaseModel):
    """How long an entry holds that names no end, and at most, in days."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    days: int = Field(ge=1)
    longest_days: int = Field(ge=1)


class TerritoryCodes(BaseModel):
    """Code -> label, by list."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: str
    roles: dict[str, RoleKind]
    team_kinds: dict[str, str]
    team_bases: dict[str, str]
    team_roles: dict[str, str]
    resource_kinds: dict[str, str]
    themes: dict[str, str]
    resource_validity: Validity
