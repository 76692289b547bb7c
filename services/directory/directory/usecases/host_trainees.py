"""Professionals offer to host trainees (*stagiaires*), and tell whom they hosted. Who a trainee is, is not kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from contracts.directory import TraineeHosted
from directory.usecases.access import check_own
from directory.usecases.known_codes import check_code, check_communes, check_profession
from directory.usecases.load_reference import Reference
from directory.usecases.show_professional import find_professional
from kit import rows
from kit.auth import Caller
from kit.problems import field_problem, or_404
from kit.versions import check_version
from kit.work import Record, Work


@dataclass(frozen=True)
class OfferWanted:
    """A place to train at, for a period."""

    host: str
    profession: str
    level: str
    commune: str
    starts_on: date
    ends_on: date
    places: int
    housing: str
    note: str | None


@dataclass(frozen=True)
class Hosting:
    """A trainee who was or will be hosted."""

    offer_id: UUID | None
    hosts: Sequence[str]
    profession: str
    level: str
    starts_on: date
    ends_on: date


async def offer_internship(work: Work, reference: Reference, caller: Caller, wanted: OfferWanted) -> Record:
    """Publishes an offer. Raises Problem 403 `not_own_entry`, 404 for an unknown host, 422 for an unknown code."""
    check_own(caller, wanted.host)
    await find_professional(work, wanted.host)
    _check(reference, wanted)
    check_code("housing", wanted.housing, reference.attractiveness.housing)
    await check_communes(work, "commune", [wanted.commune])
    return await rows.add(work, "internship_offer", caller.subject, **vars(wanted), state="open")


async def close_offer(work: Work, caller: Caller, offer_id: UUID) -> Record:
    """Takes an offer back; a repeat changes nothing. Raises Problem 403 `not_own_entry`, 404 `offer_unknown`."""
    row = await _offer(work, offer_id, lock=True)
    check_own(caller, *[row["host"]])
    if row["state"] == "closed":
        return row
    return await rows.change(work, "internship_offer", offer_id, caller.subject, state="closed")


async def host_trainee(work: Work, reference: Reference, caller: Caller, hosting: Hosting) -> Record:
    """Registers a trainee with their hosts, and tells it. Raises Problem 403, 404 or 422."""
    check_own(caller, *hosting.hosts)
    for host in hosting.hosts:
        await find_professional(work, host)
    _check(reference, hosting)
    if hosting.offer_id is not None:
        await _offer(work, hosting.offer_id)
    values = vars(hosting) | {"hosts": list(hosting.hosts)}
    return _told(work, await rows.add(work, "trainee", caller.subject, **values, cancelled=False))


async def change_trainee(
    work: Work,
    caller: Caller,
    trainee_id: UUID,
    *,
    ends_on: date | None,
    cancelled: bool | None,
    if_match: str | None,
) -> Record:
    """Corrects the end of a stay, or says that it did not take place. Raises Problem 403, 404, 412 or 422."""
    row = or_404(await rows.find(work, "trainee", trainee_id, lock=True), "trainee_unknown")
    check_own(caller, *row["hosts"])
    check_version(if_match, row["version"])
    changes = {"ends_on": ends_on or row["ends_on"], "cancelled": row["cancelled"] if cancelled is None else cancelled}
    if changes["ends_on"] < row["starts_on"]:
        raise field_problem("ends_on", "period_empty", "It ends before it starts")
    if all(row[name] == value for name, value in changes.items()):
        return row
    return _told(work, await rows.change(work, "trainee", trainee_id, caller.subject, **changes))


def _told(work: Work, row: Record) -> Record:
    told = TraineeHosted(
        trainee_id=row["id"],
        hosts=tuple(row["hosts"]),
        profession=row["profession"],
        level=row["level"],
        starts_on=row["starts_on"],
        ends_on=row["ends_on"],
        cancelled=row["cancelled"],
    )
    work.emit(told, version=row["version"])
    return row


async def _offer(work: Work, offer_id: UUID, *, lock: bool = False) -> Record:
    return or_404(await rows.find(work, "internship_offer", offer_id, lock=lock), "offer_unknown")


def _check(reference: Reference, wanted: OfferWanted | Hosting) -> None:
    check_profession(reference.nomenclature, wanted.profession)
    check_code("level", wanted.level, reference.attractiveness.training_levels)
    if wanted.ends_on < wanted.starts_on:
        raise field_problem("ends_on", "period_empty", "It ends before it starts")
