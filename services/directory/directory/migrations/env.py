"""Alembic environment: the tables of the store, as the owner role."""

from importlib import import_module
from pkgutil import iter_modules

from directory import store
from directory.settings import DirectorySettings
from directory.store.base import metadata
from kit.migration_env import run

# Imported so that the metadata knows every table.
for module in iter_modules(store.__path__):
    if module.name.endswith("tables"):
        import_module(f"{store.__name__}.{module.name}")

run(metadata, DirectorySettings.service)
