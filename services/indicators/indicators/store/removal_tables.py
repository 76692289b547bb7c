"""Files that nothing refers to any more."""

from datetime import datetime

from sqlalchemy import DateTime, Text
from sqlmodel import Field

from indicators.store.base import Table


class BlobToRemove(Table, table=True):
    """A file of the blob store that is to be removed, from an instant on: until then somebody may be reading it."""

    __tablename__ = "blob_to_remove"

    blob: str = Field(primary_key=True, sa_type=Text)
    territory: str = Field(sa_type=Text)
    from_at: datetime = Field(sa_type=DateTime(timezone=True), nullable=False)
