"""The software of an emergency department and the dispatch: book in one shot, choose, follow.

Needs httpx only. `CPTS_URL` is the gateway, `CPTS_TOKEN` a token of the role `ed`:

    CPTS_URL=http://127.0.0.1:8000 CPTS_TOKEN=$(make -s token ROLE=ed TERRITORY=pays-de-redon ORG=CHIRC) \
        python docs/examples/ed_client.py

It is run by tests/e2e/test_ed_client.py against a whole stack.
"""

import json
import os
import time
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import httpx

TRIES = 6


class DispatchClient:
    """One connection pool for the whole department. `token` is asked anew for each request: tokens end."""

    def __init__(self, url: str, token: Callable[[], str], timeout: float = 10) -> None:
        self._token = token
        self._http = httpx.Client(base_url=url, timeout=timeout)

    def post(self, path: str, body: dict[str, Any], key: str) -> httpx.Response:
        """Sends until it is answered. The key makes a repeat harmless: the same answer, one effect.

        Only what may pass is tried again: no answer, 429 and 503 with their Retry-After, 502 and 504. Any other
        status is an answer, to read.
        """
        wait, error = 0.2, None
        for _ in range(TRIES):
            try:
                answer = self._http.post(path, json=body, headers=self._headers() | {"Idempotency-Key": key})
                if answer.status_code not in (429, 502, 503, 504):
                    return answer
                wait, error = float(answer.headers.get("Retry-After", wait)), None
            except httpx.TransportError as lost:
                error = lost  # it may have been done: the key finds out
            time.sleep(wait)
            wait = min(wait * 2, 5)
        raise error or RuntimeError("the dispatch is not available: call the CPTS's number")

    def book(self, need: dict[str, Any], key: str | None = None) -> dict[str, Any]:
        """One shot. Read `state` of what comes back: booked, waiting, redirected or refused.

        Keep the key with the patient's file before sending: after a crash, send the same body with the same key.
        """
        answer = self.post("/v1/calls", {**need, "mode": "book"}, key or uuid4().hex)
        answer.raise_for_status()
        call: dict[str, Any] = answer.json()
        return call

    def choose(self, need: dict[str, Any], pick: Callable[[list[dict[str, Any]]], str]) -> dict[str, Any] | None:
        """Two steps: proposals, then the one that `pick` chooses (a slot id). None when nothing is left to choose."""
        answer = self.post("/v1/calls", {**need, "mode": "propose"}, uuid4().hex)
        answer.raise_for_status()
        call = answer.json()
        proposals = call["proposals"]
        while proposals:
            held = self.post(f"/v1/calls/{call['id']}/holds", {"slot_id": pick(proposals)}, uuid4().hex)
            if held.status_code == 409 and held.json()["code"] == "slot_taken":
                proposals = held.json()["alternatives"]  # taken by somebody else a moment ago: the next best
                continue
            held.raise_for_status()
            hold = held.json()
            # The patient agrees, within the time of `expires_at`. Then:
            booked = self.post(f"/v1/holds/{hold['id']}/confirm", {"token": hold["token"]}, uuid4().hex)
            if booked.status_code == 410:
                continue  # it took too long and the seat is free again: hold it, or another one, anew
            booked.raise_for_status()
            booking: dict[str, Any] = booked.json()
            return booking
        return None

    def state(self, call_id: str) -> str:
        """Polling: right after a restart, or where nothing may stay connected."""
        answer = self._http.get(f"/v1/calls/{call_id}", headers=self._headers())
        answer.raise_for_status()
        return str(answer.json()["state"])

    def follow(self, last_id: str | None = None, path: str = "/v1/events") -> Iterator[tuple[str, dict[str, Any]]]:
        """(id, event) for ever. Store the id with what the event changed: from there nothing is lost, after any break.

        A stream ends by itself every quarter of an hour, so that tokens are checked anew: coming back is ordinary.
        """
        while True:
            try:
                for event_id, event in self._listen(path, last_id):
                    last_id = event_id
                    yield event_id, event
            except httpx.TransportError:
                time.sleep(1)

    def _listen(self, path: str, last_id: str | None) -> Iterator[tuple[str, dict[str, Any]]]:
        headers = self._headers() | ({"Last-Event-ID": last_id} if last_id else {})
        # A comment comes every 15 s: 40 s of silence are a dead connection.
        with self._http.stream("GET", path, headers=headers, timeout=httpx.Timeout(10, read=40)) as answer:
            if answer.status_code in (429, 502, 503, 504):
                time.sleep(float(answer.headers.get("Retry-After", 1)))
                return
            answer.raise_for_status()
            event_id, data = last_id or "", ""
            for line in answer.iter_lines():
                name, _, value = line.partition(": ")
                if name == "id":
                    event_id = value
                elif name == "data":
                    data = value
                elif not line and data:
                    yield event_id, json.loads(data)
                    data = ""

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._token()}"}


NEED: dict[str, Any] = {
    "origin": "ed",
    "caller": {"organisation": "CHIRC", "professional_rpps": "99000000016"},
    "patient": {"ref": None, "age": 67, "commune": "35236", "regular_doctor_rpps": None, "mobility": "walks"},
    "need": {
        "profession": "10",
        "specialty": "general-practice",
        "reason": "otitis",
        "triage": {"scale": "FRENCH", "level": "5"},
        "red_flags": [],
        "senior_validation": True,
        "patient_agrees": True,
    },
    "constraints": {"max_distance_km": 30, "modes": ["AMB"], "not_before": None, "deadline": None},
}


def main() -> None:
    """Books one visit and prints what becomes of the department's calls."""
    client = DispatchClient(os.environ["CPTS_URL"], lambda: os.environ["CPTS_TOKEN"])
    call = client.book(NEED)
    print(call["state"], call["booking"] or call["redirect"] or call["relaxations"])  # noqa: T201
    for event_id, event in client.follow(path=f"/v1/calls/{call['id']}/events"):
        print(event_id, event)  # noqa: T201


if __name__ == "__main__":
    main()
