"""What the routes on statements take and answer."""

from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StrictBool

from directory.api.fields import Code
from directory.domain.statements import About, Compared, Freshness, Source, Type

ClockText = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$|^24:00$", examples=["08:30"])]


class HoursRange(BaseModel):
    """Open on a day of the week (1 is Monday), from and to, Paris time."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    day: int = Field(ge=1, le=7)
    start: ClockText = Field(alias="from")
    end: ClockText = Field(alias="to")


class StatementIn(BaseModel):
    """What is said. The type of `value` is that of the kind (see /v1/statement-kinds)."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"value": ["fr", "br"], "valid_until": "2027-06-30T22:00:00Z"}]}
    )

    value: (
        StrictBool
        | Annotated[float, Field(strict=True, ge=0, le=1_000_000, allow_inf_nan=False)]
        | Annotated[str, Field(min_length=1, max_length=500, pattern=r"^[^\x00]*$")]
        | Annotated[list[Code], Field(min_length=1, max_length=60)]
        | Annotated[list[HoursRange], Field(min_length=1, max_length=40)]
    )
    valid_until: AwareDatetime | None = Field(
        default=None, description="As long as the kind holds by default, five years at most"
    )
    source: Literal["coordinator", "survey"] | None = Field(
        default=None, description="For a coordinator: said by themself, or in an answer to a survey"
    )

    def plain(self) -> Any:
        """The value as JSON."""
        return self.model_dump(by_alias=True)["value"]


class StatementOut(BaseModel):
    """A statement with its freshness: who said it, when, until when it holds."""

    about: str = Field(description="RPPS or FINESS number")
    kind: str
    label: str | None
    place: str | None = Field(description="INSEE code of the commune that it is said of; null for all places")
    value: Any
    labels: list[str] = Field(description="Of the codes in `value`")
    source: Source
    declared_at: AwareDatetime
    declared_by: str = Field(description="Subject of the token")
    valid_until: AwareDatetime | None = Field(description="Null: until it is withdrawn")
    state: Freshness = Field(description="Only one that `holds` counts, for searches and for the dispatch")
    version: int


class StatementsOut(BaseModel):
    """All that is attested of one subject."""

    items: list[StatementOut]


class KindOut(BaseModel):
    """A kind of statement."""

    kind: str
    label: str
    type: Type
    codes: dict[str, str]
    about: list[About]
    by: list[Source]
    holds_days: int | None = Field(description="By default; null: until it is withdrawn")
    placed: bool = Field(description="May be said of one place of practice")
    told: bool = Field(description="Stands in the event statements.changed")
    compared_with: Compared | None = Field(description="The national value that it may contradict")


class KindsOut(BaseModel):
    """Everything that can be stated."""

    version: str
    items: list[KindOut]
