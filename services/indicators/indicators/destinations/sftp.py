"""A folder of an SFTP server, which is known by its public key."""

import asyncssh

from indicators.destinations import MANIFEST, DeliveryError, Means, Parcel
from indicators.domain.exports import Sftp

_SECONDS = 30


async def deliver(parcel: Parcel, destination: Sftp, means: Means) -> str:
    """Files first, the manifest last, each under another name until it is whole. Raises DeliveryError."""
    folder = f"{destination.path}/{parcel.folder}"
    try:
        login = _login(destination, means)
        async with (
            asyncssh.connect(destination.host, destination.port, **login) as connection,
            connection.start_sftp_client() as client,
        ):
            await _write(client, folder, parcel)
    except asyncssh.HostKeyNotVerifiable:
        raise DeliveryError("host_key_unknown") from None
    except asyncssh.PermissionDenied:
        raise DeliveryError("login_refused") from None
    except asyncssh.SFTPError:
        raise DeliveryError("refused") from None
    except (asyncssh.Error, OSError):
        raise DeliveryError("unreachable") from None
    return f"{destination.path}/{parcel.receipt}"


def _login(destination: Sftp, means: Means) -> dict[str, object]:
    """The user's secret, and the one key that the server may have. Nothing is read from the machine's own settings."""
    try:
        known: tuple[list[asyncssh.SSHKey], list[asyncssh.SSHKey], list[asyncssh.SSHKey]]
        known = ([asyncssh.import_public_key(destination.host_key)], [], [])
        key = destination.private_key_env and asyncssh.import_private_key(means.secret(destination.private_key_env))
    except asyncssh.KeyImportError:
        raise DeliveryError("key_unreadable") from None
    return {
        "username": destination.user,
        "password": means.secret(destination.password_env) if destination.password_env else None,
        "client_keys": [key] if key else None,
        "agent_path": None,
        "config": None,
        "known_hosts": known,
        "connect_timeout": _SECONDS,
        "login_timeout": _SECONDS,
    }


async def _write(client: asyncssh.SFTPClient, folder: str, parcel: Parcel) -> None:
    manifest = f"{folder}/{MANIFEST}"
    if await client.exists(manifest) and parcel.is_in(await _read(client, manifest)):
        return
    await client.makedirs(folder, exist_ok=True)
    for file in parcel.files:
        await _put(client, f"{folder}/{file.name}", file.content)
    await _put(client, manifest, parcel.manifest_bytes)


async def _read(client: asyncssh.SFTPClient, path: str) -> bytes:
    async with client.open(path, "rb") as file:
        content: str | bytes = await file.read()
    return content.encode() if isinstance(content, str) else content


async def _put(client: asyncssh.SFTPClient, path: str, content: bytes) -> None:
    async with client.open(f"{path}.part", "wb") as file:
        await file.write(content)
    # A rename of plain SFTP refuses to replace: what a cut-off attempt left goes first.
    if await client.exists(path):
        await client.remove(path)
    await client.rename(f"{path}.part", path)
