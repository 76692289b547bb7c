"""New roles, care teams, members and resources: what they refer to must be there."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from directory.domain.as_of import paris_day
from directory.domain.names import normalise
from directory.domain.validity import last_day
from directory.store import entries
from directory.store.entries import Entries
from directory.usecases.access import check_coordinator
from directory.usecases.keep_entries import change_entry, show_entry
from directory.usecases.known_codes import check_code, check_communes
from directory.usecases.load_reference import Reference
from directory.usecases.search_structures import show_structure
from directory.usecases.show_professional import find_professional
from kit.auth import Caller
from kit.problems import Problem, field_problem
from kit.work import Record, Work

CODES = "/v1/directory-codes"
Values = Mapping[str, Any]


async def check_role(work: Work, reference: Reference, values: Values) -> None:
    """Raises Problem 422: unknown code, professional or structure, or the wrong kind of holder."""
    check_code("role", values["role"], reference.codes.roles, CODES)
    kind = reference.codes.roles[values["role"]]
    if kind.organisation != (values["rpps"] is None) or (values["rpps"] is None) == (values["organisation"] is None):
        holder = "an organisation" if kind.organisation else "a professional"
        raise field_problem("rpps", "holder_refused", f"This role is held by {holder}, and by nobody else")
    if kind.structure and values["finess"] is None:
        raise field_problem("finess", "structure_missing", "This role is held at a structure: say its FINESS number")
    await _check_links(work, values)


async def add_role(work: Work, reference: Reference, caller: Caller, values: Values) -> Record:
    """Somebody holds a role. Raises Problem 403 or 422."""
    check_coordinator(caller)
    await check_role(work, reference, values)
    return await _added(work, "role_held", values, caller)


async def check_team(work: Work, reference: Reference, values: Values) -> None:
    """Raises Problem 422: unknown code, structure or commune."""
    for field, known in (("kind", reference.codes.team_kinds), ("basis", reference.codes.team_bases)):
        check_code(field, values[field], known, CODES)
    await _check_links(work, {**values, "communes": [values["commune"]] if values["commune"] else []})


async def add_team(work: Work, reference: Reference, caller: Caller, values: Values) -> Record:
    """A care team begins. Raises Problem 403 or 422."""
    check_coordinator(caller)
    await check_team(work, reference, values)
    return await _added(work, "care_team", values, caller)


async def add_member(work: Work, reference: Reference, caller: Caller, team: UUID, values: Values) -> Record:
    """A professional joins a care team. Raises Problem 403, 404, 409 `already_member` or `ended`, or 422."""
    check_coordinator(caller)
    found = await show_entry(work, "care_team", team)
    if found["ended_on"] is not None:
        raise Problem(409, "ended", f"The team ended on {found['ended_on']}")
    check_code("role", values["role"], reference.codes.team_roles, CODES)
    if values["since"] < found["since"]:
        raise field_problem("since", "before_the_team", f"The team began on {found['since']}")
    await _check_links(work, values)
    row = await entries.add(work, "care_team_member", {**values, "team_id": team}, caller.subject)
    if row is None:
        raise Problem(409, "already_member", f"{values['rpps']} is a member of this team")
    return row


async def resource_values(work: Work, reference: Reference, caller: Caller, values: Values) -> dict[str, Any]:
    """The row of a resource, attested now. Raises Problem 422: unknown code, structure, professional or commune."""
    check_code("kind", values["kind"], reference.codes.resource_kinds, CODES)
    for theme in values["themes"]:
        check_code("themes", theme, reference.codes.themes, CODES)
    await _check_links(work, values)
    try:
        holds = reference.codes.resource_validity
        until = last_day(values["valid_until"], paris_day(work.now), holds.days, holds.longest_days)
    except ValueError as error:
        raise field_problem("valid_until", "valid_until_refused", str(error)) from None
    words = " ".join(filter(None, (values["name"], values["purpose"], values["public"])))
    searched = {"search_name": f" {normalise(values['name'])}", "search_text": f" {normalise(words)}"}
    attested = {"attested_at": work.now, "attested_by": caller.subject, "valid_until": until}
    return {**values, "themes": sorted(set(values["themes"])), **searched, **attested}


async def add_resource(work: Work, reference: Reference, caller: Caller, values: Values) -> Record:
    """An entry of the common directory of resources. Raises Problem 403 or 422."""
    check_coordinator(caller)
    row = await resource_values(work, reference, caller, values)
    return await _added(work, "resource", row, caller)


async def change_resource(
    work: Work, reference: Reference, caller: Caller, entry: UUID, values: Values, *, if_match: str | None
) -> Record:
    """The entry as it is attested now. Raises Problem 403, 404, 409, 412 or 422."""
    check_coordinator(caller)
    row = await resource_values(work, reference, caller, values)
    return await change_entry(work, caller, "resource", entry, row, if_match=if_match)


async def _added(work: Work, table: Entries, values: Values, caller: Caller) -> Record:
    row = await entries.add(work, table, values, caller.subject)
    assert row is not None  # noqa: S101 - nothing makes these the only one
    return row


async def _check_links(work: Work, values: Values) -> None:
    """What the values refer to is in the directory. Raises Problem 422."""
    try:
        if values.get("rpps"):
            await find_professional(work, values["rpps"])
        if values.get("finess"):
            await show_structure(work, values["finess"])
    except Problem as problem:
        field = "rpps" if problem.code == "professional_unknown" else "finess"
        raise field_problem(field, problem.code, problem.detail) from None
    await check_communes(work, "communes", values.get("communes") or ())
