"""The chapters in their order, the main job first, and the table at the end."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from local_stack.clock import today_in_france
from local_stack.demo import (
    association,
    between_town_and_hospital,
    crises,
    education,
    regular_doctor,
    settling,
    together,
    told_by_others,
    unscheduled_care,
)
from local_stack.demo.chapter import Chapter
from local_stack.demo.figures import Figure, Figures, Movement
from local_stack.demo.play import Play

CHAPTERS = (
    unscheduled_care.CHAPTER,
    regular_doctor.CHAPTER,
    between_town_and_hospital.CHAPTER,
    education.CHAPTER,
    together.CHAPTER,
    settling.CHAPTER,
    crises.CHAPTER,
    association.CHAPTER,
    told_by_others.CHAPTER,
)
ENOUGH = 45
"""Indicators that a play moves at least; else it has failed."""
LATER = {
    "I-05": "the directory counts once a day who accepts new patients",
    "I-44": "visits of the document space are told when their day is over",
}
"""Indicators that the play moves too, and that show it another day."""


@dataclass(frozen=True)
class Outcome:
    """Every indicator of the catalogue, before and after the play."""

    movements: tuple[Movement, ...]

    @property
    def moved(self) -> list[str]:
        return [it.id for it in self.movements if it.moved]


async def play_story(play: Play) -> Outcome:
    """Every chapter; then what became of every figure. Raises StackError or TimeoutError."""
    figures = Figures(play.caller("care"), today_in_france().year, datetime.now(UTC))
    before = await figures.read(await figures.catalogue())
    for number, chapter in enumerate(CHAPTERS, start=1):
        play.say.chapter(number, chapter.title)
        await _play_chapter(play, figures, chapter)
    outcome = Outcome(tuple(await figures.movements(before)))
    play.say(*told(outcome))
    return outcome


async def _play_chapter(play: Play, figures: Figures, chapter: Chapter) -> None:
    before: Mapping[str, Figure] = await figures.read(chapter.moves)
    await chapter.act(play)
    if before:
        found = await figures.settled(before)
        proofs = [await figures.proof(it.after) for it in found[:1] if it.moved and it.after["numerator"]]
        play.say("The figures follow, read through the gateway", *map(str, found), *proofs)


def told(outcome: Outcome) -> list[str]:
    """The table, a line each: its title, every indicator, how many stand how, why some move later."""
    counts = Counter(it.standing for it in outcome.movements)
    title = f"{counts['moved']} of {len(outcome.movements)} indicators moved by the events of this play"
    standings = ", ".join(f"{count} {name}" for name, count in counts.most_common())
    unmoved = [it.id for it in outcome.movements if it.standing == "unmoved"]
    reasons = [f"{name} moves later: {LATER[name]}" for name in unmoved if name in LATER]
    return [title, *(str(it) for it in outcome.movements), standings, *reasons]
