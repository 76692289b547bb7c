"""The service's own metadata: `SQLModel.metadata` is global, so every service has one of its own."""

from sqlalchemy import MetaData
from sqlmodel import SQLModel

from kit.tables import NAMING, plumbing


class Table(SQLModel):
    """Base of every table of this service."""

    metadata = MetaData(naming_convention=NAMING)


plumbing(Table.metadata)
