"""Alembic environment: the tables of the store, as the owner role."""

from importlib import import_module
from pkgutil import iter_modules

from kit.migration_env import run
from pathways import store
from pathways.settings import PathwaysSettings
from pathways.store.base import metadata

# Imported so that the metadata knows every table.
for module in iter_modules(store.__path__):
    if module.name.endswith("tables"):
        import_module(f"{store.__name__}.{module.name}")

run(metadata, PathwaysSettings.service)
