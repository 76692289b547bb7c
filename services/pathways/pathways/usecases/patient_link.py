"""Personal links of patients and carers: given, listed, revoked (docs/adr/0040)."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal, get_args
from uuid import UUID

from kit import rows
from kit.crypto import Keyring
from kit.personal_token import token_of
from kit.problems import Problem, or_404
from kit.work import Record, Work
from pathways.store import patient_links
from pathways.store.held import content_context
from pathways.store.seal import Seal
from pathways.usecases.access import Access
from pathways.usecases.show_patient import present_keys
from pathways.usecases.write_note import find_enrolment

LINK_USE = "patient-link"
Holder = Literal["patient", "carer"]
Right = Literal["plan", "report", "education", "surveys"]
"""What a link lets its holder do: read the plan, report an event, read what explains, answer surveys."""
RIGHTS: tuple[Right, ...] = get_args(Right)
MOST_LINKS = 20
_CODES = 100_000_000


@dataclass(frozen=True)
class LinkAsked:
    """For whom, what it lets them do, for how many days; `name`: what the patient calls a carer."""

    holder: Holder
    rights: tuple[Right, ...]
    days: int
    name: str | None = None


async def issue_link(work: Work, access: Access, seal: Seal, enrolment_id: UUID, asked: LinkAsked) -> Record:
    """By the care team. Raises Problem 403, 404, 409 `enrolment_left` or `too_many_links`, 410."""
    enrolment = await find_enrolment(work, enrolment_id)
    await access.check(enrolment["patient_id"], "clinical", "write", enrolment_id=enrolment_id, action="issue_link")
    if enrolment["state"] == "left":
        raise Problem(409, "enrolment_left", "The patient left this pathway")
    return await add_link(work, seal, enrolment, asked, by=access.caller.subject, parent_id=None)


async def add_link(
    work: Work, seal: Seal, enrolment: Record, asked: LinkAsked, *, by: str, parent_id: UUID | None
) -> Record:
    """For who may: the use case has asked. Raises Problem 409 `too_many_links`, 410."""
    standing = [it for it in await patient_links.of_enrolment(work, enrolment["id"]) if stands(work, it)]
    if len(standing) >= MOST_LINKS:
        raise Problem(409, "too_many_links", "Revoke links that are not used first")
    keys, link_id = present_keys(await seal.keys(work, enrolment["patient_id"])), work.new_id()
    context = content_context(patient_links.LINK, link_id, "name")
    return await rows.add(
        work,
        patient_links.LINK,
        by,
        id=link_id,
        patient_id=enrolment["patient_id"],
        enrolment_id=enrolment["id"],
        parent_id=parent_id,
        holder=asked.holder,
        rights=list(asked.rights),
        name=keys.encrypt(asked.name, context) if asked.name else None,
        tries=0,
        surveys=[],
        expires_at=work.now + timedelta(days=asked.days),
    )


def stands(work: Work, link: Record) -> bool:
    """Whether it still opens anything."""
    return link["revoked_at"] is None and link["locked_at"] is None and link["expires_at"] > work.now


async def list_links(work: Work, access: Access, enrolment_id: UUID) -> list[Record]:
    """Those that stand and those that ended. Raises Problem 403, 404, 410."""
    enrolment = await find_enrolment(work, enrolment_id)
    await access.check(enrolment["patient_id"], "team", enrolment_id=enrolment_id)
    return await patient_links.of_enrolment(work, enrolment_id)


async def tell_code(work: Work, access: Access, keyring: Keyring, link_id: UUID) -> str:
    """The code to tell the holder by another way than the link; recorded. Raises Problem 403, 404, 410 `link_over`."""
    link = or_404(await rows.find(work, patient_links.LINK, link_id), "link_unknown")
    await access.check(
        link["patient_id"], "clinical", "write", enrolment_id=link["enrolment_id"], action="tell_link_code"
    )
    if not stands(work, link):
        raise Problem(410, "link_over", "This link opens nothing any more: issue another one")
    return code_of(keyring, work.territory, link_id)


async def revoke_link(work: Work, access: Access, link_id: UUID) -> Record:
    """From the next request on it opens nothing, nor do links that its holder gave; a repeat changes nothing.

    By who keeps the care team, coordinators too. Raises Problem 403, 404, 410.
    """
    link = or_404(await rows.find(work, patient_links.LINK, link_id, lock=True), "link_unknown")
    await access.check(link["patient_id"], "team", "write", enrolment_id=link["enrolment_id"], action="revoke_link")
    await patient_links.revoke(work, link_id, access.caller.subject)
    return or_404(await rows.find(work, patient_links.LINK, link_id), "link_unknown")


def path_of(keyring: Keyring, territory: str, link_id: UUID) -> str:
    """The address: no identity in it, and nothing of it is kept."""
    return f"/v1/my-care/{territory}~{token_of(keyring, LINK_USE, territory, link_id)}"


def code_of(keyring: Keyring, territory: str, link_id: UUID) -> str:
    """Eight digits that follow from the link and the keys."""
    drawn = keyring.digest(b"patient-code\0" + territory.encode() + b"\0" + link_id.bytes)
    return f"{int.from_bytes(drawn) % _CODES:08d}"
