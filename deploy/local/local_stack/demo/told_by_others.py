"""What no event tells: a funder's file with a masked number, a figure entered with its proof, the action plan."""

from datetime import date

from local_stack.clock import today_in_france
from local_stack.demo.chapter import Chapter
from local_stack.demo.play import Play

_FILE = "\n".join(
    (
        "indicateur;effectif;population;valeur",
        "I-01;;;11,1",
        "I-02;;;1,9",
        "I-03;<6;;",
        "I-04;;;7,7",
    )
)
"""The baselines of the project document as if they were of this year; I-03 is hidden by the source."""
_ENTERED = "N-03"
_PROOF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


async def _play(play: Play) -> None:
    year = str(today_in_france().year)
    await _imported(play, year)
    await _entered(play, year)
    await _progress(play, today_in_france())


CHAPTER = Chapter("What no event tells: files, figures by hand, the action plan", (), _play)


async def _imported(play: Play, year: str) -> None:
    """The same file again changes nothing."""
    files = {"file": ("rezone.csv", _FILE.encode(), "text/csv")}
    form = {"source": "rezone", "period": year}
    made = await play.make(play.caller("coordinator"), "/v1/figure-imports", data=form, files=files)
    told = [it["figure"] + (" (masked)" if it["masked"] else "") for it in made["lines"]]
    play.say(
        f"A file of Rézone is imported for {year}",
        ", ".join(told),
        f"{made['added']} added, {made['changed']} changed, {made['unchanged']} as before, {made['refused']} refused",
    )


async def _entered(play: Play, year: str) -> None:
    """With its proof. A repeated play corrects the entry that stands; a file goes before what is entered."""
    coordinator = play.caller("coordinator")
    figure = await coordinator.send("GET", f"/v1/indicators/{_ENTERED}", params={"period": year})
    if figure["origin"] == "imported":
        play.say(f"A file tells {_ENTERED} here: it is not entered by hand")
        return
    known = await coordinator.all("/v1/manual-figures", indicator=_ENTERED, period=year)
    form = {"indicator": _ENTERED, "period": year, "numerator": "184", "denominator": "1000"}
    form |= {"comment": "Compté sur un échantillon (exemple)"} | ({"corrects": known[0]["id"]} if known else {})
    files = {"file": ("comptage.pdf", _PROOF, "application/pdf")}
    entry = await play.make(coordinator, "/v1/manual-figures", data=form, files=files)
    play.say(
        "A figure is entered by hand, with its proof",
        f"{entry['indicator']}: {entry['value']} %, entry {entry['number']}, proof of {entry['proof_size']} bytes",
    )


async def _progress(play: Play, today: date) -> None:
    noted = {"text": "Exercice tenu, schéma adopté", "proof": {"reference": f"Compte rendu du {today:%d/%m/%Y}"}}
    coordinator = play.caller("coordinator")
    await play.make(coordinator, "/v1/action-plan/sheets/6.2/progress", noted)
    sheet = await coordinator.send("GET", "/v1/action-plan/sheets/6.2", params={"period": str(today.year)})
    play.say(
        f"Progress is noted on an action sheet: {sheet['number']} {sheet['title_fr']}",
        f"{len(sheet['progress'])} notes; it follows {len(sheet['figures'])} indicators",
    )
