"""Runs the revisions with the kit's environment."""

from importlib import import_module
from pkgutil import iter_modules

from indicators import store
from indicators.store.base import Table
from kit.migration_env import run

# Imported so that the metadata knows every table.
for module in iter_modules(store.__path__):
    if module.name.endswith("tables"):
        import_module(f"{store.__name__}.{module.name}")

run(Table.metadata, "indicators")
