"""Signatures of Standard Webhooks 1.0 (standardwebhooks.com): HMAC-SHA256 over `id.timestamp.body`, version v1.

The public library reads the machine's clock and knows one secret at a time: tests compare with it.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Literal

PREFIX = "whsec_"
TOLERANCE = timedelta(minutes=5)
"""How far a message's time may be from ours, either way."""
Refusal = Literal["unsigned", "wrong_signature", "out_of_time", "replayed"]
_ID = re.compile(r"[\x21-\x7e]{1,128}\Z")
_TIMESTAMP = re.compile(r"[0-9]{1,11}\Z")


def secret_of(key: bytes) -> str:
    """The secret as it is given to who signs or verifies."""
    return PREFIX + base64.b64encode(key).decode()


def key_of(secret: str) -> bytes:
    """The key in a secret."""
    return base64.b64decode(secret.removeprefix(PREFIX))


def signature(key: bytes, message_id: str, timestamp: str, body: bytes) -> str:
    """One signature, as it stands in the header `webhook-signature`."""
    signed = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()


def refusal(
    keys: Iterable[bytes], headers: tuple[str | None, str | None, str | None], body: bytes, now: datetime
) -> Refusal | None:
    """Why a message with these headers (id, timestamp, signature) is not taken; None when it is genuine and fresh."""
    message_id, timestamp, given = headers
    if not message_id or not timestamp or not given or not _ID.match(message_id) or not _TIMESTAMP.match(timestamp):
        return "unsigned"
    wanted = [signature(key, message_id, timestamp, body).encode() for key in keys]
    offered = [it.encode() for it in given.split()[:8]]
    if not any(hmac.compare_digest(one, other) for one in wanted for other in offered):
        return "wrong_signature"
    if abs(now.timestamp() - int(timestamp)) > TOLERANCE.total_seconds():
        return "out_of_time"
    return None
