"""A bucket of an S3-compatible store."""

from datetime import timedelta

from obstore.exceptions import BaseError, PermissionDeniedError, UnauthenticatedError
from obstore.store import S3Store

from indicators.destinations import MANIFEST, DeliveryError, Means, Parcel
from indicators.domain.exports import ObjectStore

_SECONDS = 30


async def deliver(parcel: Parcel, destination: ObjectStore, means: Means) -> str:
    """Objects first, the manifest last. The receipt has the store's own tag of it. Raises DeliveryError."""
    store = S3Store(
        destination.bucket,
        endpoint=destination.endpoint,
        region=destination.region,
        access_key_id=means.secret(destination.access_key_env),
        secret_access_key=means.secret(destination.secret_key_env),
        virtual_hosted_style_request=False,
        client_options={
            "allow_http": destination.endpoint.startswith("http:"),
            "timeout": timedelta(seconds=_SECONDS),
            "connect_timeout": timedelta(seconds=_SECONDS),
        },
        # The run itself is tried again, later and for longer.
        retry_config={"max_retries": 1, "retry_timeout": timedelta(seconds=_SECONDS)},
    )
    try:
        return await _put(store, f"{destination.prefix}/{parcel.folder}", parcel)
    except (PermissionDeniedError, UnauthenticatedError):
        raise DeliveryError("login_refused") from None
    except (BaseError, OSError):
        raise DeliveryError("unreachable") from None


async def _put(store: S3Store, folder: str, parcel: Parcel) -> str:
    manifest = f"{folder}/{MANIFEST}"
    try:
        found = await store.get_async(manifest)
        if parcel.is_in(bytes(await found.bytes_async())):
            return f"{manifest} etag={found.meta['e_tag']}"
    except FileNotFoundError:
        pass
    for file in parcel.files:
        await store.put_async(f"{folder}/{file.name}", file.content, attributes={"Content-Type": file.media_type})
    put = await store.put_async(manifest, parcel.manifest_bytes, attributes={"Content-Type": "application/json"})
    return f"{manifest} etag={put['e_tag']}"
