"""Calendars that effectors keep elsewhere, read by their address from a real server."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio
from dispatch_stage import DOCTOR, ELSEWHERE, HERE, NOW, OTHER_DOCTOR, Dispatch

from kit import outbound
from kit.testing.harness import until
from snp_dispatch.domain.busy_calendar import MESSAGES, BusyCalendarRules
from snp_dispatch.usecases.materialise import materialise
from snp_dispatch.usecases.read_calendars import Reader

PATH = f"/effectors/{DOCTOR}/busy-calendar"
URL = f"{PATH}/url"
MINE: dict[str, Any] = {"role": "practitioner", "rpps": DOCTOR}
SECRET = "private-5f0c9e"


def calendar(*times: str) -> bytes:
    events = "".join(
        f"BEGIN:VEVENT\r\nUID:{n}@x\r\nSUMMARY:Private\r\nDTSTART:{at}\r\nDURATION:PT1H\r\nEND:VEVENT\r\n"
        for n, at in enumerate(times)
    )
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{events}END:VCALENDAR\r\n".encode()


@dataclass
class Elsewhere:
    """A calendar server on this machine. `hangs` answers nothing."""

    body: bytes = calendar()
    status: int = 200
    etag: str | None = None
    hangs: bool = False
    heads: list[str] = field(default_factory=list)
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/{SECRET}/basic.ics"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        self.heads.append(head)
        if self.hangs:
            await reader.read()
        known = self.etag is not None and f"If-None-Match: {self.etag}" in head
        status, body = (304, b"") if known else (self.status, self.body)
        mark = f"ETag: {self.etag}\r\n" if self.etag else ""
        writer.write(f"HTTP/1.1 {status} x\r\nContent-Length: {len(body)}\r\n{mark}\r\n".encode() + body)
        await writer.drain()
        writer.close()


@pytest_asyncio.fixture
async def elsewhere(dispatch: Dispatch, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Elsewhere]:
    monkeypatch.setattr(dispatch.settings, "calendars_local", True)
    found = Elsewhere()
    server = await asyncio.start_server(found.serve, "127.0.0.1", 0)
    found.port = server.sockets[0].getsockname()[1]
    yield found
    server.close()


async def follow(dispatch: Dispatch, url: str, **caller: Any) -> Any:
    answer = await dispatch.put(URL, {"url": url}, **(caller or MINE))
    assert answer.status_code == 200, answer.text
    return answer.json()


async def read(dispatch: Dispatch, *, local: bool = True) -> int:
    """One round of the job, to its end."""
    reader = Reader(dispatch.rules, local=local)
    begun = int(await dispatch.system(lambda work: reader.run(work, dispatch.runtime.db, dispatch.runtime.keyring)))
    await reader.settle()
    return begun


async def shown(dispatch: Dispatch) -> Any:
    return await dispatch.get(URL, role="practitioner", claims={"rpps": DOCTOR})


async def states(dispatch: Dispatch) -> dict[str, str]:
    return {it["id"]: it["state"] for it in (await dispatch.get("/slots"))["items"]}


async def test_an_address_closes_slots_as_a_file_does(dispatch: Dispatch, elsewhere: Elsewhere) -> None:
    booked = (await dispatch.booked(1))["slot_id"]
    busy, free = await dispatch.slot(3), await dispatch.slot(5)
    elsewhere.body = calendar("20261124T090000Z", "20261124T110000Z")
    first = await follow(dispatch, elsewhere.url)
    assert (first["host"], first["result"], first["read_at"]) == ("127.0.0.1", None, None)
    assert await read(dispatch) == 1
    seen = await shown(dispatch)
    assert (seen["result"], seen["message"]) == ("read", MESSAGES["read"])
    assert (seen["periods"], seen["withdrawn"], seen["reopened"], seen["conflicts"]) == (2, 1, 0, [booked])
    assert seen["succeeded_at"] == seen["read_at"] == "2026-11-24T08:00:00Z"
    assert seen["next_read_at"] == "2026-11-24T08:30:00Z"
    assert await states(dispatch) == {booked: "booked", busy["id"]: "withdrawn", free["id"]: "free"}
    assert await read(dispatch) == 0
    dispatch.advance(minutes=30)
    assert await read(dispatch) == 1
    assert len(await dispatch.told("slot.withdrawn")) == 1


async def test_what_is_busy_no_more_is_open_again(dispatch: Dispatch, elsewhere: Elsewhere) -> None:
    """Slots by hand and recurring ones; also the hours that were busy before the slots were made."""
    elsewhere.body = calendar("20261124T110000Z", "20261125T090000Z")
    await follow(dispatch, elsewhere.url)
    by_hand = await dispatch.slot(3)
    await read(dispatch)
    hours = {
        "effector": {"rpps": DOCTOR}, "place": {"commune": "35236"}, "audience": ["CPTS"], "weekdays": [3],
        "starts": "09:00", "ends": "12:00", "slot_minutes": 60, "every_minutes": 60, "valid_until": "2026-11-26",
    }  # fmt: skip
    await dispatch.made("/availabilities", hours, role="coordinator")
    await dispatch.system(lambda work: materialise(work, dispatch.rules))
    assert sorted((await states(dispatch)).values()) == ["free", "free", "withdrawn"]
    elsewhere.body = calendar("20261125T080000Z")
    dispatch.advance(minutes=30)
    await read(dispatch)
    assert (await states(dispatch))[by_hand["id"]] == "free"
    slots = {it["starts_at"][8:13]: it["state"] for it in (await dispatch.get("/slots"))["items"]}
    assert slots == {"24T11": "free", "25T08": "withdrawn", "25T09": "free", "25T10": "free"}
    seen = await shown(dispatch)
    assert (seen["withdrawn"], seen["reopened"]) == (1, 2)
    told = await dispatch.told("slot.published")
    assert [it["body"].count(f'"slot_id":"{by_hand["id"]}"') for it in told].count(1) == 2
    assert (await dispatch.call(mode="book"))["booking"]["slot_id"] == by_hand["id"]


async def test_what_does_not_open_again(dispatch: Dispatch, elsewhere: Elsewhere) -> None:
    """Withdrawn for another reason; overlapped since, here or on another territory; in a closed period."""
    withdrawn, overlapped, abroad, closed, plain = [await dispatch.slot(n) for n in (3, 4, 5, 6, 7)]
    await dispatch.made(f"/slots/{withdrawn['id']}/withdraw", {"reason": "ill"}, role="coordinator", status=200)
    elsewhere.body = calendar(*(f"20261124T{n}0000Z" for n in (11, 12, 13, 14, 15)))
    await follow(dispatch, elsewhere.url)
    await read(dispatch)
    assert set((await states(dispatch)).values()) == {"withdrawn"}
    other = await dispatch.slot(4.25)
    body = {"place": {"commune": "17415"}, "role": "coordinator", "territory": ELSEWHERE}
    start = NOW + timedelta(hours=5)
    slot = {
        "effector": {"rpps": DOCTOR}, "starts_at": start.isoformat(), "mode": "AMB", "audience": ["PRO"],
        "ends_at": (start + timedelta(minutes=30)).isoformat(), "place": body["place"],
    }  # fmt: skip
    await dispatch.made("/slots", slot, role="coordinator", territory=ELSEWHERE)
    span = {"starts_at": (NOW + timedelta(hours=6)).isoformat(), "ends_at": (NOW + timedelta(hours=7)).isoformat()}
    await dispatch.made(f"/effectors/{DOCTOR}/closures", {**span, "reason": "ill"}, role="coordinator")
    await dispatch.made(f"{URL}/remove", status=200, **MINE)
    found = await states(dispatch)
    assert {it for it, state in found.items() if state == "free"} == {other["id"], plain["id"]}
    assert all(found[it["id"]] == "withdrawn" for it in (withdrawn, overlapped, abroad, closed))


async def test_unchanged_calendars_are_not_sent_again(dispatch: Dispatch, elsewhere: Elsewhere) -> None:
    elsewhere.etag, elsewhere.body = '"abc"', calendar("20261124T110000Z")
    await follow(dispatch, elsewhere.url)
    await read(dispatch)
    dispatch.advance(minutes=30)
    await read(dispatch)
    seen = await shown(dispatch)
    assert (seen["result"], seen["periods"], seen["failures"]) == ("unchanged", 1, 0)
    assert ["If-None-Match" in head for head in elsewhere.heads] == [False, True]
    # New days come into view as time passes: twice a day the whole is asked for.
    dispatch.advance(hours=12)
    await read(dispatch)
    assert "If-None-Match" not in elsewhere.heads[-1]
    assert (await shown(dispatch))["result"] == "read"


@pytest.mark.parametrize(
    ("changes", "result"),
    [
        ({"status": 404}, "status"),
        ({"status": 500}, "status"),
        ({"body": b"<html>Please sign in</html>"}, "not_a_calendar"),
        ({"body": b""}, "not_a_calendar"),
        ({"body": b"x" * 500_001}, "too_large"),
        ({"hangs": True}, "timeout"),
    ],
)
async def test_an_address_that_fails_keeps_what_it_told_and_is_put_off(
    dispatch: Dispatch, elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch, changes: Any, result: str
) -> None:
    monkeypatch.setitem(dispatch.rules.busy_calendars, HERE, BusyCalendarRules(seconds=1))
    slot = await dispatch.slot(3)
    elsewhere.body = calendar("20261124T110000Z")
    await follow(dispatch, elsewhere.url)
    await read(dispatch)
    for name, value in changes.items():
        setattr(elsewhere, name, value)
    waits = []
    dispatch.advance(minutes=30)
    for _ in range(3):
        assert await read(dispatch) == 1
        seen = await shown(dispatch)
        assert (seen["result"], seen["message"]) == (result, MESSAGES[seen["result"]])
        assert seen["status"] == changes.get("status")
        wait = (await dispatch.rows("SELECT next_read_at FROM busy_calendar"))[0]["next_read_at"] - dispatch.clock.now()
        waits.append(wait / timedelta(minutes=1))
        dispatch.advance(minutes=waits[-1])
    assert (waits, seen["failures"]) == ([60, 120, 240], 3)
    assert seen["succeeded_at"] == "2026-11-24T08:00:00Z"
    assert (await states(dispatch))[slot["id"]] == "withdrawn"
    assert len(await dispatch.rows("SELECT 1 FROM busy_period")) == 1


async def test_a_server_that_hangs_keeps_no_other_waiting(
    dispatch: Dispatch, elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(dispatch.rules.busy_calendars, HERE, BusyCalendarRules(seconds=20))
    hanging = Elsewhere(hangs=True)
    server = await asyncio.start_server(hanging.serve, "127.0.0.1", 0)
    hanging.port = server.sockets[0].getsockname()[1]
    await follow(dispatch, hanging.url)
    answer = await dispatch.put(f"/effectors/{OTHER_DOCTOR}/busy-calendar/url", {"url": elsewhere.url})
    assert answer.status_code == 200
    reader = Reader(dispatch.rules, local=True)
    run = reader.run
    assert await dispatch.system(lambda work: run(work, dispatch.runtime.db, dispatch.runtime.keyring)) == 2

    async def other_read() -> bool:
        rows = await dispatch.rows("SELECT result FROM busy_calendar WHERE effector_id = $1", OTHER_DOCTOR)
        return bool(rows[0]["result"] == "read")

    await until(other_read)
    assert (await shown(dispatch))["result"] is None
    server.close()
    for task in list(reader._reading):
        task.cancel()


async def test_two_workers_read_an_address_once(dispatch: Dispatch, elsewhere: Elsewhere) -> None:
    await follow(dispatch, elsewhere.url)
    begun = await asyncio.gather(*(read(dispatch) for _ in range(4)))
    assert sorted(begun) == [0, 0, 0, 1]
    assert len(elsewhere.heads) == 1


async def test_a_worker_that_died_leaves_the_address_due(dispatch: Dispatch, elsewhere: Elsewhere) -> None:
    await follow(dispatch, elsewhere.url)
    await dispatch.rows("UPDATE busy_calendar SET next_read_at = $1 RETURNING 1", NOW + timedelta(minutes=2))
    assert await read(dispatch) == 0
    dispatch.advance(minutes=2)
    assert await read(dispatch) == 1


async def test_an_answer_that_comes_after_the_address_was_changed_does_nothing(
    dispatch: Dispatch, elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The old calendar is read while its owner sets another one, or removes it."""
    slot = await dispatch.slot(3)
    elsewhere.body = calendar("20261124T110000Z")
    real = outbound.get

    async def slow(*args: Any, **named: Any) -> Any:
        answer = await real(*args, **named)
        if not changed:
            changed.append(await dispatch.put(URL, {"url": elsewhere.url + "?new"}, **MINE))
        return answer

    changed: list[Any] = []
    monkeypatch.setattr(outbound, "get", slow)
    await follow(dispatch, elsewhere.url)
    await read(dispatch)
    assert (await shown(dispatch))["result"] is None
    assert (await states(dispatch))[slot["id"]] == "free"
    await read(dispatch)
    assert (await shown(dispatch))["result"] == "read"


