"""Runs the revisions with the kit's environment."""

import indicators.store.period_tables
import indicators.store.tables
import indicators.store.told_tables  # noqa: F401 - these modules declare the tables
from indicators.store.base import Table
from kit.migration_env import run

run(Table.metadata, "indicators")
