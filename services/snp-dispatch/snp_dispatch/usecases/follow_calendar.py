"""An effector's own calendar by its address: set, shown without the address, removed."""

from kit import outbound
from kit.auth import Caller
from kit.crypto import Keyring
from kit.problems import Problem, field_problem
from kit.work import Record, Work
from snp_dispatch.domain.busy import BusyTime
from snp_dispatch.store import busy_calendars, effectors
from snp_dispatch.store.rows import present
from snp_dispatch.store.rules import Rules
from snp_dispatch.usecases import access
from snp_dispatch.usecases.import_busy import apply_busy, lock_agenda
from snp_dispatch.usecases.problems import not_found

NOTHING = BusyTime((), 0)


async def follow_calendar(
    work: Work, keyring: Keyring, caller: Caller, effector_id: str, address: str, *, local: bool
) -> Record:
    """Keeps the address sealed; the worker reads it within seconds. Raises Problem 403, 404, 422 `address_refused`."""
    access.own_agenda(caller, effector_id)
    if await effectors.find(work, effector_id) is None:
        raise Problem(404, "effector_unknown", "No professional or structure of this number is known")
    try:
        url = outbound.checked(address, local=local)
    except outbound.OutboundError:
        what = "An https address on the usual port, without name or password in it"
        raise field_problem("url", "address_refused", what) from None
    sealed = keyring.encrypt(str(url), context(work.territory, effector_id))
    await busy_calendars.keep(work, effector_id, sealed, url.host)
    return present(await busy_calendars.get(work, effector_id))


async def followed(work: Work, caller: Caller, effector_id: str) -> Record:
    """How reading the address goes. Raises Problem 403, 404."""
    access.own_agenda(caller, effector_id)
    found = await busy_calendars.get(work, effector_id)
    if found is None:
        raise not_found("busy_calendar")
    return found


async def unfollow_calendar(work: Work, rules: Rules, caller: Caller, effector_id: str) -> Record:
    """Forgets the address and what it told: its busy time closes nothing any more. Raises Problem 403, 404."""
    access.own_agenda(caller, effector_id)
    await lock_agenda(work, effector_id)  # before the address, as who reads it does
    found = await followed(work, caller, effector_id)
    await busy_calendars.remove(work, effector_id)
    await apply_busy(work, rules, effector_id, NOTHING)
    return found


def context(territory: str, effector_id: str) -> bytes:
    """What a sealed address is bound to: moved to another row it does not open."""
    return f"busy-calendar:{territory}:{effector_id}".encode()
