"""Diffusion lists (*listes de diffusion*): to whom published lists go, from which day to which."""

from dataclasses import dataclass
from uuid import UUID

from directory.domain.as_of import paris_day
from directory.domain.channels import is_secure
from directory.store import diffusions
from directory.usecases.open_channel import secure_mailbox_refused
from directory.usecases.send_message import masked
from directory.usecases.send_publication import address_bound_to
from directory.usecases.show_publication import find_publication
from kit.auth import Caller
from kit.crypto import Keyring
from kit.problems import Problem, or_404
from kit.work import Record, Work


@dataclass(frozen=True)
class Named:
    """Who is to receive. `owner_kind` rpps, finess or partner: by the channels of that owner; email: at `owner`."""

    kind: str
    name: str
    owner_kind: str
    owner: str


async def open_list(work: Work, caller: Caller, name: str) -> Record:
    """Raises Problem 409."""
    row = await diffusions.add_list(work, name, caller.subject)
    if row is None:
        raise Problem(409, "diffusion_list_exists", f"There is a list {name!r}")
    return row


async def show_lists(work: Work, after: UUID | None, limit: int) -> list[Record]:
    """Lists of the territory."""
    return await diffusions.lists(work, after, limit)


async def find_list(work: Work, list_id: UUID) -> None:
    """Raises Problem 404."""
    if not await diffusions.known_lists(work, [list_id]):
        raise Problem(404, "diffusion_list_unknown", "This territory has no such list")


async def add_recipient(work: Work, keyring: Keyring, caller: Caller, list_id: UUID, named: Named) -> Record:
    """From today on. An e-mail address is sealed. Raises Problem 404, 409 or 422."""
    await find_list(work, list_id)
    if named.owner_kind == "email" and is_secure(named.owner):
        raise secure_mailbox_refused("owner")
    recipient_id, mail = work.new_id(), named.owner_kind == "email"
    owner = named.owner.strip().lower() if mail else named.owner
    row = await diffusions.add_recipient(
        work,
        list_id,
        recipient_id,
        opaque(keyring, work.territory, named.owner_kind, owner),
        kind=named.kind,
        name=named.name,
        owner=(named.owner_kind, masked(owner) if mail else owner),
        address=keyring.encrypt(owner, address_bound_to(recipient_id)) if mail else None,
        since=paris_day(work.now),
        by=caller.subject,
    )
    if row is None:
        raise Problem(409, "recipient_listed", "They are on this list")
    return row


def opaque(keyring: Keyring, territory: str, kind: str, owner: str) -> UUID:
    """The same recipient on every list of the territory, without saying who: for counting distinct ones (I-19)."""
    return UUID(bytes=keyring.digest(f"recipient\0{territory}\0{kind}\0{owner}".encode())[:16])


async def end_recipient(work: Work, caller: Caller, list_id: UUID, recipient_id: UUID) -> Record:
    """Off the list from today on; what they received stays known. Raises Problem 404."""
    return or_404(
        await diffusions.end_recipient(work, list_id, recipient_id, paris_day(work.now), caller.subject),
        "recipient_unknown",
        "This list has no such recipient",
    )


async def show_recipients(work: Work, list_id: UUID, after: UUID | None, limit: int) -> list[Record]:
    """Who is and was on a list. Raises Problem 404."""
    await find_list(work, list_id)
    return await diffusions.recipients(work, list_id, after, limit)


async def show_deliveries(work: Work, publication_id: UUID, after: UUID | None, limit: int) -> list[Record]:
    """Who received a version. Raises Problem 404."""
    await find_publication(work, publication_id)
    return await diffusions.deliveries(work, publication_id, after, limit)
