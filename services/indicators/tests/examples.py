"""One event of every type of the binding list: the producer's golden sample, or one of ours while there is none."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

from telling import GP, NOW, SLOT_AT, event_of

from contracts import directory, indicators, pathways, snp_dispatch
from contracts.envelope import NATIONAL, Event, Payload
from contracts.registry import EVENTS, EventType
from kit.testing.samples import samples

_SLOT, _CALL, _HOLD, _BOOKING = (uuid4() for _ in range(4))
_HELD = {"hold_id": _HOLD, "call_id": _CALL, "slot_id": _SLOT}
_BOOKED = {"booking_id": _BOOKING, "call_id": _CALL, "slot_id": _SLOT}
_TIMES = {"starts_at": SLOT_AT, "ends_at": SLOT_AT + timedelta(minutes=15)}
_PLACE = {"commune": "35236", "mode": "AMB", "audience": ("SNP",), "effector": snp_dispatch.SlotEffector(rpps=GP)}
_STEP = {"step_id": uuid4(), "enrolment_id": uuid4(), "template": "lung-cancer", "step": "pps"}

EXAMPLES: tuple[Payload, ...] = (
    directory.ProfessionalUpdated(
        rpps=GP,
        family_name="EXEMPLE",
        given_name="Camille",
        profession="10",
        skills=("SM54",),
        specialties=("general-practice",),
        activities=(directory.Activity(commune="35236", mode="L"),),
        listed=True,
    ),
    directory.StructureUpdated(finess="350000001", name="Centre de santé", commune="35236", listed=True),
    directory.ParticipationChanged(rpps=GP, participates=True),
    directory.ImportCompleted(
        import_id=uuid4(), source="rpps", lines_read=3, lines_rejected=1, added=2, changed=0, unchanged=0
    ),
    snp_dispatch.SlotPublished(slot_id=_SLOT, profession="10", specialties=(), **_TIMES, **_PLACE),
    snp_dispatch.SlotWithdrawn(slot_id=_SLOT, reason="ill"),
    snp_dispatch.CallReceived(
        call_id=_CALL,
        origin="ed",
        organisation="CHIRC",
        profession="10",
        specialty=None,
        age_band="60-69",
        commune="35236",
        patient_ref="p-1",
        received_at=NOW,
        deadline=NOW + timedelta(hours=48),
    ),
    snp_dispatch.CallScreened(call_id=_CALL, outcome="accepted", policy_version="1", conditions=()),
    snp_dispatch.CallUnmatched(call_id=_CALL, deadline=NOW),
    snp_dispatch.CallCancelled(call_id=_CALL, reason="gone home"),
    snp_dispatch.CallExpired(call_id=_CALL, origin="ed", deadline=NOW),
    snp_dispatch.HoldPlaced(**_HELD, expires_at=NOW),
    snp_dispatch.HoldReleased(**_HELD),
    snp_dispatch.HoldExpired(**_HELD),
    snp_dispatch.BookingConfirmed(**_BOOKED, origin="ed", patient_ref="p-1", call_received_at=NOW, **_TIMES, **_PLACE),
    snp_dispatch.BookingCancelled(**_BOOKED, by="patient", reason="better", patient_ref="p-1"),
    snp_dispatch.BookingFulfilled(**_BOOKED, patient_ref="p-1"),
    snp_dispatch.BookingMissed(**_BOOKED, absent="patient", patient_ref="p-1"),
    pathways.EnrolmentStarted(
        enrolment_id=uuid4(),
        template="lung-cancer",
        template_version="1",
        age_band="60-69",
        commune=None,
        department="35",
        started_on=date(2026, 11, 22),
    ),
    pathways.StepDone(**_STEP, done_at=NOW),
    pathways.StepOverdue(**_STEP, role="coordinator", due_at=datetime(2026, 11, 1, tzinfo=UTC)),
    indicators.RebuildCompleted(rebuild_id=uuid4(), facts=3, identical=True),
)


def example(kind: EventType) -> Event[Any]:
    """An event of this type. Raises StopIteration when the binding list grew and nobody wrote an example."""
    golden = samples(kind.payload)
    if golden:
        # Each producer fixes its ids by itself: two samples may have the same one.
        return kind.envelope.model_validate(golden[0]).model_copy(update={"id": uuid4()})
    payload = next(payload for payload in EXAMPLES if type(payload) is kind.payload)
    national = kind.payload in (directory.ProfessionalUpdated, directory.StructureUpdated)
    return event_of(payload, 1, territory=NATIONAL if national else "pays-de-redon")


def every_example() -> list[Event[Any]]:
    """One event of each type, in the order of the binding list."""
    return [example(kind) for kind in EVENTS]
