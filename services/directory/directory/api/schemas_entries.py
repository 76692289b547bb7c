"""What the routes on roles, care teams, resources and conflicts take and answer."""

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from directory.api.fields import Commune, Finess, Line, Note, Rpps
from directory.domain.conflicts import Kept, State
from directory.domain.statements import Source
from directory.domain.territory_codes import RoleKind

CodeText = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,40}$")]


def _takes(**example: Any) -> ConfigDict:
    return ConfigDict(extra="forbid", json_schema_extra={"examples": [example]})


class EntryOut(BaseModel):
    """What every entry has: it is never deleted, it ends."""

    id: UUID
    ended_on: date | None
    version: int
    changed_at: AwareDatetime


class RoleIn(BaseModel):
    """Somebody holds a role: a professional, or an organisation for a role that no professional holds."""

    model_config = _takes(role="etp_trainer", rpps="99000000093", since="2026-09-01", subject="Diabète de type 2")

    role: CodeText = Field(description="See /v1/directory-codes")
    rpps: Rpps | None = None
    organisation: Line | None = Field(default=None, description="For a patient expert: the association")
    finess: Finess | None = Field(default=None, description="The structure where it is held")
    subject: Line | None = Field(default=None, description="Which commission, programme or pathway")
    since: date


class RoleOut(EntryOut):
    """A role with its period."""

    role: str
    rpps: str | None
    organisation: str | None
    finess: str | None
    subject: str | None
    since: date


class TeamIn(BaseModel):
    """A care team."""

    model_config = _takes(name="MSP du Pays", kind="msp", basis="same_structure", since="2026-01-01", commune="35236")

    name: Line
    kind: CodeText
    basis: CodeText = Field(description="What makes it a care team, article L1110-12")
    finess: Finess | None = None
    commune: Commune | None = None
    purpose: Note | None = None
    since: date


class TeamOut(EntryOut):
    """A care team with its period."""

    name: str
    kind: str
    basis: str
    finess: str | None
    commune: str | None
    purpose: str | None
    since: date


class MemberIn(BaseModel):
    """A professional joins a team."""

    model_config = _takes(rpps="99000000093", role="member", since="2026-09-01")

    rpps: Rpps
    role: CodeText
    since: date


class MemberOut(EntryOut):
    """A member of a team with its period."""

    team_id: UUID
    rpps: str
    role: str
    since: date


class EndIn(BaseModel):
    """The last day."""

    model_config = _takes(on="2026-12-31")

    on: date | None = Field(default=None, description="Today when it is not said")


class ResourceIn(BaseModel):
    """An entry of the common directory of resources. Phone and e-mail are those of the service, published."""

    model_config = _takes(
        name="Espace ressources cancer",
        kind="association",
        themes=["oncology"],
        purpose="Écoute, soins de support",
        public="Patients et proches",
        communes=["35236"],
        phone="+33199000001",
        referral="Sans ordonnance, sur rendez-vous",
    )

    name: Line
    kind: CodeText
    themes: list[CodeText] = Field(default_factory=list, max_length=20)
    purpose: Note | None = Field(default=None, description="What for")
    public: Note | None = Field(default=None, description="For whom")
    communes: list[Commune] = Field(default_factory=list, max_length=500, description="Served; none: all")
    phone: Annotated[str, Field(pattern=r"^[0-9+][0-9 .]{1,20}$")] | None = None
    email: Annotated[str, Field(pattern=r"^[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9.-]{1,180}\.[A-Za-z]{2,24}$")] | None = None
    website: Annotated[str, Field(max_length=300, pattern=r"^https?://[!-~]+$")] | None = None
    opening: Note | None = None
    referral: Note | None = Field(default=None, description="How to refer somebody")
    finess: Finess | None = None
    rpps: Rpps | None = None
    valid_until: date | None = Field(default=None, description="The last day that it holds; a year when not said")


class ResourceOut(EntryOut):
    """An entry with its freshness."""

    name: str
    kind: str
    themes: list[str]
    purpose: str | None
    public: str | None
    communes: list[str]
    phone: str | None
    email: str | None
    website: str | None
    opening: str | None
    referral: str | None
    finess: str | None
    rpps: str | None
    attested_at: AwareDatetime
    attested_by: str
    valid_until: date


class DirectoryCodesOut(BaseModel):
    """Codes of roles, care teams and resources, with their labels."""

    version: str
    roles: dict[str, RoleKind]
    team_kinds: dict[str, str]
    team_bases: dict[str, str]
    team_roles: dict[str, str]
    resource_kinds: dict[str, str]
    themes: dict[str, str]


class AttestedSide(BaseModel):
    """What the territory attests."""

    value: str
    source: Source
    at: AwareDatetime


class NationalSide(BaseModel):
    """What the national source says; several for several places of practice."""

    values: list[str]
    at: AwareDatetime = Field(description="When an import last changed the entry")


class ConflictOut(BaseModel):
    """Both sides of a difference."""

    id: UUID
    about: str = Field(description="RPPS or FINESS number")
    kind: str
    place: str | None
    state: State
    attested: AttestedSide
    national: NationalSide
    raised_at: AwareDatetime | None
    kept: Kept | None
    reason: str | None
    resolved_at: AwareDatetime | None
    resolved_by: str | None
    version: int


class ResolutionIn(BaseModel):
    """Which side stands, and why."""

    model_config = _takes(keep="attested", reason="Numéro vérifié par téléphone")

    keep: Literal["attested", "national"]
    reason: Note
