"""What the dispatch listens to: who may serve slots, and who takes part where."""

from contracts.directory import ParticipationChanged, ProfessionalUpdated, StatementsChanged, StructureUpdated
from kit.consumer import Subscription
from snp_dispatch.consumers.on_participation_changed import on_participation_changed
from snp_dispatch.consumers.on_professional_updated import on_professional_updated
from snp_dispatch.consumers.on_statements_changed import on_statements_changed
from snp_dispatch.consumers.on_structure_updated import on_structure_updated

SUBSCRIPTIONS = (
    Subscription(
        owner="directory",
        handlers={
            ProfessionalUpdated: on_professional_updated,
            StructureUpdated: on_structure_updated,
            ParticipationChanged: on_participation_changed,
            StatementsChanged: on_statements_changed,
        },
    ),
)
