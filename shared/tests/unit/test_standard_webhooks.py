"""Signatures are those of the public library."""

import os
from datetime import UTC, datetime

from standardwebhooks import Webhook

from kit.standard_webhooks import refusal, secret_of

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
BODY = '{"ref": "é"}'


def test_what_the_library_signs_is_taken() -> None:
    key, other = os.urandom(32), os.urandom(32)
    signed = Webhook(secret_of(key)).sign("m-1", NOW, BODY)
    headers = ("m-1", str(int(NOW.timestamp())), signed)
    assert refusal([other, key], headers, BODY.encode(), NOW) is None
    assert refusal([other], headers, BODY.encode(), NOW) == "wrong_signature"
    assert refusal([key], headers, BODY.encode() + b" ", NOW) == "wrong_signature"
    assert refusal([key], ("m-2", *headers[1:]), BODY.encode(), NOW) == "wrong_signature"
    assert refusal([key], ("", *headers[1:]), BODY.encode(), NOW) == "unsigned"
