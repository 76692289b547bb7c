"""Which master keys are still in use: `python -m pathways.keys`. What seals nothing may leave ENCRYPTION_KEYS."""

import asyncio
import sys

from contracts.envelope import NATIONAL
from kit.command import database_of
from kit.crypto import Keyring
from pathways.settings import PathwaysSettings
from pathways.usecases.show_keys import Rotation, show_keys


async def _rotation(settings: PathwaysSettings) -> Rotation:
    async with database_of(settings, "pathways keys") as database, database.work(NATIONAL) as work:
        return await show_keys(work, Keyring.of(settings))


def main() -> int:
    """0 when nothing needs a master key but the first one, else 1."""
    rotation = asyncio.run(_rotation(PathwaysSettings()))
    for line in rotation.lines():
        sys.stdout.write(line + "\n")
    return 0 if rotation.finished else 1


if __name__ == "__main__":
    sys.exit(main())
