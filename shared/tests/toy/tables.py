from uuid import UUID

from sqlalchemy import MetaData
from sqlmodel import Field, SQLModel

from kit.tables import NAMING, plumbing

metadata = MetaData(naming_convention=NAMING)
plumbing(metadata)


class Thing(SQLModel, table=True):
    metadata = metadata
    id: UUID = Field(primary_key=True)
    territory: str
    name: str
    version: int = 1
