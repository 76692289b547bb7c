"""Which master keys are still in use: `python -m pathways.keys`. What seals nothing may leave ENCRYPTION_KEYS."""

import asyncio
import sys

from contracts.envelope import NATIONAL
from kit.clock import SystemClock
from kit.crypto import Keyring
from kit.database import Database
from pathways.settings import PathwaysSettings
from pathways.usecases.show_keys import Rotation, show_keys


async def _rotation(settings: PathwaysSettings) -> Rotation:
    database = await Database.create(
        settings.database_url.get_secret_value(),
        f"{settings.role_prefix}_system",
        SystemClock(),
        pool_size=1,
        name="pathways keys",
    )
    keyring = Keyring.parse(settings.encryption_keys.get_secret_value(), settings.blind_index_key.get_secret_value())
    try:
        async with database.work(NATIONAL) as work:
            return await show_keys(work, keyring)
    finally:
        await database.close()


def main() -> int:
    """0 when nothing needs a master key but the first one, else 1."""
    rotation = asyncio.run(_rotation(PathwaysSettings()))
    for line in rotation.lines():
        sys.stdout.write(line + "\n")
    return 0 if rotation.finished else 1


if __name__ == "__main__":
    sys.exit(main())
