"""Who wants no more newsletters."""

from collections.abc import Sequence
from uuid import UUID

from kit.work import Record, Work


async def letter(work: Work, message_id: UUID) -> Record | None:
    """To whom a message went: its owner, or the sealed address of its delivery."""
    return await work.fetchrow(
        "SELECT m.owner_kind, m.owner, d.id AS delivery_id, d.sealed FROM message m "
        "LEFT JOIN delivery d ON d.message_id = m.id AND m.owner_kind = 'email' WHERE m.territory = $1 AND m.id = $2",
        work.territory,
        message_id,
    )


async def channels_for(work: Work, owner: tuple[str, str], purpose: str) -> list[Record]:
    """Channels of an owner that serve for this purpose, held back from everybody else."""
    return await work.fetch(
        "SELECT id, purposes FROM channel WHERE territory = $1 AND owner_kind = $2 AND owner = $3 "
        "AND $4 = ANY (purposes) AND ended_at IS NULL ORDER BY id FOR UPDATE",
        work.territory,
        *owner,
        purpose,
    )


async def add(work: Work, address: bytes, by: str) -> None:
    """Nothing more to this address (keyed digest); once."""
    await work.execute(
        "INSERT INTO unsubscription (id, territory, address, version, changed_at, changed_by) "
        "VALUES ($1, $2, $3, 1, $4, $5) ON CONFLICT (territory, address) DO NOTHING",
        work.new_id(),
        work.territory,
        address,
        work.now,
        by,
    )


async def known(work: Work, addresses: Sequence[bytes]) -> set[bytes]:
    """Those of these that have unsubscribed."""
    rows = await work.fetch(
        "SELECT address FROM unsubscription WHERE territory = $1 AND address = ANY ($2)",
        work.territory,
        list(addresses),
    )
    return {row["address"] for row in rows}
