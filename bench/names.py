"""How the seeded rows are called."""

from hashlib import md5
from uuid import UUID

CALL_PREFIX, SLOT_PREFIX = "bench-call-", "bench-slot-"


def call(number: int) -> str:
    """Id of the seeded call of this number, from 1."""
    return _id(CALL_PREFIX, number)


def slot(number: int) -> str:
    """Id of the seeded slot of this number, from 1 to 52,500: the asked territory's, all within 48 hours."""
    return _id(SLOT_PREFIX, number)


def _id(prefix: str, number: int) -> str:
    return str(UUID(md5(f"{prefix}{number}".encode(), usedforsecurity=False).hexdigest()))
