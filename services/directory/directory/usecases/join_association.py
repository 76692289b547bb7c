"""Somebody becomes a member of the association (*adhésion*)."""

from dataclasses import dataclass
from datetime import date

from contracts.directory import MemberJoined
from directory.domain.as_of import paris_day
from directory.domain.association import Association, MemberKind
from directory.domain.names import normalise
from directory.store import members
from directory.usecases.find_member import MemberView, context_of, find_member
from directory.usecases.show_professional import find_professional
from kit import rows
from kit.auth import Caller
from kit.crypto import Keyring
from kit.problems import Problem, field_problem
from kit.work import Work


@dataclass(frozen=True)
class Joining:
    """Who joins, as what. Either an RPPS number or a name (of a person or body without one)."""

    kind: MemberKind
    category: str
    joined_on: date
    rpps: str | None = None
    name: str | None = None
    finess: str | None = None
    college: int | None = None
    convention_signed_on: date | None = None


async def join_association(
    work: Work, caller: Caller, keyring: Keyring, rules: Association, asked: Joining
) -> MemberView:
    """One more membership, told by `member.joined`.

    Raises Problem 422 (unknown category, person or day), 409 `already_member`: nobody is in two colleges.
    """
    college = college_for(rules, asked.kind, asked.category, asked.college)
    if asked.joined_on > paris_day(work.now):
        raise field_problem("joined_on", "in_the_future", "A membership begins today at the latest")
    if asked.rpps is not None:
        await _professional(work, asked.rpps)
    person = person_of(keyring, asked.rpps, asked.name)
    await members.lock_person(work, person)
    await _refuse_second(work, person, asked)
    member_id = work.new_id()
    sealed = keyring.encrypt(asked.name, context_of(member_id)) if asked.name else None
    columns = ("kind", "category", "rpps", "finess", "joined_on", "convention_signed_on")
    values = {name: getattr(asked, name) for name in columns}
    fixed = {"id": member_id, "person": person, "name_sealed": sealed, "college": college}
    await rows.add(work, "member", caller.subject, **fixed, **values)
    found = await find_member(work, keyring, member_id)
    work.emit(
        MemberJoined(
            member_id=member_id,
            kind=asked.kind,
            category=asked.category,
            college=college,
            profession=found.profession,
            joined_on=asked.joined_on,
        ),
        version=1,
    )
    return found


def college_for(rules: Association, kind: MemberKind, category: str, stated: int | None) -> int | None:
    """The college that the rules give. Raises Problem 422 when the category or a stated college does not fit."""
    known = rules.categories.get(category)
    if known is None:
        raise field_problem("category", "category_unknown", f"One of {', '.join(rules.categories)}")
    if kind not in known.kinds:
        raise field_problem("kind", "kind_not_of_category", f"{category} joins as {' or '.join(known.kinds)}")
    college = rules.college_of(kind, category)
    if stated is not None and stated != college:
        raise field_problem("college", "college_not_of_category", f"{category} belongs to college {college}")
    return college


def person_of(keyring: Keyring, rpps: str | None, name: str | None) -> bytes:
    """The same for all memberships of somebody."""
    return keyring.blind_index(f"rpps:{rpps}" if rpps else f"name:{normalise(name or '')}")


async def _professional(work: Work, rpps: str) -> None:
    try:
        await find_professional(work, rpps)
    except Problem:
        raise field_problem("rpps", "professional_unknown", "The register has no such number") from None


async def _refuse_second(work: Work, person: bytes, asked: Joining) -> None:
    earlier = await members.of_person(work, person)
    for row in earlier:
        if row["left_on"] is None:
            where = f"in college {row['college']}" if row["college"] else f"as {row['kind']}"
            detail = f"A member since {row['joined_on']}, {where}: nobody is a member twice"
            raise Problem(409, "already_member", detail, member_id=str(row["id"]))
        if asked.joined_on < row["left_on"]:
            raise Problem(409, "overlaps_membership", f"A membership lasted until {row['left_on']}")
