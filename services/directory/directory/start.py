"""What every process of the directory does before it serves."""

from typing import cast

from contracts.envelope import NATIONAL
from directory.domain.following import Following
from directory.settings import DirectorySettings
from directory.store import following
from directory.usecases.load_reference import check_territories, load_communes, read_reference
from kit.runtime import Runtime


async def on_start(runtime: Runtime) -> None:
    """Reads the deployment's files; a bad one stops the start with its name and field."""
    settings = cast(DirectorySettings, runtime.settings)
    reference = read_reference(settings)
    async with runtime.system.work(NATIONAL) as work:
        await load_communes(work, settings.reference_dir)
        await check_territories(work, reference, settings.territories_dir)
        await following.register(work, Following.of(reference.territories.values()))
    runtime.extras["reference"] = reference
