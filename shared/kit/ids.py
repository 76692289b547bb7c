"""Identifiers that sort by time of creation (UUIDv7, RFC 9562 section 5.7), which keeps index pages warm."""

import os
from collections.abc import Callable
from datetime import datetime
from uuid import UUID


def new_id(now: datetime, entropy: Callable[[int], bytes] = os.urandom) -> UUID:
    """A UUIDv7: 48 bits of milliseconds since 1970, then random bits."""
    milliseconds = int(now.timestamp() * 1000)
    value = (milliseconds << 80) | int.from_bytes(entropy(10), "big")
    value = (value & ~(0xF << 76)) | (0x7 << 76)
    value = (value & ~(0x3 << 62)) | (0x2 << 62)
    return UUID(int=value)
