"""The tables. Reference rows are national; tenant rows carry their territory and have row-level security."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Text,
    false,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from directory.store.base import Table, instant, texts, trigrams


class ReferenceStamp(Table, table=True):
    """What was last loaded from a reference file: an unchanged file is not loaded again."""

    __tablename__ = "reference_stamp"

    name: str = Field(sa_type=Text, primary_key=True)
    digest: str = Field(sa_type=Text)
    loaded_at: datetime = instant()


class Commune(Table, table=True):
    """A commune of today (COG), with the centroid of its territory (WGS84, degrees)."""

    __tablename__ = "commune"
    __table_args__ = (
        trigrams("commune"),
        Index(None, "latitude"),
        Index(None, "postal_codes", postgresql_using="gin"),
    )

    insee: str = Field(sa_type=Text, primary_key=True)
    name: str = Field(sa_type=Text)
    search_name: str = Field(sa_type=Text)
    department: str = Field(sa_type=Text)
    region: str = Field(sa_type=Text)
    postal_codes: list[str] = texts()
    population: int
    latitude: float
    longitude: float


class CommuneAlias(Table, table=True):
    """A code or a name of the past, and the commune that has it now (*commune déléguée*, *arrondissement*...)."""

    __tablename__ = "commune_alias"

    old_code: str = Field(sa_type=Text, primary_key=True)
    old_name: str = Field(sa_type=Text)
    insee: str = Field(sa_type=Text)


class ProfessionalRow(Table, table=True):
    """A person of the national register. `version` counts the changes of `digest` and of `listed`.

    `rpps` is the national id: an RPPS number, or an ADELI number for those who have no other (docs/adr/0026).
    `gone_at`: since when a whole file no longer names the person. `import_id`: the run that brought this state.
    """

    __tablename__ = "professional"
    __table_args__ = (
        Index("ix_professional_name_words", text("string_to_array(ltrim(search_name), ' ')"), postgresql_using="gin"),
        Index(None, "updated_at"),
    )

    rpps: str = Field(sa_type=Text, primary_key=True)
    title: str | None = Field(sa_type=Text)
    family_name: str = Field(sa_type=Text)
    given_name: str = Field(sa_type=Text)
    name: str = Field(sa_type=Text)
    search_name: str = Field(sa_type=Text)
    profession: str = Field(sa_type=Text)
    professions: list[str] = texts()
    skills: list[str] = texts()
    specialties: list[str] = texts()
    listed: bool
    digest: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    version: int
    updated_at: datetime = instant()
    first_seen_at: datetime | None = instant(nullable=True)
    gone_at: datetime | None = instant(nullable=True)
    import_id: UUID | None = None


class ActivityRow(Table, table=True):
    """A place and way in which a person practises, in the order of the source."""

    __tablename__ = "activity"

    rpps: str = Field(sa_type=Text, primary_key=True, foreign_key="professional.rpps")
    position: int = Field(sa_column=Column(SmallInteger, primary_key=True, autoincrement=False))
    profession: str = Field(sa_type=Text)
    mode: str | None = Field(sa_type=Text)
    sector: str | None = Field(sa_type=Text)
    role: str | None = Field(sa_type=Text)
    section: str | None = Field(sa_type=Text)
    kind: str | None = Field(sa_type=Text)
    structure: str | None = Field(sa_type=Text)
    finess: str | None = Field(sa_type=Text)
    site_name: str | None = Field(sa_type=Text)
    street: str | None = Field(sa_type=Text)
    postal_code: str | None = Field(sa_type=Text)
    city: str | None = Field(sa_type=Text)
    commune: str | None = Field(sa_type=Text)
    phone: str | None = Field(sa_type=Text)


class SearchEntry(Table, table=True):
    """A listed person can be found at this place under this facet. Its key is the order of the answers.

    `place` is a commune, or empty for anywhere; `facet` is `*` for anyone, a profession (`p:10`) or a
    specialty (`s:cardiology`). So every search without a name reads short ranges of one index, whatever
    the size of the country.
    """

    __tablename__ = "search_entry"
    __table_args__ = (Index(None, "rpps"),)

    place: str = Field(sa_type=Text, primary_key=True)
    facet: str = Field(sa_type=Text, primary_key=True)
    search_name: str = Field(sa_type=Text, primary_key=True)
    rpps: str = Field(sa_type=Text, primary_key=True)


class FacetCount(Table, table=True):
    """How many persons can be found at a place under a facet, counted at the end of an import."""

    __tablename__ = "facet_count"
    __table_args__ = (Index("ix_facet_count_facet", "facet", "persons"),)

    place: str = Field(sa_type=Text, primary_key=True)
    facet: str = Field(sa_type=Text, primary_key=True)
    persons: int


class StructureRow(Table, table=True):
    """A site with a FINESS number. `source` is who described it: FINESS, or the lines of the RPPS that name it.

    `places` counts beds or places by discipline, `capacity` sums those that count. Degrees are WGS84.
    """

    __tablename__ = "structure"
    __table_args__ = (
        trigrams("structure"),
        Index(None, "commune"),
        Index("ix_structure_order", "search_name", "finess"),
        Index("ix_structure_category", "category", "commune"),
    )

    finess: str = Field(sa_type=Text, primary_key=True)
    name: str = Field(sa_type=Text)
    search_name: str = Field(sa_type=Text)
    sector: str | None = Field(sa_type=Text)
    postal_code: str | None = Field(sa_type=Text)
    commune: str | None = Field(sa_type=Text)
    source: str = Field(sa_column=Column(Text, nullable=False, server_default="rpps"))
    legal_entity: str | None = Field(sa_type=Text)
    category: str | None = Field(sa_type=Text)
    street: str | None = Field(sa_type=Text)
    city: str | None = Field(sa_type=Text)
    phone: str | None = Field(sa_type=Text)
    siret: str | None = Field(sa_type=Text)
    opened_on: date | None = None
    closed_on: date | None = None
    latitude: float | None = None
    longitude: float | None = None
    places: dict[str, int] = Field(sa_column=Column(JSONB, nullable=False, server_default="{}"))
    capacity: int | None = None
    listed: bool
    digest: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    version: int
    updated_at: datetime = instant()
    gone_at: datetime | None = instant(nullable=True)
    import_id: UUID | None = None


class Participation(Table, table=True):
    """A professional takes part in unscheduled care (SNP) on a territory. Tenant row; `version` counts its changes."""

    __tablename__ = "participation"

    territory: str = Field(sa_type=Text, primary_key=True)
    rpps: str = Field(sa_type=Text, primary_key=True, foreign_key="professional.rpps")
    participates: bool
    version: int
    changed_at: datetime = instant()
    changed_by: str = Field(sa_type=Text)


class ImportRun(Table, table=True):
    """One run over a source file: how far it got, what it counted. It commits with the work that it tells of."""

    __tablename__ = "import_run"
    __table_args__ = (
        CheckConstraint("state IN ('queued', 'running', 'completed', 'failed')", "state"),
        Index("ix_import_run_open", "requested_at", postgresql_where=text("state IN ('queued', 'running')")),
    )

    id: UUID = Field(primary_key=True)
    source: str = Field(sa_type=Text)
    state: str = Field(sa_type=Text)
    phase: str = Field(sa_type=Text)
    file_name: str = Field(sa_type=Text)
    file_size: int = Field(sa_type=BigInteger)
    file_digest: str = Field(sa_type=Text)
    blob_key: str | None = Field(sa_type=Text)
    extracted_at: datetime | None = instant(nullable=True)
    requested_at: datetime = instant()
    requested_by: str = Field(sa_type=Text)
    requested_from: str = Field(sa_type=Text)
    started_at: datetime | None = instant(nullable=True)
    finished_at: datetime | None = instant(nullable=True)
    read_bytes: int = Field(sa_type=BigInteger)
    last_line: int
    merged_up_to: str = Field(sa_type=Text)
    counts: dict[str, int] = Field(sa_column=Column(JSONB, nullable=False))
    scope: str = Field(default="partial", sa_column=Column(Text, nullable=False, server_default="partial"))
    confirm_gone: bool = Field(default=False, sa_column=Column(Boolean, nullable=False, server_default=false()))
    failure_code: str | None = Field(default=None, sa_type=Text)
    failure_detail: str | None = Field(default=None, sa_type=Text)


class ImportRefusal(Table, table=True):
    """A line that was refused, and why. `person` is whom it names, when that much can be read."""

    __tablename__ = "import_refusal"
    __table_args__ = (
        Index("ix_import_refusal_person", "import_id", "person", postgresql_where=text("person IS NOT NULL")),
    )

    import_id: UUID = Field(primary_key=True, foreign_key="import_run.id")
    line: int = Field(primary_key=True)
    cause: str = Field(sa_type=Text)
    source_column: str | None = Field(sa_type=Text)
    detail: str = Field(sa_type=Text)
    person: str | None = Field(default=None, sa_type=Text)


class RppsStaging(Table, table=True):
    """The lines of the import under way, between reading and merging. Runs go one at a time: one file at most.

    Unlogged: a crash of the server empties it. Line 0, of nobody, says whose lines they are.
    """

    __tablename__ = "rpps_staging"
    __table_args__ = (Index(None, "finess", postgresql_where=text("finess <> ''")), {"prefixes": ["UNLOGGED"]})

    rpps: str = Field(sa_type=Text, primary_key=True)
    line: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    finess: str = Field(sa_type=Text)
    fields: str = Field(sa_type=Text)


class PersonSource(Table, table=True):
    """What the last file said of a listed person, as a digest of its lines: the same again needs no merging.

    `unresolved`: how many of its activities have no commune.
    """

    __tablename__ = "person_source"

    rpps: str = Field(sa_type=Text, primary_key=True)
    digest: UUID
    unresolved: int = Field(sa_type=SmallInteger)


class FollowedDepartment(Table, table=True):
    """A *département* whose persons and structures other services are told of.

    `..._up_to`: how far those were told of who stood here before it was followed; null when all were.
    """

    __tablename__ = "followed_department"

    department: str = Field(sa_type=Text, primary_key=True)
    persons_up_to: str | None = Field(sa_type=Text)
    structures_up_to: str | None = Field(sa_type=Text)
