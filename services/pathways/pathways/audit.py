"""Verifies the record of accesses: `python -m pathways.audit verify [territory=number:seal ...]`.

The heads that an earlier run printed may be given: a chain whose end was cut off no longer has them.
"""

import asyncio
import sys

from contracts.envelope import NATIONAL
from kit.command import database_of
from kit.crypto import Keyring
from pathways.settings import PathwaysSettings
from pathways.usecases.verify_audit import Verified, verify_audit

USAGE = "python -m pathways.audit verify [territory=number:seal ...]"


async def verified(settings: PathwaysSettings, known: dict[str, str]) -> Verified:
    """Looks through every territory, under the system role."""
    async with database_of(settings, "pathways audit") as database, database.work(NATIONAL) as work:
        return await verify_audit(work, Keyring.of(settings), known)


def main(arguments: list[str]) -> int:
    """0 when everything holds, 1 with what does not, 2 when called wrongly."""
    if arguments[:1] != ["verify"] or not all("=" in it for it in arguments[1:]):
        sys.stderr.write(USAGE + "\n")
        return 2
    found = asyncio.run(verified(PathwaysSettings(), dict(it.split("=", 1) for it in arguments[1:])))
    for finding in found.findings:
        sys.stdout.write(f"{finding}\n")
    for territory, head in found.heads.items():
        sys.stdout.write(f"{territory}={head}\n")
    return 1 if found.findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
