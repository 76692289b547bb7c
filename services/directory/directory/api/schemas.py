"""What the routes on persons, places and codes answer and take."""

from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StrictBool

from directory.api.schemas_statements import StatementOut
from directory.domain.territory import Authority, Contract, Members, Mission, Population
from kit.pagination import Page


def _example(**values: Any) -> ConfigDict:
    return ConfigDict(json_schema_extra={"examples": [values]})


class Code(BaseModel):
    """A code of a nomenclature with its French label, null when the nomenclature does not have the code."""

    code: str
    label: str | None


class PlaceOut(BaseModel):
    """Where an activity takes place. `commune` is null when the source does not settle it."""

    commune: str | None = Field(description="INSEE code")
    name: str | None = Field(description="Name of the commune, or the city as the source writes it")
    department: str | None
    postal_code: str | None
    street: str | None


class ActivityOut(BaseModel):
    """One place and way of practising (*activité*)."""

    profession: Code
    mode: Code | None = Field(description="L self-employed, S salaried, B volunteer")
    sector: Code | None
    role: str | None = Field(description="Code of TRE_R21, for instance FON-01")
    section: str | None = Field(description="Section of the pharmacists' register")
    finess: str | None
    site_name: str | None
    phone: str | None = Field(description="As the source writes it")
    place: PlaceOut


class ProfessionalOut(BaseModel):
    """A person of the national register. `activities` is empty for someone registered who does not practise."""

    model_config = _example(
        rpps="99000000093",
        name="Dr Donatien MORZILAREC",
        family_name="MORZILAREC",
        given_name="Donatien",
        profession={"code": "10", "label": "Médecin"},
        skills=[{"code": "SM04", "label": "Cardiologie et maladies vasculaires"}],
        specialties=[{"code": "cardiology", "label": "Cardiologie"}],
        activities=[
            {
                "profession": {"code": "10", "label": "Médecin"},
                "mode": {"code": "L", "label": "Libéral, indépendant, artisan, commerçant"},
                "sector": {"code": "SA07", "label": "Cabinet individuel"},
                "role": "FON-17",
                "section": None,
                "finess": None,
                "site_name": "CABINET DU DR MORZILAREC",
                "phone": None,
                "place": {
                    "commune": "35236",
                    "name": "Redon",
                    "department": "35",
                    "postal_code": "35600",
                    "street": "2 Boulevard DES GENETS",
                },
            }
        ],
        snp_participation=True,
        statements=[],
        distance_km=0.0,
        listed=True,
        updated_at="2026-11-22T08:00:00Z",
    )

    rpps: str = Field(description="RPPS number; an ADELI number (9 characters) for those who have no other")
    name: str
    family_name: str
    given_name: str
    profession: Code
    skills: list[Code] = Field(description="*Savoir-faire*")
    specialties: list[Code] = Field(description="Ours, derived from professions and skills")
    activities: list[ActivityOut]
    snp_participation: bool = Field(description="Takes part in unscheduled care on the caller's territory")
    statements: list[StatementOut] = Field(description="Attested on the caller's territory; those that lapsed too")
    distance_km: float | None = Field(description="From `near` to the nearest of the places that match")
    listed: bool = Field(description="False when the last full source no longer names this person")
    gone_at: AwareDatetime | None = Field(default=None, description="Since when the source no longer names this person")
    first_seen_at: AwareDatetime | None = Field(default=None, description="Null for one older than the record")
    number_suspect: bool = Field(default=False, description="The RPPS number does not end with its check digit")
    updated_at: AwareDatetime


class DifferenceOut(BaseModel):
    """A field of an entry that changed, as the register stores it."""

    field: str = Field(examples=["activities"])
    before: Any
    after: Any


class StateOut(BaseModel):
    """A state of an entry. `valid_until` is null for the one that stands, `changed` empty for the first."""

    version: int
    valid_from: AwareDatetime
    valid_until: AwareDatetime | None
    import_id: UUID | None = Field(description="The run that brought this state; null for one older than the record")
    listed: bool
    changed: list[DifferenceOut]


