"""From how many patients on a territory shows a number of them in what it publishes (*secret statistique*)."""

from pydantic import BaseModel, ConfigDict, Field


class SmallCells(BaseModel):
    """`small-cells.yaml` of a territory. Counts of patients from 1 to `threshold` - 1 are hidden."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: int = Field(default=1, ge=1)
    threshold: int = Field(default=6, ge=2, le=100)