async def test_imports_and_readings_at_once_leave_one_calendar(dispatch: Dispatch, elsewhere: Elsewhere) -> None:
    """Four files and the removal of an address, by real connections: each replaces the whole, none fails."""
    for n in range(4):
        await dispatch.slot(3 + n)
    file = {"calendar": calendar("20261124T110000Z", "20261124T130000Z").decode()}
    answers = await asyncio.gather(*(dispatch.post(PATH, file, **MINE) for _ in range(6)))
    assert {it.status_code for it in answers} == {200}
    assert len(await dispatch.rows("SELECT 1 FROM busy_period")) == 2
    assert sorted((await states(dispatch)).values()) == ["free", "free", "withdrawn", "withdrawn"]
    assert len(await dispatch.told("slot.withdrawn")) == 2


@pytest.mark.parametrize("round_", range(4))
async def test_an_address_is_removed_while_it_is_read(dispatch: Dispatch, elsewhere: Elsewhere, round_: int) -> None:
    """Whoever comes first: in the end nothing of the calendar is left, and nobody waits for the other in a circle."""
    slots = [await dispatch.slot(3 + n) for n in range(3)]
    elsewhere.body = calendar("20261124T110000Z", "20261124T120000Z", "20261124T130000Z")
    await follow(dispatch, elsewhere.url)
    await read(dispatch)
    dispatch.advance(minutes=30)
    removed, _ = await asyncio.gather(dispatch.post(f"{URL}/remove", **MINE), read(dispatch))
    assert removed.status_code == 200, removed.text
    assert await dispatch.rows("SELECT 1 FROM busy_calendar") == []
    assert await dispatch.rows("SELECT 1 FROM busy_period") == []
    assert await states(dispatch) == {it["id"]: "free" for it in slots}


