"""Opening one slot."""

from dataclasses import dataclass
from datetime import datetime

from kit.auth import Caller
from kit.problems import Problem, field_problem
from kit.work import Record, Work
from snp_dispatch.domain.offer import Release, Terms, opening
from snp_dispatch.store import slots
from snp_dispatch.store.rows import present
from snp_dispatch.store.rules import Rules
from snp_dispatch.store.slots import NewSlot
from snp_dispatch.usecases import access, tell
from snp_dispatch.usecases.problems import known_commune
from snp_dispatch.usecases.stated_offer import check_terms, offer_problems

MAX_HOURS = 24


@dataclass(frozen=True)
class SlotWanted:
    """What is published. `profession` and `specialty` count for a structure only; a person's are the directory's."""

    effector_id: str
    starts_at: datetime
    ends_at: datetime
    commune: str
    mode: str
    audience: tuple[str, ...]
    terms: Terms
    embargo_until: datetime | None
    release: Release | None
    capacity: int = 1
    profession: str | None = None
    specialty: str | None = None


async def publish_slot(work: Work, rules: Rules, caller: Caller, wanted: SlotWanted) -> Record:
    """Publishes a slot of an effector who takes part, at any hour. Raises Problem 403, 404, 409 or 422."""
    access.own_agenda(caller, wanted.effector_id)
    known_commune(rules, "place.commune", wanted.commune)
    check_terms(rules, wanted.terms)
    _check_period(work, wanted)
    with offer_problems():
        opens = opening(wanted.audience, wanted.starts_at, wanted.embargo_until, wanted.release)
    slot = NewSlot(
        id=work.new_id(),
        effector_id=wanted.effector_id,
        profession=wanted.profession,
        specialty=wanted.specialty,
        starts_at=wanted.starts_at,
        ends_at=wanted.ends_at,
        commune=wanted.commune,
        mode=wanted.mode,
        capacity=wanted.capacity,
        opening=opens,
        terms=wanted.terms,
    )
    published = await slots.publish(work, slot)
    check_effector(published)
    if published is None or published["slot_id"] is None:
        raise Problem(409, "slot_overlap", "The effector already has a slot at that time, here or elsewhere")
    shown = present(await slots.get(work, slot.id))
    tell.slot_published(work, shown)
    return shown


def check_effector(found: Record | None) -> None:
    """Raises Problem 404 `effector_unknown` or 409 `not_participating`."""
    if found is None or not found["listed"]:
        raise Problem(404, "effector_unknown", "No professional or structure of this number is known")
    if not found["participates"]:
        raise Problem(409, "not_participating", "The effector does not take part in unscheduled care here")


def _check_period(work: Work, wanted: SlotWanted) -> None:
    if wanted.ends_at <= wanted.starts_at:
        raise field_problem("ends_at", "ends_before_start", "ends_at must be later than starts_at")
    if (wanted.ends_at - wanted.starts_at).total_seconds() > MAX_HOURS * 3600:
        raise field_problem("ends_at", "too_long", f"A slot lasts {MAX_HOURS} h at most")
    if wanted.ends_at <= work.now:
        raise field_problem("ends_at", "slot_over", "The slot is already over")
