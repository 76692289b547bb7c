"""Payloads of pathways on the search of a *médecin traitant*."""

from uuid import UUID

from pydantic import Field

from contracts.envelope import Payload


class DoctorSearchOpened(Payload):
    """A patient looks for a *médecin traitant*. Nothing leads to who it is; the département, not the commune."""

    search_id: UUID
    department: str
    priority: int = Field(description="By the rule of the territory: 1 comes first, 3 last")
    age_band: str = Field(description="Ten years wide, for instance 60-69")


class DoctorSearchClosed(Payload):
    """The search is over: a doctor accepted (`placed`), or it ended otherwise."""

    search_id: UUID
    department: str
    priority: int
    outcome: str = Field(
        description="placed, found_elsewhere, patient_withdrew, patient_moved, patient_deceased, merged or other"
    )
    days: int = Field(description="Days since it was opened")
    proposals: int = Field(description="Doctors who were asked")


class DoctorProposalAnswered(Payload):
    """A doctor who was asked answered, or did not in time. Nobody is named."""

    proposal_id: UUID
    search_id: UUID
    answer: str = Field(description="accepted, refused, lapsed or withdrawn (the search ended before)")
    reason: str | None = Field(description="Of a refusal")
    after_hours: int = Field(description="Whole hours since it was proposed")