async def test_a_file_and_an_address_do_not_undo_each_other(dispatch: Dispatch, elsewhere: Elsewhere) -> None:
    file = {"calendar": calendar("20261124T110000Z").decode()}
    slot = await dispatch.slot(3)
    await dispatch.made(PATH, file, status=200, **MINE)
    await follow(dispatch, elsewhere.url)
    assert await dispatch.refused(PATH, file, **MINE) == (409, "busy_calendar_followed")
    await read(dispatch)
    assert (await states(dispatch))[slot["id"]] == "free"
    await dispatch.made(f"{URL}/remove", status=200, **MINE)
    done = await dispatch.made(PATH, file, status=200, **MINE)
    assert done["withdrawn"] == [slot["id"]]
    http = await dispatch.client(**MINE)
    assert (await http.get(f"/v1{URL}")).json()["code"] == "busy_calendar_not_found"


@pytest.mark.parametrize("url", [
    "http://calendar.example.org/a.ics", "https://me:secret@calendar.example.org/a.ics", "file:///etc/passwd",
    "https://calendar.example.org:8080/a.ics", "calendar", "https://",
])  # fmt: skip
async def test_addresses_that_are_not_taken(dispatch: Dispatch, url: str) -> None:
    answer = await dispatch.put(URL, {"url": url}, **MINE)
    assert (answer.status_code, answer.json()["code"]) == (422, "address_refused")
    assert url not in answer.text


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]", "169.254.169.254", "10.0.0.1", "2130706433"])
async def test_an_address_inside_is_never_asked(dispatch: Dispatch, host: str) -> None:
    await follow(dispatch, f"https://{host}/{SECRET}")
    await read(dispatch, local=False)
    seen = await shown(dispatch)
    assert (seen["result"], seen["failures"]) == ("address_refused", 1)
    assert seen["message"].startswith("The address leads")


