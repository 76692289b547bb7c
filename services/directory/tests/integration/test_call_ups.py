"""Call-ups of volunteers: whom they call and why not the others, waves by real mail, answers by link, the roster."""

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio
from directory_post import post, sink
from freshness_stage import SCOPES, Calendar, Quarter

from contracts.envelope import NATIONAL
from directory.usecases.call_volunteers import call_volunteers

CRISIS = (*SCOPES, "crisis:read", "crisis:write", "shifts:take")
_LINK = re.compile(r"http://127\.0\.0\.1:8000(/v1/call-up-answers/[a-z-]+~[A-Za-z0-9_-]{43})")
NURSE = "60"


class Calling(Quarter):
    """The directory with its mail, and the verbs of a call-up."""

    people: list[str]

    def body(self, **change: Any) -> dict[str, Any]:
        starts = self.calendar.now() + timedelta(days=1)
        times = {"needed_from": starts.isoformat(), "needed_until": (starts + timedelta(hours=8)).isoformat()}
        sizes = {"wanted": 2, "wave_size": 1, "wave_minutes": 10, "radius_km": 30}
        return {"title": "Renfort", "professions": [NURSE], "commune": "35236", **sizes, **times, **change}

    async def call_up(self, **change: Any) -> str:
        return str((await self.post("/call-ups", self.body(**change), status=201))["id"])

    async def look(self, minutes: int = 0) -> list[Any]:
        """What the job and the mail server do some minutes later; answers the mails."""
        self.calendar.at += timedelta(minutes=minutes)
        self.box.mails.clear()
        runtime = self.directory.runtime
        async with runtime.system.work(NATIONAL) as work:
            await call_volunteers(work, runtime.keyring, runtime.extras["reference"], runtime.settings.public_url)
        while await post(self.directory):
            pass
        return list(self.box.mails)

    def links(self) -> list[str]:
        found = [_LINK.search(mail.get_content()) for mail in self.box.mails]
        return [it[1] for it in found if it]

    async def roster(self, seats: int = 1) -> tuple[str, str]:
        """A roster with one shift inside the time of a call-up."""
        starts = self.calendar.now() + timedelta(days=1, hours=1)
        body = {"name": "Centre", "kind": "vaccination", "commune": "35236", "starts_on": str(starts.date())}
        roster = await self.post("/rosters", body | {"ends_on": str(starts.date())}, status=201)
        shift = {"starts_at": starts.isoformat(), "ends_at": (starts + timedelta(hours=3)).isoformat(), "seats": seats}
        added = await self.post(f"/rosters/{roster['id']}/shifts", {"shifts": [shift]}, status=201)
        return roster["id"], added["ids"][0]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def calling(start: Any, new_settings: Any, templates: Any, issuer: Any) -> AsyncIterator[Calling]:
    async with sink() as server:
        mail = {"smtp_host": "127.0.0.1", "smtp_port": server.port, "smtp_tls": "none", "mail_from": "cpts@example.org"}
        settings = await new_settings(templates.sampled, **mail)
        calendar = Calendar()
        calendar.at = datetime(2026, 11, 30, 8, tzinfo=UTC)
        async with (
            start(settings, issuer, calendar) as directory,
            directory.connect(*CRISIS, role="coordinator", sub="coordinator") as http,
        ):
            stage = Calling(directory, calendar, server, http)
            draft = await stage.call_up()
            nearest = (await stage.get(f"/call-ups/{draft}/preview"))["nearest"]
            stage.people = [it["rpps"] for it in nearest]
            for rpps in stage.people[:3]:
                await stage.channel(rpps, "alerts")
            yield stage


@pytest.fixture(autouse=True)
async def next_week(calling: Calling) -> AsyncIterator[None]:
    """Each test has its week; what it opened is over by then."""
    yield
    calling.calendar.at += timedelta(days=7)
    await calling.look()


async def test_who_is_called_and_why_the_others_are_not(calling: Calling) -> None:
    draft = await calling.call_up(radius_km=1)
    preview = await calling.get(f"/call-ups/{draft}/preview")
    distances = [it["distance_km"] for it in preview["nearest"]]
    assert distances == sorted(distances)
    assert all(it <= 1 for it in distances)
    assert preview["not_called"]["profession_not_wanted"] > 0
    assert preview["not_called"]["too_far"] > 0
    wider = await calling.get(f"/call-ups/{await calling.call_up(radius_km=60)}/preview")
    assert wider["count"] >= preview["count"] + preview["not_called"]["too_far"] > preview["count"]
    capable = await calling.call_up(capabilities=["languages=br"])
    assert (await calling.get(f"/call-ups/{capable}/preview"))["not_called"]["capability_missing"] > 0
    specialty = await calling.call_up(professions=[], specialties=["general-practice"])
    assert (await calling.get(f"/call-ups/{specialty}/preview"))["not_called"]["specialty_not_wanted"] > 0


