"""Axis 1: a patient without a *médecin traitant*, and what the CPTS sends out to professionals and partners."""

from typing import Any

from local_stack.api import Api
from local_stack.demo.chapter import Chapter
from local_stack.demo.play import Play, first_new
from local_stack.sample import CENTRE

_LIST = "Répertoire oncologie : professionnels du territoire"
_RESOURCE = "Espace ressources cancer (exemple)"


async def _play(play: Play) -> None:
    await _search(play, (await play.doctors(snp="true"))[0]["rpps"])
    await _resources_sent(play)


CHAPTER = Chapter("A patient without a doctor, and lists that go out", ("I-19",), _play)


async def _search(play: Play, doctor: str) -> None:
    """The doctor who said that they accept new patients is asked, and takes this one."""
    coordinator, care = play.caller("coordinator"), play.caller("care")
    said = {"accepts": True, "capacity": 50, "source": "phone"}
    await coordinator.send("PUT", f"/v1/professionals/{doctor}/acceptance", json=said)
    patient, _ = await play.patient(care, "Alix", "1949-01-02")
    search = await play.make(care, "/v1/doctor-searches", {"patient_id": patient["id"], "criteria": ["ald"]})

    async def fitting() -> list[dict[str, Any]]:
        found = (await coordinator.send("GET", f"/v1/doctor-searches/{search['id']}/doctors"))["items"]
        return [it for it in found if it["fits"]]

    await play.until(fitting)
    proposal = await play.make(coordinator, f"/v1/doctor-searches/{search['id']}/proposals")
    asked = play.caller("practitioner", rpps=proposal["rpps"])
    await play.make(asked, f"/v1/doctor-proposals/{proposal['id']}/accept")
    found = await care.send("GET", f"/v1/doctor-searches/{search['id']}")
    play.say(
        "A médecin traitant is looked for",
        f"priority {found['priority']}, because of {', '.join(found['criteria'])}",
        f"RPPS {proposal['rpps']} is asked, {proposal['km']:.1f} km away, and the search is {found['outcome']}",
    )


async def _resources_sent(play: Play) -> None:
    """The common directory of resources is attested, published as a version, and sent to who is on a list."""
    coordinator = play.caller("coordinator")
    await _attested(play, coordinator)
    list_id, newcomer = await _subscribed(play, coordinator)
    version = await play.make(coordinator, "/v1/publications", {"list": "shared-resources-oncology"})
    sent = await play.make(coordinator, f"/v1/publications/{version['id']}/send", {"lists": [list_id]})
    play.say(
        "The common directory of resources (oncology) is published, and sent",
        f"version {version['number']}, {version['row_count']} entries, as {_formats(version)}",
        f"RPPS {newcomer} joins the list; it goes to {sent['planned']} recipients",
    )


def _formats(version: dict[str, Any]) -> str:
    return ", ".join(it["format"] for it in version["files"])


async def _attested(play: Play, coordinator: Api) -> None:
    """Said anew, an entry holds for another year."""
    about = {"kind": "association", "themes": ["oncology"], "communes": [CENTRE], "purpose": "Écoute, soins de support"}
    entry = {"name": _RESOURCE} | about
    known = [it for it in await coordinator.all("/v1/resources", text="Espace ressources") if it["name"] == _RESOURCE]
    if known:
        await coordinator.send("PUT", f"/v1/resources/{known[0]['id']}", json=entry)
    else:
        await play.make(coordinator, "/v1/resources", entry)


async def _subscribed(play: Play, coordinator: Api) -> tuple[str, str]:
    """The diffusion list, and a doctor who is put on it."""
    lists = {it["name"]: it["id"] for it in await coordinator.all("/v1/diffusion-lists")}
    list_id = lists.get(_LIST) or (await play.make(coordinator, "/v1/diffusion-lists", {"name": _LIST}))["id"]
    on_it = {it["owner"] for it in await coordinator.all(f"/v1/diffusion-lists/{list_id}/recipients")}
    rpps = first_new([it["rpps"] for it in await play.doctors()], on_it)
    if rpps not in on_it:
        who = {"kind": "professional", "name": f"RPPS {rpps}", "owner_kind": "rpps", "owner": rpps}
        await play.make(coordinator, f"/v1/diffusion-lists/{list_id}/recipients", who)
    return list_id, rpps
