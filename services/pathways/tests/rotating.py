"""Master keys in the settings of a service, and the job that follows when they rotate."""

import base64

from enrolling import Care

from contracts.envelope import NATIONAL
from pathways.settings import PathwaysSettings
from pathways.usecases.rotate_keys import rotate_keys


def keyed(settings: PathwaysSettings, *names: str) -> PathwaysSettings:
    """The same settings with these master keys, the first of which encrypts."""
    keys = ",".join(f"{name}:{base64.b64encode(name[1].encode() * 32).decode()}" for name in names)
    return PathwaysSettings(**{**dict(settings), "encryption_keys": keys})


async def rotate(care: Care, limit: int = 3) -> int:
    """What the job does until nothing is left; answers how many values were sealed anew."""
    done = 0
    while True:
        async with care.runtime.system.work(NATIONAL) as work:
            batch = await rotate_keys(work, care.runtime.keyring, limit)
        done += batch
        if not batch:
            return done
