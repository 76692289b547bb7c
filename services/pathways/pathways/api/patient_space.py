"""The page behind a patient's or carer's own link: the address, and a code that came by another way (ADR 40)."""

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Form, Path, Request, Response
from fastapi.encoders import jsonable_encoder
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from kit.http import RuntimeDep, WorkDep, no_effect, service_router
from kit.link_pages import HTML, LinkPages, SecretPath, page_answers, serve
from kit.problems import Problem, field_problem
from kit.runtime import Runtime
from kit.work import Work
from pathways.api.care_plans import shown
from pathways.store.seal import Seal
from pathways.usecases.care_plan_paper import paper
from pathways.usecases.patient_link import RIGHTS, Right, code_of, path_of
from pathways.usecases.patient_space import (
    Parts,
    Shown,
    Space,
    acknowledge,
    enter,
    find_link,
    give_code,
    name_carer,
    pass_holds,
    report,
    revoke_carer,
    show_space,
    take_survey,
)
from pathways.usecases.write_note import NewNote

router = service_router(tags=["patient links"])

Action = Literal["open", "acknowledge", "report", "name_carer", "revoke_carer", "survey"]
TerritoryPath = Annotated[str, Path(pattern=r"^[a-z][a-z0-9-]{1,62}$")]
_TEXT = r"^[^\x00]*$"
_JSON = {"application/json": {"schema": {"type": "object"}}}
_PAGES = page_answers("The link is revoked, expired or locked, or the patient is on this pathway no more") | {
    200: {"description": "The page; the same as JSON to who asks for it", "content": HTML | _JSON},
    403: {"description": "A wrong code, or what this link does not allow: a page that says so", "content": HTML},
    409: {"description": "Too many links of carers: a page that says so", "content": HTML},
}
_REFUSED = {
    403: "Ce lien ne permet pas cela.",
    404: "Ce lien n'est pas valable, ou ce que vous demandez n'est plus proposé.",
    409: "Trop de liens d'aidants sont ouverts : retirez-en un d'abord.",
    410: "Ce lien n'ouvre plus rien. Demandez-en un autre à l'équipe qui vous suit. Urgence vitale : appelez le 15.",
    422: "Ce qui a été envoyé ne convient pas : vérifiez le formulaire.",
}
_EMERGENCY = "En cas d'urgence vitale, appelez le 15."
_pages = LinkPages("pathways.api", title="Mon parcours de soins", fault="", told="", space=None, ask_code=False)
_RIGHTS: dict[Right, str] = {
    "plan": "lire le plan de soins",
    "report": "signaler un événement",
    "education": "lire les documents d'information",
    "surveys": "répondre aux enquêtes",
}


class Sent(BaseModel):
    """The form of the page: the code, or what the page gave for it (`opened`), and what is to be done."""

    code: str = Field(default="", max_length=20, pattern=_TEXT)
    opened: str = Field(default="", max_length=60, pattern=_TEXT)
    action: Action = "open"
    kind: str = Field(default="", max_length=40, pattern=_TEXT)
    text: str = Field(default="", max_length=4000, pattern=_TEXT)
    name: str = Field(default="", max_length=120, pattern=_TEXT)
    rights: list[Right] = Field(default=[], max_length=len(RIGHTS))
    link_id: UUID | None = None
    survey_id: UUID | None = None


@router.get(
    "/my-care/{territory}~{secret}",
    operation_id="openMyCare",
    summary="The page behind a patient's or carer's link: it asks for the code (no token: the address is the proof)",
    response_class=Response,
    responses=_PAGES,
)
async def get_space(*, work: WorkDep, runtime: RuntimeDep, territory: TerritoryPath, secret: SecretPath) -> Response:
    """Says nothing of the patient, and records nothing: mail scanners open links."""
    try:
        serve(work, runtime.territories, territory)
        await find_link(work, _parts(runtime, territory), secret)
    except Problem as problem:
        return _refused(problem)
    return _ask()


