"""What the dispatch listens to: who may serve slots, who takes part where, which visits pathways ask for."""

from contracts.directory import ParticipationChanged, ProfessionalUpdated, StatementsChanged, StructureUpdated
from contracts.pathways import StepVisitWanted, StepVisitWithdrawn
from kit.consumer import Subscription
from snp_dispatch.consumers.on_participation_changed import on_participation_changed
from snp_dispatch.consumers.on_professional_updated import on_professional_updated
from snp_dispatch.consumers.on_statements_changed import on_statements_changed
from snp_dispatch.consumers.on_structure_updated import on_structure_updated
from snp_dispatch.consumers.on_visit import on_visit_wanted, on_visit_withdrawn
from snp_dispatch.store.rules import Rules

DIRECTORY = Subscription(
    owner="directory",
    handlers={
        ProfessionalUpdated: on_professional_updated,
        StructureUpdated: on_structure_updated,
        ParticipationChanged: on_participation_changed,
        StatementsChanged: on_statements_changed,
    },
)


def subscriptions(rules: Rules) -> tuple[Subscription, ...]:
    """All of it: calls of pathways are screened and matched by the rules, as any other."""
    return DIRECTORY, Subscription(
        owner="pathways",
        handlers={StepVisitWanted: on_visit_wanted(rules), StepVisitWithdrawn: on_visit_withdrawn},
    )
