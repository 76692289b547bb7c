"""Where what a territory attests and what the national source says differ: shown side by side, settled by a person."""

import re
from collections.abc import Sequence
from typing import Literal, NamedTuple

from directory.domain.names import normalise
from directory.domain.statements import Compared

State = Literal["agrees", "open", "resolved"]
Kept = Literal["attested", "national"]


class Sides(NamedTuple):
    """Both values. A person may have several national ones (places of practice): agreeing with one is enough."""

    attested: str
    national: Sequence[str]


def differ(compared: Compared, sides: Sides) -> bool:
    """Whether the national source says something else. One that is silent contradicts nothing."""
    comparable = _COMPARABLE.get(compared, str)
    return bool(sides.national) and comparable(sides.attested) not in {comparable(it) for it in sides.national}


def state_after(compared: Compared, now: Sides, before: State | None, settled: Sides | None) -> State:
    """The state of a comparison made again. One that a person settled stays so until either side says another thing."""
    if not differ(compared, now):
        return "agrees"
    if before == "resolved" and settled == now:
        return "resolved"
    return "open"


def _digits(phone: str) -> str:
    """A French number in one form: `+33 2 99...`, `0033 2...` and `02 99...` are the same."""
    return re.sub(r"^(\+|00)33\s*\(?0?\)?", "0", phone.strip()).translate({ord(sign): None for sign in " .-/()"})


_COMPARABLE = {"phone": _digits, "site_name": normalise}
