"""Says something about crises to diffusion lists, and to everybody who wants alerts. Who was told is recorded."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from contracts.directory import CrisisCommunicationSent
from directory.domain.messages import Message, Recipient
from directory.domain.newsletter import page_of
from directory.store import channels, communications, diffusions
from directory.usecases.keep_crisis_plans import find_plan
from directory.usecases.means import Means
from directory.usecases.run_crisis import find_activation
from directory.usecases.send_message import compose, send_message
from directory.usecases.send_publication import recipient_of
from kit import rows
from kit.auth import Caller
from kit.problems import Problem, field_problem, or_404
from kit.work import Record, Work


@dataclass(frozen=True)
class Said:
    """What is said, about what, to which lists; `alerted`: to everybody with a confirmed channel for alerts too."""

    subject: str
    text: str
    lists: Sequence[UUID]
    alerted: bool
    plan_id: UUID | None
    activation_id: UUID | None


async def send_communication(work: Work, means: Means, caller: Caller, said: Said) -> Record:
    """One message to each, in one transaction: all of them are queued or none. Told without what was said.

    Raises Problem 404 `plan_unknown`, `activation_unknown`, 409 `nobody_to_tell`, 422 `diffusion_list_unknown`.
    """
    plan_type = await _about(work, said)
    if unknown := set(said.lists) - await diffusions.known_lists(work, said.lists):
        raise field_problem("lists", "diffusion_list_unknown", f"No list {min(unknown)} stands on this territory")
    people, professionals = await _recipients(work, means, said)
    if not people:
        raise Problem(409, "nobody_to_tell", "Nobody is on these lists, or has a confirmed channel for alerts")
    communication_id, message = work.new_id(), _message(work, means, said)
    for recipient in people:
        await send_message(work, means.keyring, recipient, message, batch=communication_id)
    kept = {name: value for name, value in vars(said).items() if name != "alerted"} | {"lists": list(said.lists)}
    counts = {"recipients": len(people), "professionals": professionals, "sent_at": work.now}
    await rows.add(work, "crisis_communication", caller.subject, id=communication_id, **kept, **counts)
    told = CrisisCommunicationSent(
        communication_id=communication_id,
        plan_type=plan_type,
        activation_id=said.activation_id,
        recipient_count=len(people),
        professional_count=professionals,
        to_professionals=professionals > 0,
    )
    work.emit(told, version=1)
    return await show_communication(work, communication_id)


async def show_communication(work: Work, communication_id: UUID) -> Record:
    """Raises Problem 404."""
    return or_404(await communications.find(work, communication_id), "communication_unknown")


async def list_communications(
    work: Work, *, plan_id: UUID | None, activation_id: UUID | None, before: UUID | None, limit: int
) -> list[Record]:
    """Communications, the latest first."""
    return await communications.search(work, plan_id=plan_id, activation_id=activation_id, before=before, limit=limit)


def _message(work: Work, means: Means, said: Said) -> Message:
    territory = means.reference.territories[work.territory].name
    variables = {"territory": territory, "subject": said.subject, "text": said.text}
    return compose(means.reference.messages, "crisis_communication", variables, html=page_of(said.text))


async def _about(work: Work, said: Said) -> str | None:
    """The type of plan that it is about."""
    if said.activation_id is not None:
        found: str = (await find_activation(work, said.activation_id))["type"]
        return found
    return (await find_plan(work, said.plan_id))["type"] if said.plan_id is not None else None


async def _recipients(work: Work, means: Means, said: Said) -> tuple[list[Recipient], int]:
    """Each once, and how many of them are professionals."""
    found = {recipient_of(means.keyring, row): row["kind"] for row in await communications.listed(work, said.lists)}
    if said.alerted:
        owners = [Recipient(row["owner_kind"], row["owner"]) for row in await channels.owners(work, "alerts")]
        found |= {it: "professional" if it.kind == "rpps" else "other" for it in owners if it not in found}
    professionals = sum(kind == "professional" or it.kind == "rpps" for it, kind in found.items())
    return list(found), professionals
