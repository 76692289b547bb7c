"""Alembic environment: the tables of the store, as the owner role."""

from kit.migration_env import run
from snp_dispatch.settings import Settings
from snp_dispatch.store import (
    assignment_tables,
    call_tables,
    closure_tables,
    escalation_tables,
    grant_tables,
    overbooking_tables,
    slot_tables,
    volunteer_tables,
    waitlist_tables,
    wish_tables,
)
from snp_dispatch.store.base import Table

TABLES = (
    closure_tables,
    escalation_tables,
    assignment_tables,
    call_tables,
    grant_tables,
    overbooking_tables,
    slot_tables,
    volunteer_tables,
    waitlist_tables,
    wish_tables,
)
"""Imported so that the metadata knows every table."""

run(Table.metadata, Settings.service)
