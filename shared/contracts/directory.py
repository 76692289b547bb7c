"""Payloads that the directory owns. Professionals and structures are public reference data (RPPS, FINESS)."""

from datetime import date
from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from contracts.envelope import Payload

Gender = Literal["female", "male"]
TariffSector = Literal["1", "2", "3"]
"""Secteur conventionnel: 1 regulated fees, 2 free fees, 3 outside the agreement with the Assurance Maladie."""


class Activity(Payload):
    """One place where a professional practises (*activité*); mode is L self-employed, S salaried or B volunteer."""

    commune: str | None = Field(description="INSEE code; null when the source does not resolve")
    mode: str | None
    sector: str | None = Field(default=None, description="Sector code, TRE_R02 (SA07 private practice ...)")
    finess: str | None = None
    profession: str | None = Field(default=None, description="Practised here; a person may have two professions")


class ProfessionalUpdated(Payload):
    """A professional's national entry as it now stands (whole state, not a difference). Territory `fr`.

    The last four fields are what the dispatch's matching needs of an entry: empty means unknown, never "no".
    """

    rpps: str = Field(description="RPPS number; an ADELI number (9 characters) for those who have no other")
    family_name: str
    given_name: str
    profession: str = Field(description="Code of TRE_G15, for instance 10 for a doctor")
    skills: tuple[str, ...] = Field(description="Codes of savoir-faire, TRE_R38, for instance SM54")
    specialties: tuple[str, ...] = Field(
        description="Our codes derived from profession and skills, for instance general-practice"
    )
    activities: tuple[Activity, ...]
    listed: bool = Field(description="False when the last full source no longer names this person")
    gender: Gender | None = Field(default=None, description="For a patient who asks for it; null is unknown")
    languages: tuple[str, ...] = Field(default=(), description="Spoken with patients, ISO 639-1, for instance fr, br")
    tariff_sector: TariffSector | None = Field(default=None, description="Secteur conventionnel; null is unknown")
    accessibility: tuple[str, ...] = Field(
        default=(), description="Of the usual place of practice: codes of accessibility of the dispatch's catalogue"
    )


class StructureUpdated(Payload):
    """A structure (hospital site, MSP, health centre) as it now stands. Territory `fr`.

    The dispatch's matching needs languages, tariff sector and accessibility of it: empty means unknown, never "no".
    """

    finess: str
    name: str
    commune: str | None
    listed: bool
    languages: tuple[str, ...] = Field(default=(), description="Spoken with patients, ISO 639-1")
    tariff_sector: TariffSector | None = Field(default=None, description="Secteur conventionnel; null is unknown")
    accessibility: tuple[str, ...] = Field(default=(), description="Codes of the dispatch's catalogue")
    category: str | None = Field(default=None, description="Code of FINESS (TRE_R66), for instance 500 for an EHPAD")
    capacity: int | None = Field(default=None, description="Beds or places that count for its category")
    latitude: float | None = Field(default=None, description="WGS84, degrees")
    longitude: float | None = None


class ParticipationChanged(Payload):
    """A professional takes part in unscheduled care (SNP) on this territory, or no longer does."""

    rpps: str
    participates: bool


class Stated(Payload):
    """One statement that holds: its kind (`statement-kinds.yaml`) and the codes said, yes or no for a flag."""

    kind: str
    codes: tuple[str, ...]
    source: str = Field(description="self, coordinator, survey or national")
    valid_until: AwareDatetime | None = Field(description="Null: until it is withdrawn")


class StatementsChanged(Payload):
    """All that this territory attests in codes of a professional or a structure, as it now stands: whole state.

    Where a kind says what the national entry says too (gender, languages, tariff_sector, accessibility), it counts
    before it, on this territory. A kind that is not there is not attested, or no longer.
    """

    about: str = Field(description="RPPS or FINESS number")
    statements: tuple[Stated, ...]
    profession: str | None = Field(default=None, description="Of a professional, code of TRE_G15; null of a structure")


class ImportCompleted(Payload):
    """A run over a national file ended. Counts are of its lines, then of persons (of structures, for FINESS)."""

    import_id: UUID
    source: Literal["rpps", "finess"]
    lines_read: int
    lines_rejected: int
    added: int
    changed: int
    unchanged: int
    gone: int = Field(default=0, description="No longer named by this whole file")


