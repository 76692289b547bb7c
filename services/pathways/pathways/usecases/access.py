"""May this caller see or write this kind of content of this patient? Asked by every use case that touches a patient.

What is allowed is recorded in the same transaction, by the kinds that the rules name; a refusal rolls back and is
a line of the log.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

import structlog

from kit.auth import Caller
from kit.problems import Problem
from kit.work import Work
from pathways.domain.access import (
    AccessRules,
    Basis,
    Grounds,
    Kind,
    Membership,
    Situation,
    Standing,
    Verb,
    decide,
    persons,
)
from pathways.store import accesses
from pathways.store import standing as facts
from pathways.store.standing import Sight

log = structlog.get_logger(__name__)

COORDINATOR = "coordinator"
_WHY: dict[Situation, str] = {
    "restricted": "This entry is put aside: it is kept and not used",
    "objected": "The patient objects to this access",
    "team_withdrawn": "The patient took the consent back",
    "team_unasked": "The patient has not agreed to this yet: record the consent first",
    "coordination": "A coordinator does not see this content",
    "outsider": "Only the care team of this patient does this: ask a member to add you, or break the glass",
}


def check_present(row: Mapping[str, Any]) -> None:
    """Raises Problem 410 `patient_erased` or `patient_merged`, which names the entry that stands for it."""
    if row["erased_at"] is not None:
        raise Problem(410, "patient_erased", "This patient's data was erased")
    if row["merged_into"] is not None:
        raise Problem(410, "patient_merged", "This entry is part of another now", patient_id=row["merged_into"])


@dataclass(frozen=True)
class Access:
    """The caller of a request before the rules of the territory. Routes take it as `AccessDep`."""

    work: Work
    by_territory: Mapping[str, AccessRules]

    @property
    def caller(self) -> Caller:
        """Who asks. Jobs and consumers have none: they do not go through here."""
        if self.work.caller is None:
            raise RuntimeError("only an authenticated request asks who may see a patient")
        return self.work.caller

    @property
    def rules(self) -> AccessRules:
        """Those of the caller's territory."""
        return self.by_territory[self.caller.territory]

    async def check(
        self,
        patient_id: UUID,
        kind: Kind,
        verb: Verb = "read",
        *,
        enrolment_id: UUID | None = None,
        purpose: str = "care",
        action: str | None = None,
    ) -> Grounds:
        """On which grounds it is allowed; recorded. Raises Problem 404, 410 or 403 `access_refused`.

        `enrolment_id` narrows it to one pathway: its consent, and members of this pathway alone.
        `action` is what the record calls it, the verb unless given.
        """
        found = await self.standing(patient_id, enrolment_id)
        decided = decide(self.rules, found, kind, verb)
        if isinstance(decided, str):
            log.warning("access refused", kind=kind, verb=verb, situation=decided, patient_id=str(patient_id))
            raise Problem(
                403, "access_refused", _WHY.get(decided, "Not for this role of the care team"), situation=decided
            )
        if kind in self.rules.audited:
            seen = accesses.Seen(action or verb, kind, purpose, patient_id, enrolment_id, decided.situation)
            await accesses.add(self.work, self.caller, seen)
        return decided

    async def record(self, action: str, kind: Kind, purpose: str, patient_id: UUID | None) -> None:
        """Writes an access that the check does not see: a search, a list, a new entry."""
        await accesses.add(self.work, self.caller, accesses.Seen(action, kind, purpose, patient_id, None, None))

    async def readable(self, patient_id: UUID, kinds: Iterable[Kind], *, action: str) -> list[Kind]:
        """Those of the kinds that the caller may read, each recorded as `check` does. Raises Problem 403 for none."""
        found = await self.standing(patient_id)
        decided = {kind: decide(self.rules, found, kind, "read") for kind in sorted(kinds)}
        allowed = {kind: it for kind, it in decided.items() if isinstance(it, Grounds)}
        if not allowed:
            await self.check(patient_id, next(iter(decided)))
        for kind, grounds in allowed.items():
            if kind in self.rules.audited:
                seen = accesses.Seen(action, kind, "care", patient_id, None, grounds.situation)
                await accesses.add(self.work, self.caller, seen)
        return list(allowed)

    def sight(self, kind: Kind = "pathway", patient_id: UUID | None = None) -> Sight:
        """What of lists of this kind the caller may see, of one patient or of all."""
        return Sight(
            everything=self.coordinates and self.rules.allows("coordination", None, kind, "read"),
            people=self.people,
            shared=self.rules.roles_for("team", kind),
            emergency=self.rules.allows("emergency", None, kind, "read"),
            purposes=self.rules.sharing_purposes,
            now=self.work.now,
            patient_id=patient_id,
        )

    @property
    def coordinates(self) -> bool:
        """Whether the caller is a coordinator of the CPTS."""
        return self.caller.role == COORDINATOR

    @property
    def people(self) -> list[str]:
        """The names under which the caller may stand in a care team; the last is that of a new place."""
        return persons(self.caller.subject, self.caller.rpps)

    async def allows(self, patient_id: UUID, kind: Kind, verb: Verb = "read") -> bool:
        """Whether `check` would pass; nothing is recorded. Raises Problem 404 `patient_unknown`."""
        return isinstance(decide(self.rules, await self.standing(patient_id), kind, verb), Grounds)

    async def standing(self, patient_id: UUID, enrolment_id: UUID | None = None) -> Standing:
        """How the caller stands to the patient now. Raises Problem 404 `patient_unknown`."""
        purposes = self.rules.sharing_purposes
        found = await facts.find(self.work, patient_id, enrolment_id, self.people, purposes, organises=self.coordinates)
        if found is None:
            raise Problem(404, "patient_unknown", "No such patient on this territory")
        check_present(found)
        places = zip(found["roles"], found["bases"], strict=True)
        return Standing(
            memberships=tuple(Membership(role, cast(Basis, basis)) for role, basis in places),
            sharing=found["sharing"],
            objected=found["objected"],
            coordinator=self.coordinates,
            restricted=found["restricted_at"] is not None,
        )
