"""One signed POST (Standard Webhooks): which files there are, where to fetch them, their digests; no figure in it.

Its id is the key of the delivery: who gets it twice knows it by that.
"""

import orjson

from indicators.destinations import DeliveryError, Means, Parcel
from indicators.domain.exports import Webhook
from kit.outbound import OutboundError, post
from kit.standard_webhooks import key_of, signature

_SECONDS, _MOST = 30.0, 10_000
_LATER = frozenset({408, 409, 425, 429})
"""Statuses of a refusal that may pass."""


async def deliver(parcel: Parcel, destination: Webhook, means: Means) -> str:
    """The receipt is the status that was answered. Raises DeliveryError."""
    files = [{**it, "url": f"{means.link}/files/{it['name']}"} for it in parcel.manifest["files"]]
    told = {"type": "export.delivered", "timestamp": means.now, "data": {**parcel.manifest, "files": files}}
    body = orjson.dumps(told)
    try:
        answer = await post(
            means.secret(destination.url_env),
            headers=_signed(parcel, means.secret(destination.secret_env), body, means),
            body=body,
            max_bytes=_MOST,
            seconds=_SECONDS,
            local=means.local,
        )
    except OutboundError as error:
        raise DeliveryError(error.code, final=error.code == "address_refused") from None
    if not 200 <= answer.status < 300:
        raise DeliveryError(f"http_{answer.status}", final=400 <= answer.status < 500 and answer.status not in _LATER)
    return f"HTTP {answer.status}"


def _signed(parcel: Parcel, secret: str, body: bytes, means: Means) -> dict[str, str]:
    try:
        key = key_of(secret)
    except ValueError:
        raise DeliveryError("secret_unreadable", final=True) from None
    at = str(int(means.now.timestamp()))
    return {
        "Content-Type": "application/json",
        "webhook-id": parcel.key,
        "webhook-timestamp": at,
        "webhook-signature": signature(key, parcel.key, at, body),
    }
