"""Pathways as they were when somebody was enrolled: the version of a running enrolment may have left the files."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any
from uuid import UUID

import orjson

from kit.work import Work
from pathways.domain.template import Template
from pathways.domain.template_step import Step

_ADD = """
INSERT INTO template_version (territory, template, version, body, ladders, recorded_at)
VALUES ($1, $2, $3, $4::text::jsonb, $5::text::jsonb, $6) ON CONFLICT DO NOTHING
"""
_OF = "SELECT body::text FROM template_version WHERE territory = $1 AND template = $2 AND version = $3"
_IN_USE = """
SELECT kept.territory, kept.body::text FROM template_version kept
JOIN unnest($1::text[], $2::text[], $3::text[]) AS named (territory, template, version)
  USING (territory, template, version)
"""
_STEP = """
SELECT spec::text FROM step
JOIN enrolment ON enrolment.id = step.enrolment_id
JOIN template_version kept ON kept.territory = enrolment.territory AND kept.template = enrolment.template
  AND kept.version = enrolment.template_version
CROSS JOIN LATERAL jsonb_array_elements(kept.body -> 'steps') AS specs (spec)
WHERE step.id = $1 AND spec ->> 'code' = step.code
"""
_SENSITIVE = """
SELECT coalesce((kept.body ->> 'sensitive')::boolean, true) FROM step
JOIN enrolment ON enrolment.id = step.enrolment_id
JOIN template_version kept ON kept.territory = enrolment.territory AND kept.template = enrolment.template
  AND kept.version = enrolment.template_version
WHERE step.id = $1
"""


async def keep(work: Work, template: Template) -> None:
    """Keeps this version, unless it is kept already."""
    ladders = {
        step.code: [rung.model_dump() for rung in ladder]
        for step in template.steps
        if (ladder := template.ladder(step))
    }
    body = template.model_dump_json()
    which = (work.territory, template.id, template.version)
    await work.execute(_ADD, *which, body, orjson.dumps(ladders).decode(), work.now)


async def of(work: Work, enrolment: Mapping[str, Any]) -> Template | None:
    """The pathway in the version of this enrolment; None when it was enrolled before versions were kept."""
    body = await work.fetchval(_OF, enrolment["territory"], enrolment["template"], enrolment["template_version"])
    return _read(body) if body else None


@lru_cache(maxsize=256)
def _read(body: str) -> Template:
    """What is kept never changes: a file of stays or a batch of steps reads a version once."""
    return Template.model_validate_json(body)


async def in_use(work: Work, named: Sequence[tuple[str, str, str]]) -> list[tuple[str, Template]]:
    """Those of these (territory, id, version) that somebody was enrolled under, as they were then, with territory."""
    columns = [list(column) for column in zip(*named, strict=True)] or [[], [], []]
    rows = await work.fetch(_IN_USE, *columns)
    return [(row["territory"], Template.model_validate_json(row["body"])) for row in rows]


async def step_of(work: Work, step_id: UUID) -> Step | None:
    """What the pathway says of a step, in the version of its enrolment: what proves it, which visit it needs ..."""
    spec = await work.fetchval(_STEP, step_id)
    return Step.model_validate_json(spec) if spec else None


async def is_sensitive(work: Work, step_id: UUID) -> bool:
    """Whether events of the step's pathway leave the commune out; so is one of which nothing is known."""
    return bool(await work.fetchval(_SENSITIVE, step_id) is not False)
