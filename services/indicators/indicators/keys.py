"""Which encryption keys seal proofs: `python -m indicators.keys`. What seals nothing may leave ENCRYPTION_KEYS."""

import asyncio
import sys

from contracts.envelope import NATIONAL
from indicators.settings import IndicatorsSettings
from indicators.usecases.reseal_proofs import Rotation, show_rotation
from kit.command import database_of
from kit.crypto import Keyring


async def rotation_of(settings: IndicatorsSettings) -> Rotation:
    """How far it is, by the configuration of the service."""
    async with database_of(settings, "indicators keys") as database, database.work(NATIONAL) as work:
        return await show_rotation(work, Keyring.of(settings))


def report(rotation: Rotation) -> str:
    """What came out, for people."""
    lines = [
        f"{name}: {number} proofs, {'seals' if name == rotation.current else 'still needed'}"
        for name, number in rotation.seals.items()
    ]
    last = "finished: other keys may be retired" if rotation.finished else "not finished: the worker seals what is left"
    return "\n".join((*lines, last))


def main() -> int:
    """0 when nothing needs a key but the first one, else 1."""
    rotation = asyncio.run(rotation_of(IndicatorsSettings()))
    sys.stdout.write(report(rotation) + "\n")
    return 0 if rotation.finished else 1


if __name__ == "__main__":
    sys.exit(main())
