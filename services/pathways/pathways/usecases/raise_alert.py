"""What the patient reports, a hospital or a professional tells, raises the alert that the pathway names for it."""

from collections.abc import Iterable, Mapping
from typing import Any, Literal
from uuid import UUID

from kit.problems import field_problem
from kit.work import Record, Work
from pathways.domain.access import AccessRules
from pathways.domain.alerts import Member, turns
from pathways.domain.template_parts import Alert
from pathways.store import alarms, team, template_versions
from pathways.usecases.access import Access
from pathways.usecases.put_alarm import Order, one_more, put_alarm
from pathways.usecases.settle_steps import lock_running


async def raise_alerts(
    work: Work, rules: AccessRules, enrolments_of: Iterable[Record], source: Literal["patient", "hospital"], by: str
) -> None:
    """On each of these enrolments. One that nobody has taken yet stays one; whoever took it is not asked anew.

    Told to members of the care team alone, who may read it and to whom the patient does not object.
    """
    for enrolment in enrolments_of:
        await alarms.one_at_a_time(work, enrolment["id"])
        template = await template_versions.of(work, enrolment)
        for alert in template.alerts if template else ():
            if alert.source == source:
                order = _order(alert, await _team(work, rules, enrolment), rules)
                await _raise(work, by, enrolment, alert, order)


async def raise_as_professional(work: Work, access: Access, enrolment_id: UUID, code: str) -> tuple[Record, bool]:
    """By who may write the pathway, who is not asked themself. Answers the alarm, and whether it stood before.

    Raises Problem 403, 404, 409 `enrolment_closed`, 410 or 422 `code_unknown`.
    """
    enrolment = await lock_running(work, access, enrolment_id)
    alert = await _named(work, enrolment, code)
    others = [it for it in await _team(work, access.rules, enrolment) if it.rpps != access.caller.rpps]
    return await _raise(work, access.caller.subject, enrolment, alert, _order(alert, others, access.rules))


async def _raise(work: Work, by: str, enrolment: Mapping[str, Any], alert: Alert, order: Order) -> tuple[Record, bool]:
    known = await alarms.not_taken(work, enrolment["id"], alert.code)
    if known is not None:
        return await one_more(work, by, known), True
    about = {**enrolment, "enrolment_id": enrolment["id"]}
    # Telemonitoring has an order of its own and does not come here.
    return await put_alarm(work, by, about, alert.code, order, source=alert.source), False


def _order(alert: Alert, asked: list[Member], rules: AccessRules) -> Order:
    found = turns(alert, asked, rules)
    return Order([it.rpps for it in found], [it.minutes for it in found])


async def _named(work: Work, enrolment: Record, code: str) -> Alert:
    template = await template_versions.of(work, enrolment)
    known = {it.code: it for it in template.alerts if it.source == "professional"} if template else {}
    if code not in known:
        raise field_problem("code", "code_unknown", f"Professionals raise {', '.join(known) or 'none'} on this pathway")
    return known[code]


async def _team(work: Work, rules: AccessRules, enrolment: Record) -> list[Member]:
    readers = rules.roles_for("team", "clinical")
    found = await team.readers(work, enrolment, readers, rules.sharing_purposes)
    return [Member(row["rpps"], row["role"]) for row in found]
