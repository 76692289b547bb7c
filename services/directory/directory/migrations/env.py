"""Alembic environment: the tables of the store, as the owner role."""

from directory.settings import DirectorySettings
from directory.store import (
    acceptance_tables,
    association_tables,
    history_tables,
    message_tables,
    past_tables,
    publication_tables,
    roster_tables,
    tables,
)
from directory.store.base import metadata
from kit.migration_env import run

TABLES = (
    acceptance_tables,
    association_tables,
    history_tables,
    message_tables,
    past_tables,
    publication_tables,
    roster_tables,
    tables,
)
"""Imported so that the metadata knows every table."""

run(metadata, DirectorySettings.service)
