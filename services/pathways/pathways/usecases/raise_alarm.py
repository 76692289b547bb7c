"""A platform of telemonitoring tells an alarm, signed; it is put to the first of the on-call order."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import structlog

from contracts.coordination import AlarmEscalated
from kit import rows
from kit.metrics import REFUSED_MESSAGES
from kit.problems import Problem, field_problem, or_404
from kit.standard_webhooks import Refusal, refusal
from kit.work import Record, Work
from pathways.domain.dating import local_day
from pathways.domain.duty import DutyMember, following, order
from pathways.domain.template_parts import Alert
from pathways.store import alarms, duties, standing, template_versions
from pathways.store.seal import Seal
from pathways.usecases.keep_duties import find_group, turns_of
from pathways.usecases.keep_platforms import keys_of
from pathways.usecases.put_alarm import Order, naming, one_more, put_alarm

log = structlog.get_logger(__name__)
JOB = "escalate-alarms"
_FORGET_AFTER = timedelta(hours=1)
_WHY: dict[Refusal, str] = {
    "unsigned": "Send webhook-id, webhook-timestamp and webhook-signature (Standard Webhooks 1.0)",
    "wrong_signature": "The signature is not one of this platform over id.timestamp.body",
    "out_of_time": "The timestamp is more than five minutes from now",
    "replayed": "A message with this webhook-id was taken before",
}


@dataclass(frozen=True)
class Message:
    """A message as it came: id, timestamp and signature from the headers."""

    headers: tuple[str | None, str | None, str | None]
    body: bytes


@dataclass(frozen=True)
class Told:
    """What an alarm says. `episode` joins messages about the same thing."""

    ref: UUID
    code: str
    episode: str


async def check_message(work: Work, seal: Seal, platform_id: UUID, message: Message) -> Record:
    """The platform that signed it, for once. Refusals are counted.

    Raises Problem 401 `signature_refused` or 409 `message_replayed`.
    """
    platform = await rows.find(work, alarms.PLATFORMS, platform_id)
    # Of a platform that is not there or was closed nothing is told but that the signature does not hold.
    standing = platform is not None and platform["closed_at"] is None
    keys = keys_of(work, seal.keyring, platform) if platform is not None and standing else []
    why = refusal(keys, message.headers, message.body, work.now)
    if why is None and not await alarms.take_message(work, platform_id, message.headers[0] or ""):
        why = "replayed"
    if why is not None:
        REFUSED_MESSAGES.labels("telemonitoring", why).inc()
        log.warning("message refused", why=why, platform_id=str(platform_id))
        code = "message_replayed" if why == "replayed" else "signature_refused"
        raise Problem(409 if why == "replayed" else 401, code, _WHY[why], why=why)
    return or_404(platform, "platform_unknown")


async def raise_alarm(work: Work, seal: Seal, platform: Record, told: Told) -> bool:
    """Puts it to the first of the order; of an episode that is open it is one message more (answers False).

    Raises Problem 404 `ref_unknown`, 410 `monitoring_ended` or 422 `code_unknown`.
    """
    ref = or_404(await alarms.ref_of(work, platform["id"], told.ref), "ref_unknown", "No such reference of yours")
    over = ref["ended_at"] is not None or ref["enrolment_state"] not in ("active", "paused")
    if over or not await standing.may_be_told_of(work, ref["patient_id"]):
        raise Problem(410, "monitoring_ended", "This patient is not monitored any more")
    alert = await _alert(work, ref, told.code)
    index, by = seal.episode_index(told.episode), f"platform:{platform['id']}"
    known = await alarms.of_episode(work, ref["id"], told.code, index)
    if known is not None:
        await one_more(work, by, known)
        return False
    turns = await turns_of(work, platform["group_id"]) or await _everybody(work, platform["group_id"])
    order = Order(turns, [it.within_minutes for it in alert.responders])
    own = {"ref_id": ref["id"], "episode_index": index}
    await put_alarm(work, by, ref, told.code, order, source="telemonitoring", **own)
    return True


async def escalate_alarms(work: Work, limit: int) -> int:
    """One batch, of all territories, under the system role. Answers how many were handed over or left to nobody."""
    waiting = await alarms.waiting(work, limit)
    for row in waiting:
        away = await duties.absent(work, row["territory"], row["turns"], local_day(work.now))
        turn = following(row["turns"], row["turn"], away)
        within = row["within"][min(turn or 0, len(row["within"]) - 1)]
        then = None if turn is None else work.now + timedelta(minutes=within)
        left = work.now if turn is None else None
        place = row["turn"] if turn is None else turn
        changed = await alarms.advance(work, row, JOB, turn=place, next_at=then, unanswered_at=left)
        rpps, reason = (None, "nobody_left") if turn is None else (row["turns"][turn], "unanswered")
        await alarms.hand_over(work, changed, rpps, reason)
        told = AlarmEscalated(**naming(changed), turn=place, rpps=rpps, reason=reason)
        work.emit(told, version=changed["version"], territory=row["territory"])
    return len(waiting)


async def forget_messages(work: Work, limit: int) -> int:
    """Messages that are too old to be taken anyway."""
    return await alarms.forget_messages(work, _FORGET_AFTER, limit)


async def _alert(work: Work, ref: Record, code: str) -> Alert:
    template = await template_versions.of(work, ref)
    known = {it.code: it for it in template.alerts if it.source == "telemonitoring"} if template else {}
    if code not in known:
        raise field_problem("code", "code_unknown", f"This pathway knows {', '.join(known) or 'none'}")
    return known[code]


async def _everybody(work: Work, group_id: UUID) -> list[str]:
    """All are absent: an alarm is put to somebody all the same."""
    members = [DutyMember.model_validate(it) for it in (await find_group(work, group_id))["members"]]
    return order(members, (), local_day(work.now))
