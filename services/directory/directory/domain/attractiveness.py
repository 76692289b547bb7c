"""Codes of hosting and settling (`deploy/reference/attractiveness.yaml`), and the way of a project to its opening."""

from typing import Self

from pydantic import BaseModel, ConfigDict, model_validator

FIRST, OPENED, ABANDONED = "first_contact", "opened", "abandoned"


class _Codes(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Stage(_Codes):
    """A stage of an installation project, and those that may follow it."""

    label: str
    next: tuple[str, ...]


class AttractivenessCodes(_Codes):
    """Versioned codes with their French labels."""

    version: str
    training_levels: dict[str, str]
    housing: dict[str, str]
    stages: dict[str, Stage]

    @model_validator(mode="after")
    def _stages_lead_to_stages(self) -> Self:
        if missing := {FIRST, OPENED, ABANDONED} - self.stages.keys():
            raise ValueError(f"stages: missing {', '.join(sorted(missing))}")
        for code, stage in self.stages.items():
            if unknown := set(stage.next) - self.stages.keys():
                raise ValueError(f"stages.{code}.next: unknown {', '.join(sorted(unknown))}")
        return self

    def may_follow(self, stage: str, following: str) -> bool:
        """Whether a project at `stage` may go on to `following`."""
        return following in self.stages[stage].next
