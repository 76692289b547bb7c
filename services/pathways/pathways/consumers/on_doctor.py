"""What the directory tells of doctors: where they practise, and whether they accept new patients."""

from contracts.directory import AcceptanceDeclared, ProfessionalUpdated
from contracts.envelope import Event
from kit.work import Work
from pathways.usecases.note_doctors import note_acceptance, note_place


async def on_professional(event: Event[ProfessionalUpdated], work: Work) -> None:
    await note_place(work, event.data, event.aggregateversion)


async def on_acceptance(event: Event[AcceptanceDeclared], work: Work) -> None:
    """A statement that lapsed needs no event: it says until when it holds."""
    await note_acceptance(work, event.data, event.aggregateversion)
