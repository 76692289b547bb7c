"""What the patient reports, or a hospital tells, raises the alert that the pathway names for it."""

from collections.abc import Iterable
from typing import Literal

from kit.work import Record, Work
from pathways.domain.access import AccessRules
from pathways.domain.alerts import Member, turns
from pathways.store import alarms, team, template_versions
from pathways.usecases.put_alarm import Order, one_more, put_alarm


async def raise_alerts(
    work: Work, rules: AccessRules, enrolments_of: Iterable[Record], source: Literal["patient", "hospital"], by: str
) -> None:
    """On each of these enrolments. One that nobody has taken yet stays one; whoever took it is not asked anew.

    Told to members of the care team alone, who may read it and to whom the patient does not object.
    """
    for enrolment in enrolments_of:
        await alarms.one_at_a_time(work, enrolment["id"])
        which = (enrolment["template"], enrolment["template_version"])
        template = await template_versions.find(work, work.territory, *which)
        for alert in template.alerts if template else ():
            if alert.source != source:
                continue
            known = await alarms.not_taken(work, enrolment["id"], alert.code)
            if known is not None:
                await one_more(work, by, known)
                continue
            asked = turns(alert, await _team(work, rules, enrolment), rules)
            order = Order([it.rpps for it in asked], [it.minutes for it in asked])
            about = {**enrolment, "enrolment_id": enrolment["id"]}
            await put_alarm(work, by, about, alert.code, order, source=source)


async def _team(work: Work, rules: AccessRules, enrolment: Record) -> list[Member]:
    readers = rules.roles_for("team", "clinical")
    found = await team.readers(work, enrolment, readers, rules.sharing_purposes)
    return [Member(row["rpps"], row["role"]) for row in found]