async def test_the_address_is_a_secret(
    dispatch: Dispatch, elsewhere: Elsewhere, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    """Sealed in the database, in no answer, event or log line; a row that was moved does not open."""
    caplog.set_level("DEBUG")
    elsewhere.status = 403
    answers = [await follow(dispatch, elsewhere.url)]
    await read(dispatch)
    answers += [await shown(dispatch), await dispatch.made(f"{URL}/remove", status=200, **MINE)]
    await follow(dispatch, elsewhere.url)
    (row,) = await dispatch.rows("SELECT busy_calendar::text AS row, sealed FROM busy_calendar")
    kept = await dispatch.rows("SELECT body::text AS body FROM outbox UNION ALL SELECT i::text FROM idempotency i")
    said = capfd.readouterr()
    for text in (str(answers), row["row"], row["sealed"].hex(), str(kept), said.out, said.err, caplog.text):
        assert SECRET not in text
        assert SECRET.encode().hex() not in text
    await dispatch.rows("UPDATE busy_calendar SET effector_id = $1 RETURNING 1", OTHER_DOCTOR)
    await read(dispatch)
    assert await dispatch.rows("SELECT result FROM busy_calendar") == [{"result": "sealed"}]


async def test_an_address_is_for_the_owner_of_the_agenda(dispatch: Dispatch, elsewhere: Elsewhere) -> None:
    await follow(dispatch, elsewhere.url)
    other = {"role": "practitioner", "rpps": OTHER_DOCTOR}
    http, body = await dispatch.client(**other), {"url": elsewhere.url}
    put = await dispatch.put(URL, body, **other)
    seen = await http.get(f"/v1{URL}")
    assert [(it.status_code, it.json()["code"]) for it in (put, seen)] == [(403, "not_your_agenda")] * 2
    assert await dispatch.refused(f"{URL}/remove", **other) == (403, "not_your_agenda")
    assert (await dispatch.put(URL, body, role="ed")).status_code == 403
    far = await dispatch.client("coordinator", territory=ELSEWHERE)
    assert (await far.get(f"/v1{URL}")).status_code == 404
    unknown = await dispatch.put("/effectors/99000009999/busy-calendar/url", body)
    assert (unknown.status_code, unknown.json()["code"]) == (404, "effector_unknown")
    assert (await dispatch.get(URL, role="coordinator"))["host"] == "127.0.0.1"
