"""Routes behind the personal link of a campaign: no token, the address is the proof (docs/adr/0030)."""

from datetime import date
from typing import Annotated, Any

from fastapi import Form, Response

from directory.api import answer_pages
from directory.api.answer_pages import Filled
from directory.api.link_pages import Written
from directory.api.params import ReferenceDep, TerritoryPath
from directory.domain.as_of import paris_day
from directory.usecases.answer_campaign import answer_by_link, open_link
from directory.usecases.declare_acceptance import Said
from directory.usecases.load_reference import Reference
from kit.http import RuntimeDep, WorkDep, no_effect, service_router
from kit.link_pages import SecretPath, page_answers, serve
from kit.problems import Problem
from kit.work import Work

router = service_router(tags=["answers"])

_PAGES = page_answers("The campaign is over")


@router.get(
    "/answers/{territory}~{secret}",
    operation_id="openAnswer",
    summary="The question behind a personal link, as a page (no token: the address is the proof)",
    response_class=Response,
    responses=_PAGES,
)
async def get_answer(
    *, work: WorkDep, runtime: RuntimeDep, reference: ReferenceDep, territory: TerritoryPath, secret: SecretPath
) -> Response:
    """A page in French with two buttons; no JavaScript. Opening it records nothing: mail scanners open links.

    404 for an altered link, 410 when the campaign is over, both as pages. Logs and figures name the route, never the
    address.
    """
    try:
        serve(work, reference.territories, territory)
        link = await open_link(work, runtime.keyring, secret)
    except Problem as problem:
        return answer_pages.refused(problem)
    shown = reference.territories[territory].name
    return answer_pages.form(link, reference.acceptance[territory], shown, today=paris_day(work.now), filled=Filled())


@router.post(
    "/answers/{territory}~{secret}",
    operation_id="postAnswer",
    summary="Answer by a personal link",
    response_class=Response,
    responses=_PAGES,
)
@no_effect  # A form of a page sends no Idempotency-Key; the same answer twice is one answer.
async def post_answer(
    *,
    work: WorkDep,
    runtime: RuntimeDep,
    reference: ReferenceDep,
    territory: TerritoryPath,
    secret: SecretPath,
    accepts: Annotated[Written, Form(description="`yes` or `no`")] = "",
    capacity: Annotated[Written, Form(description="A number, or nothing")] = "",
    patients: Annotated[list[Written] | None, Form(max_length=20, description="Codes; none is anyone")] = None,
    until: Annotated[Written, Form(description="Last day, YYYY-MM-DD, or nothing")] = "",
) -> Response:
    """What the two buttons of the page send. It may be sent again until the campaign closes: the last answer counts.

    A wrong field brings the form back with what is wrong (422); 404 and 410 as for opening.
    """
    filled = Filled(accepts, capacity, patients or [], until)
    try:
        serve(work, reference.territories, territory)
        return await _record(work, runtime.keyring, reference, secret, filled)
    except Problem as problem:
        return answer_pages.refused(problem)


async def _record(work: Work, keyring: Any, reference: Reference, secret: str, filled: Filled) -> Response:
    rules = reference.acceptance[work.territory]
    try:
        return answer_pages.saved(await answer_by_link(work, keyring, rules, secret, _said(filled)))
    except (Problem, ValueError) as error:
        if isinstance(error, Problem) and error.status != 422:
            raise
        link = await open_link(work, keyring, secret)
        shown, fault = reference.territories[work.territory].name, _fault(error)
        return answer_pages.form(link, rules, shown, today=paris_day(work.now), filled=filled, fault=fault)


def _said(filled: Filled) -> Said:
    """What was written as an answer. Raises ValueError, in words for the page."""
    if filled.accepts not in ("yes", "no"):
        raise ValueError("Choisissez Oui ou Non.")
    if filled.accepts == "no":
        return Said(accepts=False)  # what was filled in before the other button was pressed does not count
    capacity = None
    if filled.capacity:
        if not (filled.capacity.isascii() and filled.capacity.isdigit() and 1 <= int(filled.capacity) <= 5000):
            raise ValueError("Le nombre de patients est un nombre entre 1 et 5000.")
        capacity = int(filled.capacity)
    return Said(True, capacity, tuple(filled.patients), _day(filled.until))


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise ValueError("Le jour s'écrit comme 2026-12-31.") from None


def _fault(error: Exception) -> str:
    if not isinstance(error, Problem):
        return str(error)
    known = {
        "valid_until_refused": "Le jour doit être à venir, dans un an au plus.",
        "patients_unknown": "Code inconnu.",
    }
    return known.get(error.code, "Réponse refusée.")
