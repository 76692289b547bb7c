"""A step of a pathway needs a visit: a call is opened for it, and closed when the visit is wanted no more."""

from uuid import UUID

from contracts.pathways import StepVisitWanted
from kit.auth import Caller
from kit.consumer import Rejected
from kit.problems import Problem
from kit.work import Work
from snp_dispatch.domain.catalogue import PATHWAY
from snp_dispatch.domain.policy import Policy
from snp_dispatch.domain.request import CallerStated, CallStated, ConstraintsStated, NeedStated, PatientStated
from snp_dispatch.domain.states import AWAITING, waits_now
from snp_dispatch.store import calls, wishes
from snp_dispatch.store.rules import Rules
from snp_dispatch.usecases.cancel_call import cancel_call
from snp_dispatch.usecases.problems import policy_of
from snp_dispatch.usecases.receive_call import open_call


def pathways(territory: str) -> Caller:
    """Who asked, as calls keep it."""
    return Caller("pathways", territory, frozenset(), client_class="machine")


async def open_wish(work: Work, rules: Rules, wish: StepVisitWanted) -> None:
    """Opens the call, once, unless it was withdrawn before. Nothing is booked: a desk phones the patient first.

    Raises Rejected for what can never be served: codes that the policy does not have, a deadline that has passed.
    """
    if not await wishes.wanted(work, wish.visit_id):
        return
    try:
        stated = _stated(policy_of(rules, work.territory, work.now), wish)
        await open_call(work, rules, pathways(work.territory), stated, [], book=False, call_id=wish.visit_id)
    except Problem as refused:
        raise Rejected(f"{refused.code}: {refused.detail}") from None


async def withdraw_wish(work: Work, wish_id: UUID, reason: str) -> None:
    """Closes a call that has no visit. A booked visit stands: only somebody who phones the patient cancels one.

    Raises Problem 409 `call_busy` when a hold was placed at the same moment: the message comes again.
    """
    if not await wishes.withdrawn(work, wish_id):
        return
    call = await calls.get(work, wish_id)
    if call is not None and waits_now(call["state"], call["deadline"], work.now) in AWAITING:
        await _close(work, wish_id, reason)


async def _close(work: Work, call_id: UUID, reason: str) -> None:
    try:
        await cancel_call(work, pathways(work.territory), call_id, reason)
    except Problem as refused:
        # Booked a moment ago: that visit stands.
        if refused.code != "call_not_open":
            raise


def _stated(policy: Policy, wish: StepVisitWanted) -> CallStated:
    return CallStated(
        origin=PATHWAY,
        caller=CallerStated(),
        patient=PatientStated(
            ref=str(wish.patient_ref),
            age=_age(wish.age_band),
            commune=_commune(policy, wish),
            regular_doctor_rpps=wish.regular_doctor_rpps,
        ),
        need=NeedStated(profession=wish.profession, specialty=wish.specialty, act=wish.act, red_flags=()),
        constraints=ConstraintsStated(modes=wish.modes, deadline=wish.deadline),
    )


def _age(band: str) -> int:
    """The youngest of the band: the call's own band is the same."""
    return int(band.partition("-")[0].rstrip("+"))


def _commune(policy: Policy, wish: StepVisitWanted) -> str:
    """Where distances count from. Of a sensitive pathway only the département is told."""
    known = wish.commune or policy.rules_of(PATHWAY).communes.get(wish.department or "")
    if known is None:
        raise Rejected(f"commune_unknown: the policy has no commune for the département {wish.department}")
    return known