async def test_call_ups_are_listed_as_they_stood(calling: Calling) -> None:
    before = calling.calendar.at
    calling.calendar.at += timedelta(minutes=1)
    call_up, drafted = await calling.call_up(), calling.calendar.at
    calling.calendar.at += timedelta(minutes=1)
    await calling.post(f"/call-ups/{call_up}/start")
    states = []
    for at in (before, drafted, calling.calendar.at):
        listed = await calling.get("/call-ups", at=at.isoformat())
        states.append([it["state"] for it in listed["items"] if it["id"] == call_up])
    assert states == [[], ["draft"], ["open"]]


async def test_waves_go_to_the_nearest_until_enough_are_available(calling: Calling) -> None:
    call_up = await calling.call_up()
    assert (await calling.post(f"/call-ups/{call_up}/start"))["state"] == "open"
    await calling.post(f"/call-ups/{call_up}/start")  # nothing happens twice
    (first,) = await calling.look()
    assert "Renfort" in first["Subject"]
    assert await calling.look(minutes=1) == []
    (second,) = await calling.look(minutes=10)
    assert second["To"] != first["To"]
    (link,) = calling.links()
    assert (await calling.open(link)).status_code == 200
    assert (await calling.get(f"/call-ups/{call_up}"))["counts"][0]["available"] == 0  # opening records nothing
    page = await calling.answer(link, available="yes")
    assert (page.status_code, "vous êtes disponible" in page.text) == (200, True)
    phoned = f"/v1/call-ups/{call_up}/answers/{calling.people[-1]}"
    assert (await calling.http.put(phoned, json={"available": True})).status_code == 200
    assert await calling.look(minutes=10) == []  # two are wanted, two are available
    progress = await calling.get(f"/call-ups/{call_up}")
    total = progress["counts"][0]
    assert (total["profession"], total["asked"], total["waiting"], total["available"]) == (None, 2, 1, 2)
    assert total["to_phone"] == total["called"] - 3
    assert (progress["wave"], progress["not_called"]["profession_not_wanted"] > 0) == (2, True)
    await calling.answer(link, available="no")
    assert len(await calling.look(minutes=10)) == 1  # one too few again: the third is asked
    batch = await calling.get("/messages", batch=call_up)
    assert len(batch["items"]) == 3


async def test_the_next_wave_can_be_hurried_and_a_closed_call_up_answers_no_link(calling: Calling) -> None:
    call_up = await calling.call_up()
    assert (await calling.post(f"/call-ups/{call_up}/next-wave", status=409))["code"] == "call_up_over"
    await calling.post(f"/call-ups/{call_up}/start")
    await calling.look()
    (link,) = calling.links()
    await calling.post(f"/call-ups/{call_up}/next-wave")
    assert len(await calling.look()) == 1
    closed = await calling.post(f"/call-ups/{call_up}/close")
    assert (await calling.post(f"/call-ups/{call_up}/close"))["version"] == closed["version"]
    assert [(await calling.open(link)).status_code, (await calling.answer(link, available="yes")).status_code] == [
        410
    ] * 2
    altered = link[:-2] + ("AA" if not link.endswith("AA") else "BB")
    assert (await calling.open(altered)).status_code == 404
    assert (await calling.open(link.replace("pays-de-redon", "haute-saintonge"))).status_code == 404
    assert (await calling.open(link.replace("pays-de-redon", "nowhere"))).status_code == 404


async def test_it_closes_by_itself_and_two_workers_send_a_wave_once(calling: Calling) -> None:
    call_up = await calling.call_up()
    await calling.post(f"/call-ups/{call_up}/start")
    runtime = calling.directory.runtime

    async def job() -> int:
        async with runtime.system.work(NATIONAL) as work:
            return await call_volunteers(work, runtime.keyring, runtime.extras["reference"], "http://x")

    await asyncio.gather(job(), job())
    assert (await calling.get(f"/call-ups/{call_up}"))["counts"][0]["asked"] == 1
    await calling.look(minutes=60 * 48)
    assert (await calling.get(f"/call-ups/{call_up}"))["state"] == "closed"


async def test_a_page_with_a_bad_answer_comes_back_with_what_is_wrong(calling: Calling) -> None:
    call_up = await calling.call_up()
    await calling.post(f"/call-ups/{call_up}/start")
    await calling.look()
    (link,) = calling.links()
    for form in ({"available": "maybe"}, {"available": "yes", "from": "soon"}, {"shift": "nope"}):
        answer = await calling.answer(link, **form)
        assert (answer.status_code, 'class="fault"' in answer.text) == (422, True)
    early = {"available": "yes", "from": "2020-01-01T08:00", "until": "2020-01-01T09:00"}
    assert (await calling.answer(link, **early)).status_code == 422
    assert (await calling.answer(link, shift=str(uuid4()))).status_code == 422
    starts = calling.calendar.now() + timedelta(days=1, hours=2)
    part = {"available": "yes", "from": starts.strftime("%Y-%m-%dT%H:%M")}
    assert (await calling.answer(link, **part)).status_code == 200
    (person,) = (await calling.get(f"/call-ups/{call_up}/people", available=True))["items"]
    assert datetime.fromisoformat(person["available_from"]) == starts - timedelta(hours=1)  # written in Paris time
    assert person["answered_by"] == f"link:{person['rpps']}"


