"""A version of a pathway that somebody was enrolled under says for ever what it said then."""

from pathlib import Path

from kit.territories import BadFileError
from kit.work import Work
from pathways.domain.template import Template
from pathways.store import template_versions
from pathways.store.template_files import Catalogue, file_of


async def check_versions(work: Work, catalogue: Catalogue, territories: Path, reference: Path) -> None:
    """Refuses a file whose content changed under a version that is in use: enrolments of one version would differ.

    The content itself is compared, as the code reads it, and not a digest: a field that the code adds has its default
    on both sides. Under the system role, of all territories. Raises BadFileError with file, version and fields.
    """
    offered = [(slug, template) for slug, own in catalogue.items() for template in own.values()]
    kept = await template_versions.in_use(work, [(slug, it.id, it.version) for slug, it in offered])
    for slug, was in kept:
        now = catalogue[slug][was.id]
        if changed := _changed(was, now):
            path = file_of(territories, reference, slug, was.id)
            raise BadFileError(
                f"{path}: version: {now.version!r} is in use on {slug} and said otherwise: {', '.join(changed)}. "
                "Give what changed a new version (of the shared file, too, if it is extended)"
            )


def _changed(was: Template, now: Template) -> list[str]:
    return [name for name in Template.model_fields if getattr(was, name) != getattr(now, name)]
