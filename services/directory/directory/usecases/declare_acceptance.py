"""A professional accepts new patients, or does not: said by themself, or by a coordinator who asked."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from contracts.directory import AcceptanceDeclared
from directory.domain.acceptance import LONGEST_DAYS, Rules, Source
from directory.domain.as_of import paris_day
from directory.domain.validity import last_day
from directory.store import acceptances, campaigns
from directory.store.acceptances import Declared
from directory.usecases.access import check_own
from directory.usecases.show_professional import find_professional
from directory.usecases.tell_followed import introduce
from kit.auth import Caller
from kit.problems import field_problem
from kit.versions import check_version
from kit.work import Record, Work


@dataclass(frozen=True)
class Said:
    """An answer as it comes in. No `valid_until`: as long as the territory lets answers hold."""

    accepts: bool
    capacity: int | None = None
    patients: tuple[str, ...] = ()
    valid_until: date | None = None


async def change_acceptance(
    work: Work, caller: Caller, rules: Rules, rpps: str, said: Said, *, source: Source | None, if_match: str | None
) -> Record:
    """Stores what a caller says and tells it, unless it stands so already. Raises Problem 403, 404, 412 or 422."""
    check_own(caller, rpps)
    await find_professional(work, rpps)
    present = await acceptances.find(work, rpps, lock=True)
    check_version(if_match, present["version"] if present else 0)
    said_by, by = _source(caller, rpps, source), caller.subject
    campaign = await campaigns.open_for(work, rpps, paris_day(work.now))
    row = await record_acceptance(work, rules, rpps, said, source=said_by, by=by, campaign_id=campaign)
    if campaign is not None:
        await campaigns.note_answer(work, campaign, rpps, accepts=said.accepts, source=said_by, by=by)
    return row


def _source(caller: Caller, rpps: str, stated: Source | None) -> Source:
    """Only a coordinator may say that they phoned; `link` is for the link alone."""
    if caller.rpps == rpps:
        return "self"
    return "phone" if stated == "phone" else "coordinator"


async def record_acceptance(
    work: Work, rules: Rules, rpps: str, said: Said, *, source: Source, by: str, campaign_id: UUID | None = None
) -> Record:
    """Stores and tells what was said; answers the row that stands. Raises Problem 422."""
    await introduce(work, rpps)
    stored = await acceptances.declare(work, rpps, _checked(work, rules, said, source, campaign_id), by)
    if stored is not None:
        work.emit(
            AcceptanceDeclared(**{name: stored[name] for name in AcceptanceDeclared.model_fields}),
            version=stored["version"],
        )
    standing = stored or await acceptances.find(work, rpps)
    assert standing is not None  # noqa: S101 - stored just now, or it stood so already
    return standing


def _checked(work: Work, rules: Rules, said: Said, source: str, campaign_id: UUID | None) -> Declared:
    unknown = [code for code in said.patients if code not in rules.labels]
    if unknown:
        known = ", ".join(rules.labels)
        raise field_problem("patients", "patients_unknown", f"No code {unknown[0]!r} here; known: {known}")
    if not said.accepts and (said.capacity is not None or said.patients):
        raise field_problem("accepts", "accepts_nobody", "`capacity` and `patients` go with accepts: true")
    try:
        until = last_day(said.valid_until, paris_day(work.now), rules.asked.holds_days, LONGEST_DAYS)
    except ValueError as error:
        raise field_problem("valid_until", "valid_until_refused", str(error)) from None
    return Declared(
        accepts=said.accepts,
        capacity=said.capacity,
        patients=sorted(set(said.patients)),
        valid_until=until,
        source=source,
        campaign_id=campaign_id,
        rules_version=rules.version,
    )