async def test_a_volunteer_takes_a_shift_by_the_link_and_the_last_seat_goes_to_one(calling: Calling) -> None:
    roster, shift = await calling.roster(seats=1)
    call_up = await calling.call_up(roster_id=roster, wave_size=2)
    await calling.post(f"/call-ups/{call_up}/start")
    await calling.look()
    links = calling.links()
    assert len(links) == 2
    for link in links:
        assert "Je prends ce créneau" in (await calling.answer(link, available="yes")).text
    pages = await asyncio.gather(*(calling.answer(link, shift=shift) for link in links))
    assert sorted(page.status_code for page in pages) == [200, 422]
    assert (await calling.get(f"/call-ups/{call_up}"))["roster"] == {"seats": 1, "taken": 1}
    _, other = await calling.roster()
    assert (await calling.answer(links[0], shift=other)).status_code == 422


async def test_the_coordinator_fills_the_roster_with_who_is_available(calling: Calling) -> None:
    roster, shift = await calling.roster(seats=2)
    call_up = await calling.call_up(roster_id=roster)
    await calling.post(f"/call-ups/{call_up}/start")
    half = {"available": True, "ends_at": (calling.calendar.now() + timedelta(days=1, hours=2)).isoformat()}
    for rpps, said in zip(calling.people, ({"available": True}, half, {"available": False}), strict=False):
        answer = await calling.http.put(f"/v1/call-ups/{call_up}/answers/{rpps}", json=said)
        assert answer.status_code == 200, answer.text
    filled = await calling.post(f"/call-ups/{call_up}/fill")
    assert filled["given"] == [{"shift_id": shift, "rpps": calling.people[0], "refused": None}]
    assert filled["roster"] == {"seats": 2, "taken": 1}
    assert (await calling.post(f"/call-ups/{call_up}/fill"))["given"] == []
    without = await calling.call_up()
    assert (await calling.post(f"/call-ups/{without}/fill", status=409))["code"] == "no_roster"


async def test_a_practitioner_answers_for_themself_only_and_sees_no_list_of_people(calling: Calling) -> None:
    call_up = await calling.call_up()
    await calling.post(f"/call-ups/{call_up}/start")
    own, other = calling.people[:2]
    async with calling.directory.connect("crisis:read", "shifts:take", role="practitioner", rpps=own) as http:
        path = f"/v1/call-ups/{call_up}/answers"
        assert (await http.put(f"{path}/{own}", json={"available": True})).status_code == 200
        refused = await http.put(f"{path}/{other}", json={"available": True})
        assert (refused.status_code, refused.json()["code"]) == (403, "not_own_entry")
        assert (await http.get(f"/v1/call-ups/{call_up}/people")).status_code == 403
    unknown = await calling.http.put(f"{path}/99000000001", json={"available": True})
    assert (unknown.status_code, unknown.json()["code"]) == (404, "not_called")


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"professions": ["999"]}, 422, "code_unknown"),
        ({"specialties": ["x"]}, 422, "code_unknown"),
        ({"capabilities": ["nothing"]}, 422, "kind_unknown"),
        ({"commune": "99999"}, 422, "commune_unknown"),
        ({"needed_until": "2020-01-01T08:00:00Z"}, 422, "period_empty"),
        ({"needed_until": "9999-12-31T23:59:59Z"}, 422, "period_too_long"),
        ({"roster_id": "019ab000-0000-7000-8000-000000000001"}, 404, "roster_unknown"),
        ({"activation_id": "019ab000-0000-7000-8000-000000000001"}, 404, "activation_unknown"),
    ],
)
async def test_what_cannot_be_asked_is_refused(calling: Calling, change: Any, status: int, code: str) -> None:
    assert (await calling.post("/call-ups", calling.body(**change), status=status))["code"] == code


async def test_a_territory_without_communes_calls_by_distance_and_sees_no_other(calling: Calling) -> None:
    call_up = await calling.call_up()
    await calling.post(f"/call-ups/{call_up}/start")
    claims = {"role": "coordinator", "sub": "elsewhere", "territory": "atlantique-nord-loire"}
    async with calling.directory.connect(*CRISIS, **claims) as http:
        there = Calling(calling.directory, calling.calendar, calling.box, http)
        assert (await there.get("/call-ups"))["items"] == []
        for verb in ("start", "close", "next-wave", "fill"):
            assert (await there.post(f"/call-ups/{call_up}/{verb}", status=404))["code"] == "call_up_unknown"
        draft = await there.call_up()
        preview = await there.get(f"/call-ups/{draft}/preview")
        assert (preview["count"] > 0, preview["reachable"]) == (True, 0)
        nobody = await there.call_up(radius_km=0.1, professions=["10"], commune="44184")
        refused = await there.post(f"/call-ups/{nobody}/start", status=409)
        assert refused["code"] == "nobody_to_call"
