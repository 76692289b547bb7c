"""A sum is shared among the members by the keys of the territory: a draft, computed from what stands now."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from directory.domain.funding import Counted, FundingRules, Key, share_out
from directory.store import funding, members
from directory.usecases.find_funding import find_share
from kit import rows
from kit.auth import Caller
from kit.problems import Problem, field_problem
from kit.work import Record, Work


@dataclass(frozen=True)
class Figure:
    """What a member counts in a key whose figures are given."""

    key: str
    member_id: UUID
    value: int


@dataclass(frozen=True)
class Sharing:
    """What is to be shared. `replaces`: a correction of that approved computation."""

    pot: str
    total: Decimal
    from_on: date
    to_on: date
    figures: tuple[Figure, ...] = ()
    replaces: UUID | None = None
    reason: str | None = None


async def share_funding(work: Work, caller: Caller, rules: FundingRules, asked: Sharing) -> UUID:
    """Members of the last day of the period count. Answers the draft.

    Raises Problem 404, 409 `no_pots`, `not_approved`, `replaced_already`, `nobody_counts` (`key` names it), 422.
    """
    _check(rules, asked)
    before = await _replaced(work, asked)
    pot = rules.pots[asked.pot]
    standing = await members.standing(work, asked.to_on)
    parts = [
        Counted(part.key, part.share, await _weights(work, rules.keys[part.key], part.key, asked, standing))
        for part in pot.parts
    ]
    try:
        given = share_out(asked.total, parts)
    except ValueError as error:
        raise Problem(409, "nobody_counts", f"Nobody counts in the key {error}", key=str(error)) from None
    values = {name: getattr(asked, name) for name in ("pot", "total", "from_on", "to_on", "reason")}
    values |= {"edition": before["edition"] + 1 if before else 1, "replaces_id": asked.replaces}
    keys = {part.key: rules.keys[part.key].model_dump(mode="json") for part in pot.parts}
    terms = {"version": rules.version, "pot": pot.model_dump(mode="json"), "keys": keys}
    row = await rows.add(work, funding.TABLE, caller.subject, **values, terms=json.dumps(terms), state="draft")
    await funding.add_lines(work, row["id"], given, caller.subject)
    share_id: UUID = row["id"]
    return share_id


def _check(rules: FundingRules, asked: Sharing) -> None:
    if not rules.pots:
        raise Problem(409, "no_pots", "funding.yaml of the territory names nothing to share")
    if asked.pot not in rules.pots:
        raise field_problem("pot", "pot_unknown", f"One of {', '.join(rules.pots)}")
    if asked.to_on < asked.from_on:
        raise field_problem("to_on", "period_reversed", "Not before `from_on`")
    stated = {part.key for part in rules.pots[asked.pot].parts if rules.keys[part.key].basis == "stated"}
    if foreign := {it.key for it in asked.figures} - stated:
        raise field_problem("figures", "key_not_stated", f"No figures are given for {', '.join(sorted(foreign))}")
    if len({(it.key, it.member_id) for it in asked.figures}) < len(asked.figures):
        raise field_problem("figures", "figure_twice", "One figure a key and member")


async def _replaced(work: Work, asked: Sharing) -> Record | None:
    if asked.replaces is None:
        return None
    before = await find_share(work, asked.replaces)
    if before["state"] != "approved":
        raise Problem(409, "not_approved", "What is not approved is computed anew, not corrected")
    if await funding.replaced(work, asked.replaces):
        raise Problem(409, "replaced_already", "A later edition is approved: correct that one")
    if before["pot"] != asked.pot:
        raise field_problem("pot", "pot_differs", f"The corrected one shares {before['pot']}")
    return before


async def _weights(work: Work, key: Key, code: str, asked: Sharing, standing: Sequence[Record]) -> Mapping[UUID, int]:
    people = {row["id"]: row for row in standing if not key.categories or row["category"] in key.categories}
    if key.basis == "equal":
        return dict.fromkeys(people, 1)
    if key.basis == "minutes":
        spent = await funding.minutes(work, asked.from_on, asked.to_on, key.missions)
        return {member: spent[row["rpps"]] for member, row in people.items() if row["rpps"] in spent}
    figures = {it.member_id: it.value for it in asked.figures if it.key == code}
    if unknown := set(figures) - set(people):
        raise field_problem("figures", "member_unknown", f"{min(unknown)} does not count in {code} on {asked.to_on}")
    return figures