@router.post(
    "/my-care/{territory}~{secret}",
    operation_id="useMyCare",
    summary="Open a patient's or carer's space by its code, and act there",
    response_class=Response,
    responses=_PAGES,
)
@no_effect  # A form of a page sends no Idempotency-Key.
async def post_space(
    *,
    request: Request,
    work: WorkDep,
    runtime: RuntimeDep,
    territory: TerritoryPath,
    secret: SecretPath,
    sent: Annotated[Sent, Form()],
) -> Response:
    """With `code`, or for half an hour with `opened` as the page gave it: one action, then the page as it stands.

    403 for a wrong code; the fifth locks the link (410). With `Accept: application/json` the answer is JSON.
    """
    try:
        serve(work, runtime.territories, territory)
        parts = _parts(runtime, territory)
        link = await find_link(work, parts, secret)
        opened = sent.opened if pass_holds(work, parts, link, sent.opened) else ""
        opened = opened or (await give_code(work, parts, link, sent.code) or "" if sent.code else "")
        if not opened:
            return _ask(403 if sent.code else 200, "Ce code n'est pas le bon." if sent.code else "")
        space = await enter(work, link)
        told = await _done(work, parts, space, sent)
        space = await enter(work, await find_link(work, parts, secret))
        view = _view(space, await show_space(work, parts, space), opened)
    except Problem as problem:
        return _refused(problem)
    if "application/json" in request.headers.get("accept", ""):
        return JSONResponse(jsonable_encoder({"told": told, **view}), headers={"Cache-Control": "no-store"})
    return _pages.page("space.html.j2", 200, told=told, space=view)


async def _done(work: Work, parts: Parts, space: Space, sent: Sent) -> str:
    """Does what was asked; answers what the page says of it. Raises Problem."""
    if sent.action == "acknowledge":
        await acknowledge(work, parts, space)
        return "Merci. Votre équipe sait que vous avez lu le plan de soins."
    if sent.action == "report":
        kind = await report(work, parts, space, NewNote(sent.kind, _filled(sent.text)))
        return f"C'est transmis à votre équipe. {kind.advice or _EMERGENCY}"
    if sent.action == "name_carer":
        link = await name_carer(work, parts, space, _filled(sent.name), tuple(dict.fromkeys(sent.rights)))
        code = code_of(parts.keyring, work.territory, link["id"])
        address = path_of(parts.keyring, work.territory, link["id"])
        return f"Le lien de votre aidant : {address} - son code, à dire autrement que par le même message : {code}"
    if sent.action == "revoke_carer" and sent.link_id:
        await revoke_carer(work, parts, space, sent.link_id)
        return "Ce lien d'aidant n'ouvre plus rien."
    if sent.action == "survey" and sent.survey_id:
        address = await take_survey(work, parts, space, sent.survey_id)
        return f"Votre réponse sera anonyme. Ouvrez cette adresse : {address}"
    return ""


def _filled(text: str) -> str:
    """Raises Problem 422 when nothing was written."""
    if not text.strip():
        raise field_problem("text", "text_missing", "Write something")
    return text.strip()


def _view(space: Space, found: Shown, opened: str) -> dict[str, Any]:
    """For the page, and as JSON. No identity."""
    plan = found.plan
    blocks = paper(plan.content, plan.changed, number=plan.row["number"], patient=None) if plan else []
    read = plan is not None and any(it["person"] == "patient" and it["acknowledged_at"] for it in plan.recipients)
    return {
        "opened": opened,
        "holder": space.link["holder"],
        "rights": {it: _RIGHTS[it] for it in RIGHTS if it in space.link["rights"]},
        "pathway": space.enrolment["label"],
        "plan": [shown(it) for it in blocks],
        "plan_read": read,
        "kinds": {it.code: it.plain for it in found.kinds},
        "education": [{"label": label, "text": text} for label, text in found.education],
        "surveys": [{"id": it["id"], "label": it["label"]} for it in found.surveys],
        "carers": [{"id": row["id"], "name": name, "rights": row["rights"]} for row, name in found.carers],
    }


def _parts(runtime: Runtime, territory: str) -> Parts:
    extras, seal = runtime.extras, Seal(runtime.keyring, territory)
    of_territory = [extras[name][territory] for name in ("access_rules", "notebooks", "activities")]
    return Parts(runtime.keyring, seal, *of_territory)


def _ask(status: int = 200, fault: str = "") -> Response:
    return _pages.page("space.html.j2", status, ask_code=True, fault=fault)


def _refused(problem: Problem) -> Response:
    status = problem.status if problem.status in _REFUSED else 422
    return _pages.page("space.html.j2", status, fault=_REFUSED[status])
