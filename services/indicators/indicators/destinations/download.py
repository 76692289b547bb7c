"""Kept here until it is fetched."""

from indicators.destinations import Means, Parcel
from indicators.domain.exports import Download


async def deliver(parcel: Parcel, destination: Download, means: Means) -> str:
    """Nothing leaves: the files are in the store of this service, and the first download of each is noted."""
    return "kept for download"
