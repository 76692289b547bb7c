"""Time spent for the CPTS is declared, by the professional or for them."""

from datetime import date

from directory.domain.as_of import paris_day
from directory.domain.indemnities import IndemnityRules
from directory.store.indemnities import TABLE
from directory.usecases.access import check_own
from directory.usecases.show_professional import find_professional
from kit import rows
from kit.auth import Caller
from kit.problems import Problem, field_problem
from kit.work import Record, Work


async def declare_time(
    work: Work, caller: Caller, rules: IndemnityRules, *, rpps: str, mission: str, day: date, minutes: int
) -> Record:
    """A practitioner declares their own time, a coordinator anyone's. Late is flagged or refused, by the rules.

    Raises Problem 403 `not_own_entry`, 409 `no_missions`, `too_late`, 422.
    """
    check_own(caller, rpps)
    if not rules.missions:
        raise Problem(409, "no_missions", "indemnities.yaml of the territory names no missions")
    if mission not in rules.missions:
        raise field_problem("mission", "mission_unknown", f"One of {', '.join(rules.missions)}")
    today = paris_day(work.now)
    if day > today:
        raise field_problem("day", "in_the_future", "Time is declared once it is spent")
    late = rules.is_late(day, today)
    if late and rules.late == "refused":
        raise Problem(409, "too_late", f"Time is declared within {rules.declare_within_days} days")
    person = await find_professional(work, rpps)
    values = {"rpps": rpps, "profession": person["profession"], "mission": mission, "day": day, "minutes": minutes}
    return await rows.add(
        work, TABLE, caller.subject, **values, late=late, state="declared", declared_by=caller.subject
    )
