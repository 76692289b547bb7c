"""The codes that pathways of every territory share (`deploy/reference/pathway-codes.yaml`)."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from pathways.domain.questionnaires import Questionnaire
from pathways.domain.template import Template
from pathways.domain.template_parts import Code, IndicatorId, Part


class KnownRole(Part):
    """A role. `kind` is the category of who holds it (art. R1110-2 CSP): only `care` is a health professional."""

    label: str
    kind: Literal["care", "coordination", "social", "patient"]
    professions: tuple[str, ...] = Field(default=(), description="TRE_G15 codes that may hold it, empty for any")


class PathwayCodes(Part):
    """Roles, and the indicators that pathways feed."""

    version: str
    roles: dict[Code, KnownRole]
    indicators: tuple[IndicatorId, ...]


class Nomenclature(BaseModel):
    """What is read here of `nomenclature.yaml`."""

    model_config = ConfigDict(frozen=True)

    professions: dict[str, str]
    specialties: dict[str, object]


class DispatchCodes(BaseModel):
    """What is read here of `snp-codes.yaml`."""

    model_config = ConfigDict(frozen=True)

    acts: dict[str, str]


@dataclass(frozen=True)
class Known:
    """Every code that a pathway may name; `questionnaires` are those that the territory has."""

    codes: PathwayCodes
    nomenclature: Nomenclature
    dispatch: DispatchCodes
    questionnaires: Mapping[str, Questionnaire]

    def unknown(self, template: Template) -> Iterator[str]:
        """A complaint for each code that no list has; it names the step and the field."""
        for position, role in enumerate(template.roles):
            yield from _unknown(f"roles.{position}.code", [role.code], self.codes.roles)
        yield from _unknown("indicators", template.indicators, self.codes.indicators)
        yield from self._surveys(template)
        for position, step in enumerate(template.steps):
            where = f"steps.{position} ({step.code})"
            yield from _unknown(f"{where}: indicators", step.indicators, self.codes.indicators)
            if visit := step.needs_visit:
                yield from _unknown(f"{where}: profession", [visit.profession], self.nomenclature.professions)
                yield from _unknown(f"{where}: specialty", _given(visit.specialty), self.nomenclature.specialties)
                yield from _unknown(f"{where}: act", _given(visit.act), self.dispatch.acts)

    def _surveys(self, template: Template) -> Iterator[str]:
        pathway = {code: it for code, it in self.questionnaires.items() if "pathway" in it.about}
        for position, survey in enumerate(template.surveys):
            where, known = f"surveys.{position} ({survey.key})", pathway.get(survey.key)
            if known is None:
                yield f"{where}: key: no questionnaire about a pathway is {survey.key!r}: {', '.join(sorted(pathway))}"
            elif survey.audience not in known.respondents:
                yield f"{where}: audience: {survey.key} is not for {survey.audience!r}"
            yield from _unknown(f"{where}: indicators", survey.indicators, self.codes.indicators)


def unknown_roles(codes: PathwayCodes, nomenclature: Nomenclature) -> Mapping[str, list[str]]:
    """Professions that no nomenclature has, by role."""
    return {
        code: wrong
        for code, role in codes.roles.items()
        if (wrong := [it for it in role.professions if it not in nomenclature.professions])
    }


def _given(code: str | None) -> list[str]:
    return [code] if code else []


def _unknown(field: str, named: Iterable[str], known: Collection[str]) -> Iterator[str]:
    for code in named:
        if code not in known:
            yield f"{field}: no code {code!r}"
