"""Identifiers that sort by time of creation (UUIDv7, RFC 9562 section 5.7), which keeps index pages warm."""

import secrets
from datetime import datetime
from uuid import UUID

_RANDOM_BITS = 74
_last = {"milliseconds": -1, "random": 0}


def new_id(now: datetime) -> UUID:
    """A UUIDv7: 48 bits of milliseconds since 1970, then random bits.

    Ids that a process makes within one millisecond sort in the order in which they were made (section 6.2, method 2).
    """
    milliseconds = int(now.timestamp() * 1000)
    random = _in_order(milliseconds, secrets.randbits(_RANDOM_BITS))
    head, tail = random >> 62, random & ((1 << 62) - 1)
    return UUID(int=milliseconds << 80 | 0x7 << 76 | head << 64 | 0x2 << 62 | tail)


def _in_order(milliseconds: int, random: int) -> int:
    """The random bits, or a random step beyond those of the same millisecond's last id."""
    if milliseconds == _last["milliseconds"]:
        beyond = _last["random"] + 1 + (random >> 42)
        random = beyond if beyond < 1 << _RANDOM_BITS else random
    _last.update(milliseconds=milliseconds, random=random)
    return random
