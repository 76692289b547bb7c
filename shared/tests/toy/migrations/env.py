from kit.migration_env import run
from toy.tables import metadata

run(metadata, "directory")
