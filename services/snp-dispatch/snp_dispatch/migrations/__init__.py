"""Alembic migrations, run in the process at start (kit.migrate)."""
