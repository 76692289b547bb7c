"""Filters of a search by what the territory attests and by how somebody practises."""

from dataclasses import dataclass
from typing import Any

from directory.usecases.load_reference import Reference
from kit.problems import field_problem

MOST = 5
"""Capabilities asked for at once."""


@dataclass(frozen=True)
class Attested:
    """`capability` as typed: `kind` or `kind=code`; all must hold."""

    capability: tuple[str, ...] = ()
    accepts: bool | None = None
    mode: str | None = None
    sector: str | None = None

    @property
    def asked(self) -> bool:
        return self != NOTHING


NOTHING = Attested()
"""No filter."""


def attested_filters(reference: Reference, asked: Attested, *, bounded: bool) -> dict[str, Any]:
    """What `Wanted` takes of it. `bounded`: a place or a name bounds the search.

    Raises Problem 422: an unknown kind or code, or a mode or sector that would read the whole country.
    """
    known = reference.nomenclature
    for field, code, codes in (("mode", asked.mode, known.modes), ("sector", asked.sector, known.sectors)):
        if code is not None and code not in codes:
            raise field_problem(field, f"{field}_unknown", f"No {field} {code!r}: see /v1/nomenclature")
        if code is not None and not (bounded or asked.capability or asked.accepts is not None):
            detail = f"With `{field}`, say a place (`commune`, `territory`, `near`) or a `name` as well"
            raise field_problem(field, "place_missing", detail)
    capabilities = [_capability(reference, typed) for typed in asked.capability]
    return {"capabilities": capabilities, "accepts": asked.accepts, "mode": asked.mode, "sector": asked.sector}


def _capability(reference: Reference, typed: str) -> tuple[str, str | None]:
    kind, _, code = typed.partition("=")
    found = reference.statements.kinds.get(kind)
    if found is None or "person" not in found.about:
        raise field_problem("capability", "kind_unknown", f"No kind of statement {kind!r}: see /v1/statement-kinds")
    codes = {"yes", "no"} if found.type == "flag" else set(found.codes)
    if code and code not in codes:
        raise field_problem("capability", "code_unknown", f"{kind} has no code {code!r}: see /v1/statement-kinds")
    return kind, code or None