class ProfessionalPage(Page[ProfessionalOut]):
    """A page of a search."""

    similar: bool = Field(description="True when nobody has that name and these only look like it")


class ParticipationIn(BaseModel):
    """The choice."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"participates": True}]})

    participates: StrictBool


class ParticipationOut(BaseModel):
    """Whether a professional takes part in unscheduled care on a territory. Version 0: no choice was made yet."""

    rpps: str
    territory: str
    participates: bool
    version: int
    changed_at: datetime | None


class CommuneOut(BaseModel):
    """A commune of today, with the centroid of its territory."""

    model_config = _example(
        insee_code="35236",
        name="Redon",
        department="35",
        region="53",
        postal_codes=["35600"],
        population=8925,
        latitude=47.65752,
        longitude=-2.08463,
        distance_km=None,
    )

    insee_code: str
    name: str
    department: str
    region: str
    postal_codes: list[str]
    population: int
    latitude: float
    longitude: float
    distance_km: float | None = None


class DisciplinePlacesOut(BaseModel):
    """Beds or places of a discipline (*discipline d'équipement*)."""

    discipline: Code
    places: int


class StructureOut(BaseModel):
    """A site with a FINESS number, as FINESS describes it or, where it does not, as lines of the RPPS name it."""

    model_config = _example(
        finess="990010001",
        name="CH INTERCOM REDON CARENTOIR",
        sector={"code": "SA01", "label": "Établissement public de santé"},
        place={"commune": "35236", "name": "Redon", "department": "35", "postal_code": "35600", "street": None},
        distance_km=None,
        listed=True,
        updated_at="2026-11-22T08:00:00Z",
    )

    finess: str
    name: str
    sector: Code | None
    place: PlaceOut
    distance_km: float | None = Field(description="From `near` to the commune")
    source: Literal["rpps", "finess"] = Field(default="rpps", description="Who described it")
    legal_entity: str | None = Field(default=None, description="FINESS number of the *entité juridique*")
    category: Code | None = Field(default=None, description="*Catégorie d'établissement*, for instance 500 EHPAD")
    category_group: Code | None = Field(default=None, description="*Catégorie agrégée*")
    phone: str | None = Field(default=None, description="As the source writes it")
    siret: str | None = None
    opened_on: date | None = None
    closed_on: date | None = None
    latitude: float | None = Field(default=None, description="WGS84, degrees")
    longitude: float | None = None
    capacity: int | None = Field(default=None, description="Beds or places that count for its category")
    places: list[DisciplinePlacesOut] = Field(default=[], description="Beds or places by discipline, authorised")
    listed: bool = Field(description="False when it is closed, or a whole file no longer names it")
    gone_at: AwareDatetime | None = None
    updated_at: AwareDatetime


class TerritoryOut(BaseModel):
    """A territory (CPTS). What nobody knows yet is null or empty."""

    slug: str
    name: str
    area: str | None
    authorities: list[Authority]
    departments: list[str]
    population: Population | None = Field(description="By the CPTS's own document")
    size: int | None = Field(description="*Taille* of the ACI, 1 to 4")
    contract: Contract | None
    members: Members | None
    missions: list[Mission]
    commune_count: int


class TerritoryDetailOut(TerritoryOut):
    """A territory with its communes."""

    municipal_population: int | None = Field(description="Sum over the communes (PMUN); null without communes")
    communes: list[CommuneOut]


class SpecialtyOut(Code):
    """One of our specialties: a profession with any of some skills."""

    profession: str
    skills: list[str]


class NomenclatureOut(BaseModel):
    """The codes that searches and needs are stated with."""

    version: str
    professions: list[Code]
    skills: list[Code]
    modes: list[Code]
    sectors: list[Code]
    specialties: list[SpecialtyOut]
