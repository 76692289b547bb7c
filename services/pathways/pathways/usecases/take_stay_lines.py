"""Lines of files of stays are taken in batches, each a transaction: what else the territory does goes on between them.

The same comes of it as if the whole file had been taken when it came. Whoever tells a stay anew finds what a file
said of it before already taken. A process that dies loses one batch, whose lines still wait.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from kit.auth import Caller
from kit.crypto import Keyring
from kit.work import Record, Work
from pathways.domain.access import AccessRules
from pathways.domain.hospital import Hospital, StayTold
from pathways.store import stay_imports, stays
from pathways.store.master_seals import STAY_LINE
from pathways.store.seal import Seal
from pathways.usecases.keep_stay import Telling, keep_stay

JOB = "take-stay-lines"


@dataclass(frozen=True)
class Rules:
    """What territories say of stays, and of who may see a patient."""

    hospital: Mapping[str, Hospital]
    access: Mapping[str, AccessRules]


async def take_stay_lines(work: Work, keyring: Keyring, rules: Rules, limit: int) -> int:
    """One batch of the file whose turn it is, of all territories, under the system role. Answers how many lines."""
    file = await stay_imports.waiting(work)
    if file is None:
        return 0
    own, work.territory = work.territory, file["territory"]
    await stays.lock(work)
    lines = await stay_imports.take_next(work, file["id"], limit)
    seal = Seal(keyring, work.territory)
    about = (rules.hospital[work.territory], rules.access[work.territory])
    await _keep(work, Telling(_teller(file), file["finess"], seal, *about), lines)
    work.territory = own
    return len(lines)


async def take_earlier(work: Work, telling: Telling, number: str) -> None:
    """What files said of this stay before. Under the lock of stays."""
    index = telling.seal.stay_index(telling.finess, number)
    await _keep(work, telling, await stay_imports.take_of_stay(work, index))


async def _keep(work: Work, telling: Telling, lines: Iterable[Record]) -> None:
    outcomes: defaultdict[UUID, Counter[str]] = defaultdict(Counter)
    for line in lines:
        context = STAY_LINE.bound_to(work.territory, line["id"])
        told = StayTold.model_validate_json(telling.seal.keyring.decrypt_bytes(line["sealed"], context))
        _, outcome = await keep_stay(work, replace(telling, caller=_teller(line)), told)
        outcomes[line["import_id"]][outcome] += 1
    for import_id, found in outcomes.items():
        await stay_imports.count(work, import_id, found)


def _teller(row: Record) -> Caller:
    """Who told the file, as the record of accesses names them."""
    who = {"role": row["role"], "rpps": row["rpps"], "organisation": row["finess"]}
    return Caller(row["changed_by"], row["territory"], frozenset(), **who)
