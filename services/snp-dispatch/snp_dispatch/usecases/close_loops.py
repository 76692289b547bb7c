"""What becomes of every call in the end: seen, or not seen in time. A job of the worker, across territories."""

from typing import Literal

from contracts.snp_dispatch import CallNotSeen
from kit.work import Work
from snp_dispatch.store import closed_loops
from snp_dispatch.store.rules import Rules

BATCH = 500
_WHY: dict[str | None, Literal["no_visit", "missed", "outcome_unknown"]] = {
    None: "no_visit",
    "no_show": "missed",
    "confirmed": "outcome_unknown",
}


async def close_loops(work: Work, rules: Rules) -> int:
    """Tells `call.not_seen` once for each call whose time is over and whose patient was not seen.

    The time is the call's deadline, 48 h after its receipt or less. When a visit was given whose outcome nobody has
    said, some hours more (`outcome_hours` of the policy): a patient who was seen is not called lost because
    the practitioner writes it down in the evening.
    """
    policies = ((slug, rules.policy(slug, work.now)) for slug in rules.policies)
    hours = {slug: policy.outcome_hours for slug, policy in policies if policy is not None}
    closed = await closed_loops.close(work, hours, BATCH)
    for row in closed:
        if row["loop_end"] == "not_seen":
            payload = CallNotSeen(
                call_id=row["id"],
                origin=row["origin"],
                received_at=row["received_at"],
                deadline=row["deadline"],
                why=_WHY[row["visit"]],
            )
            work.emit(payload, version=row["version"], territory=row["territory"])
    return len(closed)
