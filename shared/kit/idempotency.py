"""Idempotency-Key: a POST repeated with the same key is done once and answered the same.

The key is claimed in the transaction of the effect: an equal request in flight waits on the unique
index, then replays the committed answer; a refusal (4xx, 5xx) rolls back and leaves no trace, so the
same key may be tried again.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import orjson

from kit import outbox
from kit.problems import Problem

if TYPE_CHECKING:
    from kit.work import Work

MAX_KEY = 255


def take(values: str) -> str:
    """The statement that claims a key; `values` are territory, client, route, key, fingerprint and instant in SQL."""
    columns = "territory, client, route, key, fingerprint, created_at"
    return f"INSERT INTO idempotency ({columns}) VALUES ({values}) ON CONFLICT DO NOTHING"


_FIND = """
SELECT fingerprint, status, body FROM idempotency WHERE territory = $1 AND client = $2 AND route = $3 AND key = $4
"""
ANSWER = """
UPDATE idempotency SET status = $5, body = $6 WHERE territory = $1 AND client = $2 AND route = $3 AND key = $4
"""
TELL_AND_ANSWER = f"WITH told AS ({outbox.insert(7)}) {ANSWER.strip()}"


class Replay(Exception):
    """Not an error: this key was answered before, with this status and body."""

    def __init__(self, status: int, body: bytes) -> None:
        self.status, self.body = status, body


@dataclass
class Claim:
    """One key of the caller on one route. `fingerprint` tells whether a repeat is the same request."""

    route: str
    key: str
    fingerprint: bytes

    async def begin(self, work: "Work", begin: str) -> None:
        """Begins the transaction by `begin` and claims the key or waits for its owner, in one round trip.

        Raises Replay, or Problem 422 when the request differs.
        """
        scope = self._scope(work)
        values = [*map(_literal, scope), f"'\\x{self.fingerprint.hex()}'", f"'{work.now.isoformat()}'"]
        # Several statements at once take no parameters, hence the literals.
        if await work.execute(f"{begin}; {take(', '.join(values))}") == "INSERT 0 1":
            return
        found = await work.fetchrow(_FIND, *scope)
        if found is None or found["status"] is None:
            raise Problem(503, "try_again", "An equal request was just withdrawn", headers={"Retry-After": "1"})
        if found["fingerprint"] != self.fingerprint:
            raise Problem(422, "idempotency_key_reused", "This Idempotency-Key came before with another request")
        raise Replay(found["status"], found["body"])

    async def answer(self, work: "Work", status: int, body: bytes, events: list[outbox.Row]) -> None:
        """Keeps the answer and tells the events, in the same transaction as the effect and in one statement."""
        if events:
            await work.execute(TELL_AND_ANSWER, *self._scope(work), status, body, *outbox.columns(events))
        else:
            await work.execute(ANSWER, *self._scope(work), status, body)

    def _scope(self, work: "Work") -> tuple[str, str, str, str]:
        if work.caller is None:
            raise RuntimeError("a keyed request needs an authenticated caller before its first statement")
        return work.territory, work.caller.subject, self.route, self.key


def _literal(text: str) -> str:
    """A text as SQL (standard_conforming_strings, PostgreSQL's default: only the quote is special)."""
    if "\0" in text:
        raise Problem(422, "invalid_value", "A NUL character cannot be stored")
    return "'" + text.replace("'", "''") + "'"


def canonical(path: str, body: bytes) -> bytes:
    """What was asked, for a keyed digest: a plain one of a name could be guessed.

    JSON is compared by meaning, not by white space or order of members.
    """
    try:
        content = orjson.dumps(orjson.loads(body), option=orjson.OPT_SORT_KEYS) if body else b""
    except orjson.JSONDecodeError:
        content = body
    return path.encode() + b"\0" + content


async def purge(work: "Work", hours: int) -> int:
    """Forgets keys older than `hours`. Answers how many."""
    tag = await work.execute(
        "DELETE FROM idempotency WHERE created_at < $1::timestamptz - make_interval(hours => $2)", work.now, hours
    )
    return int(tag.split()[-1])
