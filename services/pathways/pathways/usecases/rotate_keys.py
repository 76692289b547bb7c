"""Master keys rotate: what an older one seals is sealed by the first, a batch at a time, while requests go on."""

from kit.crypto import Keyring
from kit.work import Work
from pathways.store import master_seals, patient_keys, patients
from pathways.store.seal import Seal


async def rotate_keys(work: Work, keyring: Keyring, limit: int) -> int:
    """One batch, of all territories, under the system role. Answers how many values were sealed anew."""
    done = await patient_keys.rewrap(work, keyring, limit) + await master_seals.reseal(work, keyring, limit)
    return done or await _give_keys(work, keyring, limit)


async def _give_keys(work: Work, keyring: Keyring, limit: int) -> int:
    """Entries that were registered before patients had keys of their own."""
    rows = await patients.unkeyed(work, limit)
    for row in rows:
        seal = Seal(keyring, row["territory"])
        identity, key_id, key = seal.open(row), work.new_id(), seal.new_key()
        sealed = seal.close(row["id"], identity, key_id, key)
        await patients.give_key(work, row["id"], sealed, key_id, seal.birth_index(identity.birth_date))
        await seal.keep_key(work, row["id"], key_id, key)
    return len(rows)
