"""Who is at a meeting, and who votes for whom (*pouvoirs*)."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from directory.domain.association import Proxies

Presence = Literal["present", "represented", "excused", "absent"]


@dataclass(frozen=True)
class Attendee:
    """One line of the attendance sheet (*feuille d'émargement*). `holder_id` carries the proxy."""

    member_id: UUID
    status: Presence
    holder_id: UUID | None = None


def refusal(
    sheet: Iterable[Attendee], colleges: Mapping[UUID, int | None], voters: frozenset[UUID], proxies: Proxies
) -> tuple[str, str] | None:
    """Code and detail of what the sheet says wrongly; None when it is right.

    `colleges` of all members of the day, `voters` those with a vote in the body that meets.
    """
    lines = {line.member_id: line for line in sheet}
    carried = Counter(line.holder_id for line in lines.values() if line.status == "represented")
    for line in lines.values():
        if line.member_id not in colleges:
            return "not_a_member", f"{line.member_id} is no member on that day"
        if line.status != "represented":
            continue
        holder = lines.get(line.holder_id) if line.holder_id else None
        if holder is None or holder.status != "present":
            return "holder_not_present", f"Who carries the proxy of {line.member_id} is not present"
        if not {line.member_id, holder.member_id} <= voters:
            return "no_vote", "A proxy goes from one who votes to another who votes"
        if proxies.same_college and colleges[line.member_id] != colleges[holder.member_id]:
            return "proxy_other_college", "A proxy stays within the college"
        if carried[holder.member_id] > proxies.most:
            return "too_many_proxies", f"{holder.member_id} carries more than {proxies.most}"
    return None
