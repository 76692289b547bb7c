"""Who may see and write what of a patient: the rule, as data, and its decision.

Sources: Code de la santé publique L1110-4, L1110-12, R1110-1, R1110-2 (see deploy/reference/patient-access.yaml).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, Self, get_args

from pydantic import BaseModel, ConfigDict, Field, model_validator

Kind = Literal["entry", "identity", "team", "consent", "pathway", "clinical", "trace"]
"""Kinds of content of a patient."""
Verb = Literal["read", "write"]
Situation = Literal[
    "restricted",
    "objected",
    "emergency",
    "team",
    "team_unasked",
    "team_withdrawn",
    "coordination",
    "outsider",
    "patient",
    "carer",
]
Sharing = Literal["given", "withdrawn", "unasked"]
"""Whether the patient's consent to share is in force, was taken back, or was never asked for."""
Basis = Literal["consent", "care_team", "emergency"]
"""On what a member's access rests: consent, the care team of the law (L1110-4 III, L1110-12), a broken glass."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class TeamRole(_Part):
    """What somebody is in a care team. `category` is that of R1110-2.

    `answers_as`: roles of pathways that members of this one hold, beside the role of the same code, when an alert asks.
    """

    code: str
    label: str
    category: Literal["health", "social"]
    answers_as: tuple[str, ...] = ()


class ConsentPurpose(_Part):
    """What a patient may agree to. `sharing`: the care team may share while it is in force."""

    code: str
    label: str
    sharing: bool


class Reason(_Part):
    """Why a glass may be broken; `article` of the Code de la santé publique, where one says so."""

    code: str
    label: str
    article: str | None = None


class Emergency(_Part):
    """How long a broken glass (*accès en urgence*) lasts, in hours, and the reasons to choose from."""

    hours: int = Field(ge=1, le=72)
    reasons: tuple[Reason, ...] = Field(min_length=1)


class WhileRestricted(_Part):
    """What may still be done with an entry that is put aside (GDPR 18), by whom its situation lets."""

    read: frozenset[Kind] = frozenset()
    write: frozenset[Kind] = frozenset()


class Rule(_Part):
    """What is allowed in a situation, to some roles of the care team or to anybody in it."""

    situation: Situation
    roles: tuple[str, ...] | None = None
    read: frozenset[Kind] = frozenset()
    write: frozenset[Kind] = frozenset()

    def covers(self, situation: Situation, role: str | None, kind: Kind, verb: Verb) -> bool:
        """Whether this rule lets somebody of the role, in the situation, do that."""
        allowed = self.read if verb == "read" else self.write
        return self.situation == situation and kind in allowed and (self.roles is None or role in self.roles)


class AccessRules(_Part):
    """The file `patient-access.yaml`."""

    version: str = Field(min_length=1, max_length=40)
    validated_by: str | None
    roles: tuple[TeamRole, ...] = Field(min_length=1)
    consent_purposes: tuple[ConsentPurpose, ...] = Field(min_length=1)
    audited: frozenset[Kind]
    rules: tuple[Rule, ...] = Field(min_length=1)
    emergency: Emergency
    restricted: WhileRestricted

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        known = {role.code for role in self.roles}
        for position, rule in enumerate(self.rules):
            if unknown := set(rule.roles or ()) - known:
                raise ValueError(f"rules.{position}.roles: not among `roles`: {', '.join(sorted(unknown))}")
            if rule.situation in ("restricted", "objected", "outsider") and (rule.read or rule.write):
                raise ValueError(f"rules.{position}: {rule.situation} may see nothing")
        if not {"identity", "clinical"} <= self.audited:
            raise ValueError("audited: identity and clinical always are")
        return self

    def allows(self, situation: Situation, role: str | None, kind: Kind, verb: Verb) -> bool:
        """Whether any rule does."""
        return any(rule.covers(situation, role, kind, verb) for rule in self.rules)

    def roles_for(self, situation: Situation, kind: Kind) -> list[str]:
        """Roles of the care team that may read this kind of content in the situation."""
        return [role.code for role in self.roles if self.allows(situation, role.code, kind, "read")]

    def answering(self, pathway_role: str) -> list[str]:
        """Roles of the care team whose members hold this role of a pathway."""
        return [it.code for it in self.roles if pathway_role == it.code or pathway_role in it.answers_as]

    @property
    def sharing_purposes(self) -> list[str]:
        """Purposes of consent that let the care team share."""
        return [it.code for it in self.consent_purposes if it.sharing]


@dataclass(frozen=True)
class Membership:
    """A place in the care team that the caller has now."""

    role: str
    basis: Basis


@dataclass(frozen=True)
class Standing:
    """How a caller stands to a patient at this moment."""

    memberships: tuple[Membership, ...]
    sharing: Sharing
    objected: bool
    coordinator: bool
    restricted: bool = False


@dataclass(frozen=True)
class Grounds:
    """Why an access is allowed: in which situation and role."""

    situation: Situation
    role: str | None


_OF_SHARING: dict[Sharing, Situation] = {"given": "team", "withdrawn": "team_withdrawn", "unasked": "team_unasked"}
_SITUATIONS = get_args(Situation)


def persons(subject: str, rpps: str | None) -> list[str]:
    """The names under which a caller may stand in a care team: the account, and the RPPS number where known."""
    return [f"sub:{subject}"] + ([f"rpps:{rpps}"] if rpps else [])


def situations(standing: Standing) -> list[Grounds]:
    """Every situation that the caller is in, the nearest to the patient first; an objection leaves no other."""
    if standing.objected:
        return [Grounds("objected", None)]
    found = [Grounds(_situation(it, standing.sharing), it.role) for it in standing.memberships]
    if standing.coordinator:
        found.append(Grounds("coordination", None))
    return sorted(found, key=lambda it: _SITUATIONS.index(it.situation)) or [Grounds("outsider", None)]


def _situation(membership: Membership, sharing: Sharing) -> Situation:
    if membership.basis == "emergency":
        return "emergency"
    return "team" if membership.basis == "care_team" else _OF_SHARING[sharing]


def decide(rules: AccessRules, standing: Standing, kind: Kind, verb: Verb) -> Grounds | Situation:
    """The grounds on which it is allowed, or the situation that refuses it."""
    if standing.restricted and kind not in (rules.restricted.read if verb == "read" else rules.restricted.write):
        return "restricted"
    found: Iterable[Grounds] = situations(standing)
    allowed = next((it for it in found if rules.allows(it.situation, it.role, kind, verb)), None)
    return allowed or next(iter(found)).situation