class ShiftTaken(Payload):
    """A professional signed up for a shift of a roster (*planning* of a vaccination centre, of a plan)."""

    sign_up_id: UUID
    shift_id: UUID
    roster_id: UUID
    roster_kind: str = Field(description="Code of deploy/reference/crisis.yaml, for instance vaccination")
    rpps: str
    profession: str = Field(description="By which they serve, code of TRE_G15")
    starts_at: AwareDatetime


class ShiftLeft(Payload):
    """A professional withdrew from a shift before it began."""

    sign_up_id: UUID
    shift_id: UUID
    rpps: str


class ShiftPresenceNoted(Payload):
    """Whether a professional came to a shift; a later one corrects it."""

    sign_up_id: UUID
    shift_id: UUID
    roster_id: UUID
    roster_kind: str = Field(description="Code of deploy/reference/crisis.yaml")
    rpps: str
    profession: str
    present: bool


class AcceptanceDeclared(Payload):
    """A professional accepts new patients on this territory, or does not; told again when it is said anew."""

    rpps: str
    accepts: bool
    capacity: int | None = Field(description="How many more; null is not said")
    patients: tuple[str, ...] = Field(description="Whom it is for, codes of acceptance.yaml; empty is anyone")
    valid_until: date = Field(description="Last day on which it holds, in Paris")
    source: Literal["self", "coordinator", "phone", "link"] = Field(description="Who said it")
    campaign_id: UUID | None = Field(default=None, description="The campaign that asked, if one did")


class AcceptanceLapsed(Payload):
    """The last day of what was said is over and nobody has said it anew: whether they accept is not known."""

    rpps: str
    accepted: bool = Field(description="What it said")
    valid_until: date


class AcceptanceCounted(Payload):
    """On a day, the general practitioners of this territory who can be a *médecin traitant*, and who of them accepts.

    Told when it changed since the count before, once a day at most: until the next one it holds (I-05).
    """

    count_id: UUID
    day: date
    general_practitioners: tuple[str, ...] = Field(description="RPPS numbers")
    accepting: tuple[str, ...] = Field(description="Of these, whose declared acceptance holds on that day")


MemberKind = Literal["adherent", "associate"]
"""*Membre adhérent* (votes in a college) or *membre associé* (does not vote)."""


class MemberJoined(Payload):
    """Somebody became a member of the CPTS's association. The id is opaque; nobody is named."""

    member_id: UUID
    kind: MemberKind
    category: str = Field(description="Code of the territory's association.yaml, for instance self-employed")
    college: int | None = Field(description="Null for an associate, and where the territory has no colleges")
    profession: str | None = Field(description="Code of TRE_G15; null for who has no RPPS number")
    joined_on: date


class MemberLeft(Payload):
    """A membership ended."""

    member_id: UUID
    kind: MemberKind
    category: str
    college: int | None
    profession: str | None
    joined_on: date
    left_on: date


class ListPublished(Payload):
    """A version of a list is out, numbered per territory and list. It never changes."""

    publication_id: UUID
    list: str = Field(description="accepting-doctors, shared-resources")
    number: int
    row_count: int
    added: int = Field(description="Entries since the version before")
    gone: int
    changed: int


class TraineeHosted(Payload):
    """A trainee (*stagiaire*) is hosted on the territory; a later version corrects the stay or cancels it."""

    trainee_id: UUID
    hosts: tuple[str, ...] = Field(description="RPPS numbers of those who host")
    profession: str = Field(description="That the trainee learns, code of TRE_G15")
    level: str = Field(description="Code of deploy/reference/attractiveness.yaml")
    starts_on: date
    ends_on: date
    cancelled: bool = Field(description="The stay did not take place")


class InstallationAdvanced(Payload):
    """A project of a professional to settle (*installation*) reached a stage."""

    installation_id: UUID
    profession: str
    specialty: str | None
    stage: str = Field(description="Code of deploy/reference/attractiveness.yaml; `opened` has commune and day")
    commune: str | None = Field(description="INSEE code of the place that opened")
    opened_on: date | None


class AttendanceCount(Payload):
    """How many of a college and profession were there."""

    college: int | None
    profession: str | None = Field(description="Code of TRE_G15; null for who has no RPPS number")
    count: int


class MeetingHeld(Payload):
    """A meeting of the association took place (assembly, board, bureau, commission)."""

    meeting_id: UUID
    kind: str = Field(description="Code of the territory's association.yaml, for instance ordinary-assembly")
    body: str
    starts_at: AwareDatetime
    present: tuple[AttendanceCount, ...]
    represented: int = Field(description="By proxy")


