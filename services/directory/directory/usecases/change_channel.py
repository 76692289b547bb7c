"""A channel is changed, paused, ended, confirmed; its list."""

from datetime import datetime
from uuid import UUID

from directory.domain.channels import ChannelKind, Owner
from directory.store import channels
from directory.usecases.channel_access import may_act, visible
from directory.usecases.means import Means
from directory.usecases.open_channel import ask_confirmation, present
from directory.usecases.send_message import address_of
from kit import rows
from kit.auth import Caller
from kit.crypto import Keyring
from kit.problems import Problem
from kit.versions import check_version
from kit.work import Record, Work


async def show_channel(work: Work, caller: Caller, channel_id: UUID, *, lock: bool = False) -> Record:
    """One channel. Raises Problem 403, 404."""
    found = await present(work, channel_id, lock=lock)
    may_act(caller, Owner(found["owner_kind"], found["owner"]))
    return found


async def list_channels(
    work: Work,
    caller: Caller,
    *,
    owner: Owner | None,
    kind: ChannelKind | None,
    purpose: str | None,
    ended: bool,
    after: UUID | None,
    until: datetime | None,
    limit: int,
) -> list[Record]:
    """Channels, a coordinator everybody's. Raises Problem 403."""
    return await channels.search(
        work,
        owner=visible(caller, owner),
        kind=kind,
        purpose=purpose,
        ended=ended,
        after=after,
        until=until,
        limit=limit,
    )


async def change_channel(
    work: Work,
    caller: Caller,
    channel_id: UUID,
    *,
    purposes: list[str] | None,
    paused: bool | None,
    if_match: str | None,
) -> Record:
    """Sets what is given. Raises Problem 403, 404, 409 `channel_ended`, 412. While paused, what is sent waits."""
    found = await _standing(work, caller, channel_id)
    check_version(if_match, found["version"])
    wanted = {"purposes": sorted(set(purposes)) if purposes is not None else None, "paused": paused}
    changed = {name: value for name, value in wanted.items() if value is not None and value != found[name]}
    if changed:
        await rows.change(work, "channel", channel_id, caller.subject, **changed)
    return await present(work, channel_id)


async def end_channel(work: Work, caller: Caller, channel_id: UUID) -> Record:
    """Nothing more is sent there, what waits is cancelled. Ending it again changes nothing. Raises Problem 403, 404."""
    found = await show_channel(work, caller, channel_id, lock=True)
    if found["ended_at"] is None:
        ended = {"ended_at": work.now, "token_digest": None, "token_until": None}
        await rows.change(work, "channel", channel_id, caller.subject, **ended)
        await channels.cancel_waiting(work, channel_id)
    return await present(work, channel_id)


async def resume_channel(work: Work, caller: Caller, channel_id: UUID) -> Record:
    """A channel that was disabled because it failed serves; what waited leaves now. Raises Problem 403, 404, 409."""
    found = await _standing(work, caller, channel_id)
    if found["disabled_at"] is not None:
        await rows.change(work, "channel", channel_id, caller.subject, disabled_at=None, disabled_reason=None)
        await channels.wake_lane(work, channel_id)
    return await present(work, channel_id)


async def send_confirmation(work: Work, means: Means, caller: Caller, channel_id: UUID) -> Record:
    """One more link for an address that is not confirmed. Raises Problem 403, 404, 409."""
    found = await _standing(work, caller, channel_id)
    if found["kind"] != "email" or found["verified_at"] is not None:
        raise Problem(409, "nothing_to_confirm", "Only an e-mail address that is not confirmed yet gets a link")
    address = means.keyring.decrypt(found["sealed"], address_of(channel_id))
    await ask_confirmation(work, means, channel_id, address, by=caller.subject)
    return await present(work, channel_id)


async def find_confirmation(work: Work, keyring: Keyring, secret: str) -> Record:
    """The channel that a link is about. Raises Problem 404 `confirmation_unknown`, 410 `confirmation_expired`."""
    found = await channels.find_by_token(work, keyring.blind_index(f"channel:{secret}"))
    if found is None or found["ended_at"] is not None:
        raise Problem(404, "confirmation_unknown", "This link is not one of ours, or a later one replaced it")
    if found["verified_at"] is None and found["token_until"] <= work.now:
        raise Problem(410, "confirmation_expired", "This link has expired: ask for another one")
    return found


async def confirm_channel(work: Work, keyring: Keyring, secret: str) -> Record:
    """The address is its owner's: messages may leave. Confirming again changes nothing. Raises Problem 404, 410."""
    found = await find_confirmation(work, keyring, secret)
    if found["verified_at"] is None:
        await rows.change(work, "channel", found["id"], "confirmation-link", verified_at=work.now)
    return found


async def _standing(work: Work, caller: Caller, channel_id: UUID) -> Record:
    found = await show_channel(work, caller, channel_id, lock=True)
    if found["ended_at"] is not None:
        raise Problem(409, "channel_ended", "This channel has ended: open another one")
    return found
