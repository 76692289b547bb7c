"""Pathways want a visit, or want it no more. Either may come first."""

from contracts.envelope import Event
from contracts.pathways import StepVisitWanted, StepVisitWithdrawn
from kit.consumer import Handler
from kit.work import Work
from snp_dispatch.store.rules import Rules
from snp_dispatch.usecases.serve_wish import open_wish, withdraw_wish


def on_visit_wanted(rules: Rules) -> Handler:
    async def handle(event: Event[StepVisitWanted], work: Work) -> None:
        await open_wish(work, rules, event.data)

    return handle


async def on_visit_withdrawn(event: Event[StepVisitWithdrawn], work: Work) -> None:
    await withdraw_wish(work, event.data.visit_id, event.data.reason)
