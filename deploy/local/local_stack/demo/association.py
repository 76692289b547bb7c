"""The association: a member joins, a commission meets, the board votes; no indicator counts these."""

from datetime import UTC, datetime, timedelta
from typing import Any

from local_stack.api import Api
from local_stack.clock import today_in_france
from local_stack.demo.chapter import Chapter
from local_stack.demo.play import Play, first_new

_QUESTION = "Approuver le rapport d'activité ?"


async def _play(play: Play) -> None:
    member = await _member(play)
    await _vote(play, member)


CHAPTER = Chapter("The association: a member, an assembly, a vote", (), _play)


async def _member(play: Play) -> dict[str, Any]:
    """Who joined stays a member; a repeated play takes in the next one, until all are."""
    coordinator = play.caller("coordinator")
    known = {it["rpps"]: it for it in await coordinator.all("/v1/members")}
    rpps = first_new([it["rpps"] for it in await play.doctors(mode="L")], known.keys())
    who = {"kind": "adherent", "category": "self-employed", "rpps": rpps, "joined_on": f"{today_in_france()}"}
    member = known.get(rpps) or await play.make(coordinator, "/v1/members", who)
    play.say("A self-employed doctor joins the association", f"RPPS {rpps}, in college {member['college']}")
    return member


async def _vote(play: Play, member: dict[str, Any]) -> None:
    """In an assembly: shares of colleges, the roll and the rules are frozen when the ballot opens."""
    coordinator = play.caller("coordinator")
    meeting = await _assembly(play, coordinator, member["id"])
    asked = {"item": 1, "question": _QUESTION}
    ballot = await play.make(coordinator, f"/v1/meetings/{meeting['id']}/ballots", asked)
    voter = play.caller("practitioner", rpps=member["rpps"])
    vote = {"member_id": member["id"], "choices": ["for"]}
    await play.make(voter, f"/v1/ballots/{ballot['id']}/votes", vote)
    await play.make(coordinator, f"/v1/ballots/{ballot['id']}/close")
    result = await coordinator.send("GET", f"/v1/ballots/{ballot['id']}/result")
    await play.make(coordinator, f"/v1/meetings/{meeting['id']}/end", {"held": True})
    play.say(f"The assembly votes: {_QUESTION}", result["sentence"])


async def _assembly(play: Play, coordinator: Api, member_id: str) -> dict[str, Any]:
    starts = datetime.now(UTC) - timedelta(minutes=30)
    convened = {"kind": "ordinary-assembly", "title": "Assemblée générale", "starts_at": starts.isoformat()}
    agenda = {"agenda": [{"title": "Rapport d'activité", "kind": "activity"}]}
    meeting = await play.make(coordinator, "/v1/meetings", convened | agenda)
    sheet = {"sheet": [{"member_id": member_id, "status": "present"}]}
    await coordinator.send("PUT", f"/v1/meetings/{meeting['id']}/attendance", json=sheet)
    return meeting