class MinutesApproved(Payload):
    """The minutes of a meeting are approved, numbered and change no more."""

    meeting_id: UUID
    number: int = Field(description="On the territory, from 1")
    way: Literal["vote", "signatures", "paper"]
    sha256: str = Field(description="Of the PDF")


class IndemnityApproved(Payload):
    """Time that a professional spent for the CPTS was validated. No person, no amount."""

    indemnity_id: UUID
    kind: Literal["lost_income", "mission"]
    mission: str = Field(description="Code of the territory's indemnities.yaml")
    profession: str = Field(description="Code of TRE_G15")
    day: date
    minutes: int


class PaymentsClosed(Payload):
    """A batch of payments was closed. Nobody is named, no amount is told."""

    batch_id: UUID
    number: int = Field(description="On the territory, from 1")
    period: str = Field(description="A month or quarter, for instance 2026-03 or 2026-Q1")
    people: int
    lines: int


class ListSent(Payload):
    """A version of a list goes to recipients who have not had it: opaque ids, the same on every list."""

    sending_id: UUID
    publication_id: UUID
    list: str = Field(description="accepting-doctors, shared-resources")
    number: int
    recipient_count: int
    recipients: tuple[UUID, ...] = Field(description="For counting distinct ones (I-19)")


class CrisisPlanAdopted(Payload):
    """A version of a crisis plan (*schéma ORSAN*, plan of the CPTS) was adopted. It never changes."""

    plan_id: UUID
    type: str = Field(description="Code of deploy/reference/crisis.yaml, for instance amavi")
    orsan: bool = Field(description="One of the ORSAN plans, which I-62 counts")
    number: int
    adopted_on: date
    review_on: date


class CrisisPlanWithdrawn(Payload):
    """A plan that was adopted is out of force."""

    plan_id: UUID
    type: str
    orsan: bool
    number: int = Field(description="The last adopted version")
    withdrawn_on: date


class CrisisActivationStarted(Payload):
    """A plan is put in force. Why stands in the directory alone."""

    activation_id: UUID
    plan_id: UUID
    type: str
    number: int
    started_at: AwareDatetime


class CrisisActivationEnded(Payload):
    """It is in force no more."""

    activation_id: UUID
    plan_id: UUID
    type: str
    number: int
    started_at: AwareDatetime
    ended_at: AwareDatetime


class ProfessionCount(Payload):
    """How many people of a profession."""

    profession: str = Field(description="Code of TRE_G15")
    count: int


class CrisisExerciseHeld(Payload):
    """An exercise of crisis took place; a later version corrects who took part."""

    exercise_id: UUID
    kind: str = Field(description="Code of deploy/reference/crisis.yaml, for instance tabletop")
    plan_type: str | None = Field(description="Null when it was of no plan")
    held_on: date
    professionals: tuple[ProfessionCount, ...]
    structures: int


class CrisisCommunicationSent(Payload):
    """Something about crises was said to many (I-63). What was said stands in the directory alone."""

    communication_id: UUID
    plan_type: str | None = Field(description="Code of deploy/reference/crisis.yaml; null when it is of no plan")
    activation_id: UUID | None = Field(description="Null when no plan is in force for it")
    recipient_count: int
    professional_count: int = Field(description="Of these, professionals")
    to_professionals: bool


class AgeBandCount(Payload):
    """How a campaign stands in an age band."""

    age_band: str = Field(description="18-24, 75+")
    vaccinated: int = Field(description="Sum of what the source tells; a lower bound when cells are masked")
    masked_cells: int = Field(description="Numbers that the source may not tell (secret statistique)")
    population: int | None = Field(description="Of the same band; null when it is not known or masked in part")


class VaccinationReported(Payload):
    """How a vaccination campaign stands on the territory after an import: whole state, by age band."""

    campaign: str = Field(description="As the territory calls it, for instance covid-2021")
    import_id: UUID
    age_bands: tuple[AgeBandCount, ...]


class WorkforceCounted(Payload):
    """On a day, the professionals who are self-employed (*libéraux*) on this territory.

    Told when it changed since the count before, once a day at most: until the next one it holds (I-58, I-59).
    """

    count_id: UUID
    day: date
    self_employed: tuple[str, ...] = Field(description="RPPS numbers")
