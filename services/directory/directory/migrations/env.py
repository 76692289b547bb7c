from directory.store.tables import metadata
from kit.migration_env import run

run(metadata, "directory")
