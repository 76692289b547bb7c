"""Axis 6: a vaccination centre is staffed and counts, a crisis is prepared for."""

from datetime import UTC, datetime, timedelta
from typing import Any

from local_stack.api import Api, Refused
from local_stack.clock import today_in_france
from local_stack.demo.chapter import Chapter
from local_stack.demo.play import Play
from local_stack.demo.together import People, hold
from local_stack.ports import StackError
from local_stack.sample import CENTRE

_ROSTER = "Centre de vaccination de Redon (exemple)"
_CAMPAIGN = "grippe-exemple"
_POPULATION = {"65-74": 9800, "75+": 8700}
_A_DAY = {"65-74": 42, "75+": 57}
"""Invented: people vaccinated by the centre on each day that it reports, by age band."""
_LIST = "Alerte : professionnels du territoire"


async def _play(play: Play) -> None:
    doctors = [it["rpps"] for it in await play.doctors(mode="L")]
    on_duty = await _staffed(play, doctors)
    await _vaccinated(play)
    people: People = [{"rpps": on_duty, "profession": "10"}, {"profession": "60", "people": 2}]
    session = await hold(play, "crisis", "crisis", theme="orsan", title="Préparer un afflux de victimes", people=people)
    play.say("Professionals prepare for a crisis", f"{session['title']}: session {session['id']}")
    plan_id = await _plan(play)
    await _told(play, plan_id, doctors[:3])


CHAPTER = Chapter(
    "A vaccination centre, and crises that are prepared for",
    ("I-58", "I-59", "I-60", "I-61", "I-62", "I-63", "I-64"),
    _play,
)


async def _staffed(play: Play, doctors: list[str]) -> str:
    """A shift of now is opened, a self-employed doctor takes it and comes. Answers who."""
    coordinator, now = play.caller("coordinator"), datetime.now(UTC)
    times = {"starts_at": (now - timedelta(hours=1)).isoformat(), "ends_at": (now + timedelta(hours=1)).isoformat()}
    shifts = {"shifts": [times | {"professions": ["10", "60"], "seats": 2}]}
    added = await play.make(coordinator, f"/v1/rosters/{await _roster(play, coordinator)}/shifts", shifts)
    path = f"/v1/shifts/{added['ids'][0]}"
    rpps = await _taken(play, path, doctors)
    noted = await coordinator.send("PUT", f"{path}/presences/{rpps}", json={"present": True})
    play.say("The vaccination centre is staffed", f"RPPS {rpps} takes a shift and is {noted['state']}")
    return rpps


async def _roster(play: Play, coordinator: Api) -> str:
    today = today_in_france()
    known = [it["id"] for it in await coordinator.all("/v1/rosters", on=f"{today}") if it["name"] == _ROSTER]
    days = {"starts_on": f"{today}", "ends_on": f"{today + timedelta(days=90)}"}
    opened = {"name": _ROSTER, "kind": "vaccination", "commune": CENTRE} | days
    found: str = known[0] if known else (await play.make(coordinator, "/v1/rosters", opened))["id"]
    return found


async def _taken(play: Play, path: str, doctors: list[str]) -> str:
    """By the first who is not on another shift now."""
    for rpps in doctors:
        try:
            await play.caller("practitioner", rpps=rpps).send("PUT", f"{path}/sign-ups/{rpps}")
        except Refused as refusal:
            if refusal.code != "already_on_duty":
                raise
        else:
            return rpps
    raise StackError("every self-employed general practitioner is on a shift; try again in an hour")


async def _vaccinated(play: Play) -> None:
    """The centre's weekly count, by age band: it replaces what was told of this week before."""
    coordinator = play.caller("coordinator")
    await _file(play, coordinator, "population", [f"{band};{people}" for band, people in _POPULATION.items()])
    so_far = await _so_far(coordinator)
    week = f"{today_in_france():%G-W%V}"
    lines = [f"{week};{band};{so_far.get(band, 0) + people}" for band, people in _A_DAY.items()]
    told = await _file(play, coordinator, "vaccinated", lines)
    rates = await coordinator.send("GET", f"/v1/vaccination-campaigns/{_CAMPAIGN}/coverage")
    play.say(
        "It reports who was vaccinated, by age band",
        f"{told['lines']} lines, {told['refused']} refused, source {told['source']}",
        *(f"{it['code']}: {it['vaccinated']} of {it['population']} ({it['rate']} %)" for it in rates["rows"]),
    )


async def _so_far(coordinator: Api) -> dict[str, int]:
    """Of this week, by age band."""
    monday = today_in_france() - timedelta(days=today_in_france().weekday())
    try:
        path, days = f"/v1/vaccination-campaigns/{_CAMPAIGN}/coverage", {"from": f"{monday}", "to": f"{monday}"}
        found = await coordinator.send("GET", path, params=days)
    except Refused as refusal:
        if refusal.code != "campaign_unknown":
            raise
        return {}
    return {it["code"]: it["vaccinated"] for it in found["rows"]}


async def _file(play: Play, coordinator: Api, kind: str, lines: list[str]) -> dict[str, Any]:
    header = "age_band;population" if kind == "population" else "week;age_band;vaccinated"
    form = {"kind": kind, "source": "Exemple"} | ({} if kind == "population" else {"campaign": _CAMPAIGN})
    files = {"file": (f"{kind}.csv", "\n".join([header, *lines]).encode(), "text/csv")}
    return await play.make(coordinator, "/v1/vaccination-imports", data=form, files=files)


async def _plan(play: Play) -> str:
    coordinator = play.caller("coordinator")
    steps = [{"action": "Prévenir les cabinets", "role": "Coordinatrice", "within_minutes": 30}]
    written = {"title": "Afflux de victimes sur le bassin de Redon", "responsible": "Référent crises de la CPTS"}
    plan = await play.make(coordinator, "/v1/crisis-plans", {"type": "amavi", "steps": steps} | written)
    adopted = await play.make(coordinator, f"/v1/crisis-plans/{plan['id']}/adopt")
    play.say(
        "An ORSAN scheme is written and adopted",
        f"{adopted['title']}, version {adopted['number']}, to be reviewed on {adopted['review_on']}",
    )
    found: str = plan["id"]
    return found


async def _told(play: Play, plan_id: str, doctors: list[str]) -> None:
    coordinator = play.caller("coordinator")
    said = {"subject": "Exercice de la chaîne d'alerte", "text": "Merci d'accuser réception.", "plan_id": plan_id}
    list_id = await _list(play, coordinator, doctors)
    sent = await play.make(coordinator, "/v1/crisis-communications", said | {"lists": [list_id]})
    play.say(
        "Professionals are told of the plan", f"{sent['recipients']} recipients, {sent['professionals']} professionals"
    )


async def _list(play: Play, coordinator: Api, doctors: list[str]) -> str:
    lists: dict[str, str] = {it["name"]: it["id"] for it in await coordinator.all("/v1/diffusion-lists")}
    if _LIST in lists:
        return lists[_LIST]
    list_id: str = (await play.make(coordinator, "/v1/diffusion-lists", {"name": _LIST}))["id"]
    for rpps in doctors:
        who = {"kind": "professional", "name": f"RPPS {rpps}", "owner_kind": "rpps", "owner": rpps}
        await play.make(coordinator, f"/v1/diffusion-lists/{list_id}/recipients", who)
    return list_id
