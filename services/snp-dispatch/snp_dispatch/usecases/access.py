"""Who may act on what, beyond the scopes of a route.

A practitioner works for themselves: own agenda, own bookings, own calls. Other roles (emergency
department, operator, coordinator, care team) work for their whole territory.
"""

from uuid import UUID

from kit.auth import Caller
from kit.problems import Problem
from kit.work import Record, Work
from snp_dispatch.store import bookings

PRACTITIONER = "practitioner"
OPERATOR = "operator"
PUBLISH_FOR_ANYONE = "slots:write:any"


def works_alone(caller: Caller) -> bool:
    """Whether the caller may touch only what is their own."""
    return caller.role == PRACTITIONER


def whole_territory(caller: Caller) -> None:
    """Raises Problem 403 `not_your_desk` to who works for themselves: the figures are of the whole territory."""
    if works_alone(caller):
        raise Problem(403, "not_your_desk", "For desks of the territory: list your own calls and bookings instead")


def own_agenda(caller: Caller, effector_id: str) -> None:
    """Raises Problem 403 `not_your_agenda` unless the agenda is the caller's, or anyone's is open to them."""
    if PUBLISH_FOR_ANYONE not in caller.scopes and caller.rpps != effector_id:
        raise Problem(403, "not_your_agenda", "You may publish and withdraw your own slots only")


def own_extra_patients(caller: Caller, effector_id: str) -> None:
    """Raises Problem 403 `not_your_agenda` when a practitioner turns to the extra patients of somebody else."""
    if works_alone(caller) and caller.rpps != effector_id:
        raise Problem(403, "not_your_agenda", "You may add extra patients to your own slots only")


def own_call(caller: Caller, client: str) -> None:
    """Raises Problem 403 `not_your_call` when a practitioner acts on somebody else's call."""
    if works_alone(caller) and client != caller.subject:
        raise Problem(403, "not_your_call", "You may act on your own calls only")


def own_booking(caller: Caller, effector_id: str, client: str) -> None:
    """Raises Problem 403 `not_your_booking` unless a practitioner serves the visit, or asked for it."""
    if works_alone(caller) and caller.rpps != effector_id and client != caller.subject:
        raise Problem(403, "not_your_booking", "You may act on your own bookings only")


def own_patients(caller: Caller, effector_id: str) -> None:
    """Raises Problem 403 `not_your_booking` unless a practitioner serves the visit."""
    if works_alone(caller) and caller.rpps != effector_id:
        raise Problem(403, "not_your_booking", "You may act on your own bookings only")


async def readable_call(work: Work, caller: Caller, call: Record) -> None:
    """Raises Problem 403 `not_your_call` unless a practitioner made the call or sees its patient."""
    if not works_alone(caller) or call["client"] == caller.subject:
        return
    if not await _sees_patient(work, caller, call["id"]):
        raise Problem(403, "not_your_call", "You may read your own calls and those of your patients only")


async def contact_ground(work: Work, caller: Caller, call: Record) -> str:
    """On what ground the caller may read a patient's contact. Raises Problem 403 `contact_not_yours`."""
    if caller.role == OPERATOR:
        return "operator"
    same_organisation = caller.organisation is not None and caller.organisation == call["client_organisation"]
    if (not works_alone(caller) and same_organisation) or caller.subject == call["client"]:
        return "caller_organisation"
    if await _sees_patient(work, caller, call["id"]):
        return "practitioner"
    raise Problem(
        403, "contact_not_yours", "For the caller's organisation, the operator and the practitioner who is booked"
    )


async def _sees_patient(work: Work, caller: Caller, call_id: UUID) -> bool:
    return caller.rpps is not None and await bookings.is_of_practitioner(work, call_id, caller.rpps)
