"""What the encryption keys seal: the proofs of figures that were entered by hand, and their names."""

from uuid import UUID

from kit.work import Record, Work

# In any order: a batch of proofs that cannot be opened would else be the next batch as well, for ever.
_STALE = """
SELECT id, territory, proof_id, proof_blob, proof_name FROM manual_figure
 WHERE substring(proof_name FOR length($1::bytea)) <> $1 ORDER BY random() LIMIT $2
"""
_RESEAL = "UPDATE manual_figure SET proof_blob = $2, proof_name = $3 WHERE proof_id = $1"
_IN_USE = r"""
SELECT convert_from(substring(proof_name FOR position('\x00'::bytea IN proof_name) - 1), 'UTF8') AS key,
       count(DISTINCT proof_id) AS proofs
  FROM manual_figure GROUP BY 1 ORDER BY 1
"""


async def stale(work: Work, mark: bytes, limit: int) -> dict[UUID, Record]:
    """Some proofs that another key than that of `mark` seals, by id: several entries may have one proof."""
    return {row["proof_id"]: row for row in await work.fetch(_STALE, mark, limit)}


async def reseal(work: Work, proof_id: UUID, blob: str, name: bytes) -> None:
    """The same proof under another seal, for all entries that it proves."""
    await work.execute(_RESEAL, proof_id, blob, name)


async def keys_in_use(work: Work) -> dict[str, int]:
    """Name of each key -> how many proofs it seals."""
    return {row["key"]: row["proofs"] for row in await work.fetch(_IN_USE)}
