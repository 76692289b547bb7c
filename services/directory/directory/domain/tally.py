"""Counting a vote of the association, in exact fractions, with every step shown. Rounding is left to who displays it.

In each college its share of the assembly is split over the votes of the college (projet de santé du Pays de Redon 4.1:
*quote-part vote*); a body that is not weighted is one group with the whole share.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from directory.domain.association import VoteRules

FOR, AGAINST, ABSTAIN, SILENT, BLANK = "for", "against", "abstain", "silent", "blank"
CHOICES = (FOR, AGAINST, ABSTAIN)
WHOLE = 0
"""The one group of a body that is not weighted."""


@dataclass(frozen=True)
class Group:
    """The votes of one college: how many were there or represented, and how many said what."""

    college: int
    entitled: int
    votes: Mapping[str, int]

    @property
    def cast(self) -> int:
        return sum(self.votes.get(choice, 0) for choice in CHOICES)


@dataclass(frozen=True)
class Step:
    """What one college contributes. `counted` are the votes that its share is split over."""

    college: int
    entitled: int
    cast: int
    votes: dict[str, int]
    counted: int
    statutory_share: Fraction
    share: Fraction
    weights: dict[str, Fraction]


@dataclass(frozen=True)
class Tally:
    """The result: the steps, the sums over the colleges, and what is decided."""

    steps: tuple[Step, ...]
    totals: dict[str, Fraction]
    lost: Fraction
    quorum_needed: Fraction | None
    quorum_reached: bool
    adopted: bool


def tally(rules: VoteRules, shares: Mapping[int, Fraction], groups: Sequence[Group], enrolled: int) -> Tally:
    """Counts a resolution. `shares` by college; `enrolled` are all who could have come, for the quorum.

    Adopted when *for* is more than the majority of the whole and the quorum is reached: equal is not more.
    """
    counted = {group.college: _counted(rules, group) for group in groups}
    heard = sum((shares[group.college] for group in groups if counted[group.college]), Fraction(0))
    spread = rules.empty_college == "redistribute"
    steps = tuple(
        _step(group, counted[group.college], shares[group.college], heard if spread else Fraction(1))
        for group in sorted(groups, key=lambda it: it.college)
    )
    totals = {name: sum((step.weights[name] for step in steps), Fraction(0)) for name in (*CHOICES, SILENT)}
    needed = None if rules.quorum is None else rules.quorum * enrolled
    reached = needed is None or sum(group.entitled for group in groups) >= needed
    lost = 1 - sum(totals.values(), Fraction(0))
    return Tally(steps, totals, lost, needed, reached, adopted=reached and totals[FOR] > rules.majority)


def _counted(rules: VoteRules, group: Group) -> int:
    if rules.basis == "present":
        return group.entitled
    return group.cast - (group.votes.get(ABSTAIN, 0) if rules.basis == "expressed" else 0)


def _step(group: Group, counted: int, statutory: Fraction, heard: Fraction) -> Step:
    share = statutory / heard if counted else Fraction(0)
    votes = {choice: group.votes.get(choice, 0) for choice in CHOICES}
    split = {name: Fraction(number, counted) * share if counted else Fraction(0) for name, number in votes.items()}
    said = min(counted, group.cast)
    if counted < group.cast:  # Abstentions are outside the majority of what was expressed.
        split[ABSTAIN] = Fraction(0)
    split[SILENT] = Fraction(counted - said, counted) * share if counted else Fraction(0)
    return Step(group.college, group.entitled, group.cast, votes, counted, statutory, share, split)


@dataclass(frozen=True)
class Elected:
    """Who is elected. `tied` had as many votes as each other for the `open_seats` left: a second ballot settles it."""

    elected: tuple[str, ...]
    tied: tuple[str, ...]
    open_seats: int


def elect(votes: Mapping[str, int], seats: int) -> Elected:
    """The candidates with most votes, at least one, up to the seats. A tie for the last seats settles nobody."""
    ranked = sorted((it for it in votes if it != BLANK and votes[it] > 0), key=lambda it: (-votes[it], it))
    if len(ranked) <= seats:
        return Elected(tuple(ranked), (), seats - len(ranked))
    bar = votes[ranked[seats - 1]]
    if votes[ranked[seats]] < bar:
        return Elected(tuple(ranked[:seats]), (), 0)
    sure = tuple(it for it in ranked if votes[it] > bar)
    return Elected(sure, tuple(it for it in ranked if votes[it] == bar), seats - len(sure))
