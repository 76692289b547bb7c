from kit.migration_env import run
from pathways.store import tables  # noqa: F401 - the tables join the metadata
from pathways.store.base import metadata

run(metadata, "pathways")
