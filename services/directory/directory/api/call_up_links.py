"""Routes behind the personal link of a call-up: no token, the address is the proof (docs/adr/0030)."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Form, Response

from directory.api import call_up_pages
from directory.api.link_pages import Written
from directory.api.params import ReferenceDep, TerritoryPath
from directory.domain.as_of import PARIS
from directory.usecases.answer_call_up import (
    Availability,
    answer_by_call_up_link,
    free_shifts,
    open_call_up_link,
    take_shift_by_link,
)
from directory.usecases.load_reference import Reference
from kit.crypto import Keyring
from kit.http import RuntimeDep, WorkDep, no_effect, service_router
from kit.link_pages import SecretPath, page_answers, serve
from kit.problems import Problem
from kit.work import Work

router = service_router(tags=["answers"])

_PAGES = page_answers("The call-up is closed")


@router.get(
    "/call-up-answers/{territory}~{secret}",
    operation_id="openCallUpAnswer",
    summary="The call-up behind a personal link, as a page (no token: the address is the proof)",
    response_class=Response,
    responses=_PAGES,
)
async def get_answer(
    *, work: WorkDep, runtime: RuntimeDep, reference: ReferenceDep, territory: TerritoryPath, secret: SecretPath
) -> Response:
    """A page in French with two buttons; no JavaScript. Opening it records nothing: mail scanners open links.

    404 for an altered link, 410 when the call-up is closed, both as pages.
    """
    try:
        serve(work, reference.territories, territory)
        return await _shown(work, runtime.keyring, reference, secret)
    except Problem as problem:
        return call_up_pages.refused(problem)


@router.post(
    "/call-up-answers/{territory}~{secret}",
    operation_id="postCallUpAnswer",
    summary="Say by a personal link whether one is available, or take a shift",
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
    available: Annotated[Written, Form(description="`yes` or `no`")] = "",
    since: Annotated[Written, Form(alias="from", description="Paris time, as 2026-11-22T08:00, or nothing")] = "",
    until: Annotated[Written, Form(description="The same")] = "",
    shift: Annotated[Written, Form(description="A shift to take, instead")] = "",
) -> Response:
    """What the buttons of the page send. The last answer counts, until the call-up closes.

    A wrong field or a shift that is full brings the form back with what is wrong (422); 404 and 410 as for opening.
    """
    keyring = runtime.keyring
    try:
        serve(work, reference.territories, territory)
        if shift:
            return await _take(work, keyring, reference, secret, shift)
        return await _answer(work, keyring, reference, secret, (available, since, until))
    except Problem as problem:
        return call_up_pages.refused(problem)


async def _answer(
    work: Work, keyring: Keyring, reference: Reference, secret: str, written: tuple[str, str, str]
) -> Response:
    try:
        await answer_by_call_up_link(work, keyring, secret, _said(*written))
    except ValueError as error:
        return await _shown(work, keyring, reference, secret, fault=str(error), filled=written[1:])
    except Problem as problem:
        if problem.status != 422:
            raise
        fault = call_up_pages.fault_of(problem)
        return await _shown(work, keyring, reference, secret, fault=fault, filled=written[1:])
    return await _shown(work, keyring, reference, secret)


async def _take(work: Work, keyring: Keyring, reference: Reference, secret: str, shift: str) -> Response:
    await open_call_up_link(work, keyring, secret)
    try:
        taken = await take_shift_by_link(work, keyring, secret, UUID(shift))
    except ValueError:
        return await _shown(work, keyring, reference, secret, fault="Créneau inconnu.")
    except Problem as problem:
        return await _shown(work, keyring, reference, secret, fault=call_up_pages.fault_of(problem))
    return await _shown(work, keyring, reference, secret, taken=taken)


async def _shown(work: Work, keyring: Keyring, reference: Reference, secret: str, **parts: Any) -> Response:
    link = await open_call_up_link(work, keyring, secret)
    name = reference.territories[work.territory].name
    return call_up_pages.form(link, name, await free_shifts(work, link), **parts)


def _said(available: str, since: str, until: str) -> Availability:
    """What was written as an answer. Raises ValueError, in words for the page."""
    if available not in ("yes", "no"):
        raise ValueError("Choisissez l'un des deux boutons.")
    if available == "no":
        return Availability(available=False)  # times filled in before the other button was pressed do not count
    return Availability(True, _instant(since), _instant(until))


def _instant(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text) if text else None
    except ValueError:
        raise ValueError("Le jour et l'heure s'écrivent comme 2026-12-31T08:00.") from None
    return found.replace(tzinfo=PARIS) if found and found.tzinfo is None else found
