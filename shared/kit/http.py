"""HTTP conventions: a request is one transaction, committed before its answer leaves.

The transaction sits in the route class, around the whole handler: FastAPI's `yield` dependencies end
after the answer unless they have function scope, and an answer must never promise what a failed commit
takes back (docs/adr/0003).
"""

import inspect
from collections.abc import Callable, Coroutine
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Depends, Header, Request, Response, Security
from fastapi.routing import APIRoute
from fastapi.security import HTTPBearer, SecurityScopes

from kit.auth import Caller, require_scopes
from kit.idempotency import MAX_KEY, Claim, Replay, canonical
from kit.problems import Problem, problem_responses
from kit.runtime import Runtime
from kit.work import Work

F = TypeVar("F", bound=Callable[..., Any])
Handler = Callable[[Request], Coroutine[Any, Any, Response]]

_bearer = HTTPBearer(auto_error=False, bearerFormat="JWT", description="Token with territory and scopes (see kit.auth)")

ALWAYS = problem_responses(401, 403, 422, 429, 503)


def no_effect(endpoint: F) -> F:
    """Marks a POST that changes nothing (a search whose terms may not stand in a URL): no Idempotency-Key."""
    endpoint.__no_effect__ = True  # type: ignore[attr-defined]
    return endpoint


class WorkRoute(APIRoute):
    """A route whose request is one unit of work; a POST also claims its Idempotency-Key in it."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        methods = set(options.get("methods") or ())
        self.keyed = "POST" in methods and not getattr(inspect.unwrap(endpoint), "__no_effect__", False)
        if self.keyed:
            options["dependencies"] = [*(options.get("dependencies") or []), Depends(_claim_key)]
            options["responses"] = {**problem_responses(400), **(options.get("responses") or {})}
        super().__init__(path, endpoint, **options)

    def get_route_handler(self) -> Handler:
        handle = super().get_route_handler()

        async def handle_in_transaction(request: Request) -> Response:
            work: Work = runtime_of(request).db.open("")
            request.state.work = work
            try:
                response = await handle(request)
                await work.answer(response.status_code, bytes(getattr(response, "body", b"")))
                await work.commit()
            except Replay as replay:
                await work.rollback()
                return _replayed(replay)
            except Problem as problem:
                await work.rollback()
                return problem.response()
            except BaseException:
                await work.rollback()
                raise
            return response

        return handle_in_transaction


def service_router(**options: Any) -> APIRouter:
    """A router under `/v1` whose routes follow the conventions of this module."""
    options.setdefault("prefix", "/v1")
    return APIRouter(route_class=WorkRoute, responses=ALWAYS, **options)


def runtime_of(request: Request) -> Runtime:
    runtime: Runtime = request.app.state.runtime
    return runtime


def work_of(request: Request) -> Work:
    work: Work = request.state.work
    return work


# Async although they wait for nothing: FastAPI sends a plain function to a thread, at ten times the cost.
async def _runtime(request: Request) -> Runtime:
    return runtime_of(request)


async def _work(request: Request) -> Work:
    return work_of(request)


async def _authenticate(
    request: Request,
    scopes: SecurityScopes,
    _: Annotated[Any, Security(_bearer)],
    x_territory: Annotated[
        str | None,
        Header(alias="X-Territory", description="Optional: refused unless it is the token's territory", max_length=63),
    ] = None,
) -> Caller:
    caller = runtime_of(request).verifier.caller(request.headers.get("authorization"), x_territory)
    require_scopes(caller, scopes.scopes)
    work = work_of(request)
    work.territory, work.caller = caller.territory, caller
    return caller


def require(*scopes: str) -> Any:
    """The authenticated caller, who has these scopes: `Annotated[Caller, require("slots:write")]`."""
    return Security(_authenticate, scopes=list(scopes))


IfMatch = Annotated[str | None, Header(max_length=40, description="`ETag` of what was read")]
"""What `kit.versions.check_version` compares."""
WorkDep = Annotated[Work, Depends(_work)]
RuntimeDep = Annotated[Runtime, Depends(_runtime)]


async def _claim_key(
    request: Request,
    idempotency_key: Annotated[
        str,
        Header(
            alias="Idempotency-Key",
            min_length=1,
            max_length=MAX_KEY,
            description="Makes the request safe to repeat for 24 h: same key, same answer, one effect",
            examples=["7f1c3a52-0a4e-4c0e-9a51-0b1d3c6f2e77"],
        ),
    ],
) -> None:
    route = f"{request.method} {request.scope['route'].path}"
    json = request.headers.get("content-type", "").startswith("application/json")
    body = await request.body() if json else b""
    work_of(request).idempotency = Claim(
        route,
        idempotency_key,
        runtime_of(request).keyring.digest(canonical(request.scope["path"], body)),
    )


def _replayed(replay: Replay) -> Response:
    headers = {"Idempotency-Replayed": "true"}
    return Response(replay.body, replay.status, headers, "application/json")
