"""Reminders of visits (*rappels*): an event when one is due; who sends it to the patient is not our affair."""

from datetime import datetime
from uuid import UUID, uuid5

from contracts.snp_dispatch import BookingReminderDue
from kit.work import Record, Work
from snp_dispatch.domain.reminders import reminders
from snp_dispatch.store import reminders as store
from snp_dispatch.store import timers
from snp_dispatch.store.rules import Rules
from snp_dispatch.usecases import tell

KIND = "reminder"
BATCH = 200


async def set_reminders(work: Work, rules: Rules) -> int:
    """Sets the timers of visits that were given or moved, whatever did it (system role)."""
    found = await store.unset(work, BATCH)
    for row in found:
        policy = rules.policy(row["territory"], work.now)
        for it in reminders(row["starts_at"], policy.reminder_minutes if policy else (), work.now):
            payload = {
                "booking_id": str(row["id"]),
                "starts_at": row["starts_at"].isoformat(),
                "until": it.until.isoformat(),
                "minutes": it.minutes,
            }
            # A timer has one subject: this reminder of this visit at this time.
            subject = uuid5(row["id"], f"{payload['starts_at']} {it.minutes}")
            await timers.set_timer(work, KIND, subject, it.due, payload=payload, territory=row["territory"])
    return len(found)


async def remind(work: Work, timer: Record) -> None:
    """Tells `booking.reminder_due`, unless the visit is not there any more or, after an outage, it is too late."""
    told = timer["payload"]
    if work.now >= datetime.fromisoformat(told["until"]):
        return
    booking = await store.count(work, UUID(told["booking_id"]), datetime.fromisoformat(told["starts_at"]))
    if booking is None:
        return
    payload = BookingReminderDue(
        booking_id=booking["id"],
        call_id=booking["call_id"],
        slot_id=booking["slot_id"],
        effector=tell.effector(booking["effector_kind"], booking["effector_id"]),
        starts_at=booking["starts_at"],
        minutes_before=told["minutes"],
        patient_ref=booking["patient_ref"],
    )
    work.emit(payload, version=booking["version"])
