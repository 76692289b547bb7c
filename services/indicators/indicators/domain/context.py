"""Figures that describe a territory and are no indicators of its project: population, morbidity, supply of care."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

ContextUnit = Literal["count", "percent", "per_km2", "index", "score"]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ContextFigure(_Part):
    """What is measured. Its value in a territory is said by the territory, or imported since."""

    id: Annotated[str, StringConstraints(pattern=r"^C-[0-9]{2}$")]
    label_fr: str
    label_en: str
    unit: ContextUnit


class Context(_Part):
    """The context figures that every territory has the same codes for."""

    version: int = Field(ge=1)
    figures: tuple[ContextFigure, ...]

    @model_validator(mode="after")
    def _names_each_once(self) -> "Context":
        ids = [figure.id for figure in self.figures]
        if twice := sorted({item for item in ids if ids.count(item) > 1}):
            raise ValueError(f"named twice: {', '.join(twice)}")
        return self
