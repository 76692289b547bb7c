"""Parameters and dependencies that several routes share."""

from collections.abc import Mapping
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Path
from pydantic import AwareDatetime, TypeAdapter

from kit.auth import Caller
from kit.http import RuntimeDep, WorkDep, require
from pathways.domain.access import AccessRules
from pathways.domain.advice import AdviceRules
from pathways.domain.hospital import Hospital
from pathways.domain.retention import RetentionRules
from pathways.domain.template import Template
from pathways.store.seal import Seal
from pathways.store.template_files import Catalogue
from pathways.usecases.access import Access

Reader = Annotated[Caller, require("pathways:read")]
Writer = Annotated[Caller, require("pathways:write")]
IdentityReader = Annotated[Caller, require("patients:identity")]
TeamKeeper = Annotated[Caller, require("patients:team")]
EmergencyCaller = Annotated[Caller, require("patients:emergency")]
Auditor = Annotated[Caller, require("patients:audit")]
Registrar = Annotated[Caller, require("pathways:write", "patients:identity")]
AlarmAnswerer = Annotated[Caller, require("alarms:answer")]
AdviceUser = Annotated[Caller, require("advice:write")]
DutyReader = Annotated[Caller, require("duties:read")]
DutyKeeper = Annotated[Caller, require("duties:write")]
Establishment = Annotated[Caller, require("stays:write")]

PatientPath = Annotated[UUID, Path(description="Id of the patient")]
EnrolmentPath = Annotated[UUID, Path(description="Id of the enrolment")]
StepPath = Annotated[UUID, Path(description="Id of the step")]
MemberPath = Annotated[UUID, Path(description="Id of the place in the care team")]
ConsentPath = Annotated[UUID, Path(description="Id of the consent")]
ObjectionPath = Annotated[UUID, Path(description="Id of the objection")]
GlassPath = Annotated[UUID, Path(description="Id of the broken glass")]


async def _access(runtime: RuntimeDep, work: WorkDep) -> Access:
    rules: Mapping[str, AccessRules] = runtime.extras["access_rules"]
    return Access(work, rules)


AccessDep = Annotated[Access, Depends(_access)]
"""The caller before the rules on who may see what of a patient: `await access.check(patient_id, "clinical")`."""


def seal_of(runtime: RuntimeDep, caller: Caller) -> Seal:
    """Seals and opens the identities of the caller's territory."""
    return Seal(runtime.keyring, caller.territory)


def templates_of(runtime: RuntimeDep, caller: Caller) -> Mapping[str, Template]:
    """The pathways of the caller's territory, by id."""
    catalogue: Catalogue = runtime.extras["catalogue"]
    return catalogue.get(caller.territory, {})


async def _communes(runtime: RuntimeDep) -> Mapping[str, str]:
    communes: Mapping[str, str] = runtime.extras["communes"]
    return communes


async def _retention(runtime: RuntimeDep) -> Mapping[str, RetentionRules]:
    rules: Mapping[str, RetentionRules] = runtime.extras["retention_rules"]
    return rules


RetentionDep = Annotated[Mapping[str, RetentionRules], Depends(_retention)]
"""How long what is kept, by territory."""


async def _hospital(runtime: RuntimeDep, work: WorkDep) -> Hospital:
    found: Hospital = runtime.extras["hospital"][work.territory]
    return found


HospitalDep = Annotated[Hospital, Depends(_hospital)]
"""What the caller's territory says of hospital stays."""


async def _advice_rules(runtime: RuntimeDep, work: WorkDep) -> AdviceRules:
    found: AdviceRules = runtime.extras["advice_rules"][work.territory]
    return found


AdviceRulesDep = Annotated[AdviceRules, Depends(_advice_rules)]
"""Delays of advice on the caller's territory."""

CommunesDep = Annotated[Mapping[str, str], Depends(_communes)]


BY_ID = TypeAdapter(tuple[UUID])
BY_DUE = TypeAdapter(tuple[AwareDatetime, UUID])
"""Sort keys of the lists."""
