"""Routes behind the link of a newsletter by which its reader wants no more of them. No token: the link is the proof."""

from fastapi import Response
from fastapi.responses import HTMLResponse

from directory.api.link_pages import page
from directory.api.params import TerritoryPath
from directory.usecases.unsubscribe import find_letter, unsubscribe
from kit.http import RuntimeDep, WorkDep, no_effect, service_router
from kit.link_pages import SHOWN, SecretPath
from kit.problems import problem_responses

router = service_router(tags=["messages"])


@router.get(
    "/unsubscriptions/{territory}~{secret}",
    operation_id="showUnsubscription",
    summary="The page behind the link of a newsletter (no token: the address is the secret)",
    response_class=HTMLResponse,
    responses={**problem_responses(404), 200: SHOWN},
)
async def get_unsubscription(
    *, work: WorkDep, runtime: RuntimeDep, territory: TerritoryPath, secret: SecretPath
) -> Response:
    """It only asks: programs that look into mails open links by themselves. 404 `link_unknown`."""
    work.territory = territory
    await find_letter(work, runtime.keyring, secret)
    return _page(ask="Ne plus recevoir la lettre d'information")


@router.post(
    "/unsubscriptions/{territory}~{secret}",
    operation_id="unsubscribe",
    summary="Receive no more newsletters (no token: the address is the secret)",
    response_class=HTMLResponse,
    responses={**problem_responses(404, 410), 200: SHOWN},
)
@no_effect  # Mail programs and the form of the page send no Idempotency-Key; twice is once.
async def post_unsubscription(
    *, work: WorkDep, runtime: RuntimeDep, territory: TerritoryPath, secret: SecretPath
) -> Response:
    """What the button of a mail program posts (RFC 8058), or that of the page.

    404 `link_unknown`, 410 `link_expired`.
    """
    work.territory = territory
    await unsubscribe(work, runtime.keyring, secret)
    return _page(told="C'est noté : vous ne recevrez plus la lettre d'information à cette adresse.")


def _page(**parts: str) -> Response:
    return page("button.html.j2", 200, title="Lettre d'information", **parts)
