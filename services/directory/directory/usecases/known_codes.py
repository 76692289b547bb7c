"""What a request names must be known: codes of a table, professions, communes. Each refusal names the field."""

from collections.abc import Collection
from itertools import islice

from directory.domain.nomenclature import Nomenclature
from directory.store import communes
from kit.problems import Problem, field_problem
from kit.work import Work

SEVERAL = 12
"""A refusal lists at most so many known codes."""


def check_code(field: str, code: str, known: Collection[str], where: str | None = None) -> None:
    """Raises Problem 422 `code_unknown`, which says where the codes are found or what they are."""
    if code not in known:
        found = f"see {where}" if where else f"one of {', '.join(islice(known, SEVERAL))}"
        raise field_problem(field, "code_unknown", f"No code {code!r}: {found}")


def check_profession(nomenclature: Nomenclature, profession: str | None, specialty: str | None = None) -> None:
    """Raises Problem 422 `profession_unknown` or `specialty_unknown`."""
    if profession is not None and profession not in nomenclature.professions:
        raise field_problem("profession", "profession_unknown", f"No profession {profession!r}: see /v1/nomenclature")
    if specialty is not None and specialty not in nomenclature.specialties:
        some = ", ".join(islice(sorted(nomenclature.specialties), 3))
        detail = f"No specialty {specialty!r}: see /v1/nomenclature ({some}...)"
        raise field_problem("specialty", "specialty_unknown", detail)


async def check_communes(work: Work, field: str, codes: Collection[str]) -> None:
    """They are communes of today. Raises Problem 422 that names the first that is not."""
    known = {row["insee"] for row in await communes.several(work, list(codes))} if codes else set()
    if unknown := sorted(set(codes) - known):
        raise unknown_commune(field, unknown[0])


def unknown_commune(field: str, code: str) -> Problem:
    """422 that names the field."""
    return field_problem(field, "commune_unknown", f"No commune has the INSEE code {code!r}: see /v1/communes")
