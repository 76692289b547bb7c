"""Who may sit where (*mandats*): seats per college, renewals, the bureau comes from the board."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from directory.domain.association import BOARD, BUREAU, Association

SEAT, REFERENT = "member", "referent"


@dataclass(frozen=True)
class Candidate:
    """A member who is to sit. `board_mandates` counts those that the person ever had."""

    member_id: str
    kind: str
    college: int | None
    board_mandates: int
    on_board_until: date | None


@dataclass(frozen=True)
class Sitting:
    """A mandate that runs on the day of the new one."""

    member_id: str
    role: str
    college: int | None


@dataclass(frozen=True)
class Refused:
    """Why a mandate cannot start: a stable code and what to do."""

    code: str
    detail: str


def refusal(rules: Association, body: str, role: str, who: Candidate, sitting: Sequence[Sitting]) -> Refused | None:
    """Why this member may not take this seat of the body, where `sitting` sit already; None when they may."""
    if any(it.member_id == who.member_id and it.role == role for it in sitting):
        return Refused("sits_already", "This member holds this seat already")
    if body == BOARD:
        return _board(rules, who, sitting)
    if body == BUREAU:
        return _bureau(rules, role, who, sitting)
    if role == REFERENT and any(it.role == REFERENT for it in sitting):
        return Refused("role_taken", "The commission has a referent: end that mandate first")
    return None


def _board(rules: Association, who: Candidate, sitting: Sequence[Sitting]) -> Refused | None:
    college = rules.college(who.college)
    if rules.board is None or college is None or who.kind != "adherent":
        return Refused("no_college", "Only an adherent of a college sits on the board")
    if who.board_mandates > rules.board.renewals:
        most = rules.board.renewals + 1
        return Refused("mandate_limit", f"This person had {who.board_mandates} mandates; {most} are the limit")
    if sum(it.college == college.number for it in sitting) >= college.seats:
        return Refused("college_seats_taken", f"The {college.seats} seats of college {college.number} are taken")
    if len(sitting) >= rules.board.most:
        return Refused("board_full", f"The board has its {rules.board.most} members")
    return None


def _bureau(rules: Association, role: str, who: Candidate, sitting: Sequence[Sitting]) -> Refused | None:
    needed = rules.bureau[role].college
    if needed is not None and who.college != needed:
        return Refused("wrong_college", f"Only a member of college {needed} may be {role}")
    if who.on_board_until is None:
        return Refused("not_on_board", "The board elects its bureau among its own members")
    if any(it.role == role for it in sitting):
        return Refused("role_taken", f"There is a {role}: end that mandate first")
    if any(it.member_id == who.member_id for it in sitting):
        return Refused("sits_already", "This member has another function of the bureau")
    return None
