"""A folder of this machine, such as a mounted share."""

import asyncio
import os
from pathlib import Path

from indicators.destinations import MANIFEST, DeliveryError, Means, Parcel
from indicators.domain.exports import Folder


async def deliver(parcel: Parcel, destination: Folder, means: Means) -> str:
    """Files first, the manifest last, each whole or not at all. Raises DeliveryError `folder_unwritable`."""
    folder = means.root / destination.path / parcel.folder
    try:
        await asyncio.to_thread(_write, folder, parcel)
    except OSError:
        raise DeliveryError("folder_unwritable") from None
    return f"{destination.path}/{parcel.receipt}"


def _write(folder: Path, parcel: Parcel) -> None:
    manifest = folder / MANIFEST
    if manifest.exists() and parcel.is_in(manifest.read_bytes()):
        return
    folder.mkdir(parents=True, exist_ok=True)
    for file in parcel.files:
        _put(folder / file.name, file.content)
    _put(manifest, parcel.manifest_bytes)


def _put(path: Path, content: bytes) -> None:
    partial = path.with_name(f".{path.name}.part")
    with partial.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
