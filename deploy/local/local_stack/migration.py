"""`make migration SERVICE=directory MESSAGE="..."`: a migration with what the tables have and the last one has not."""

import asyncio
import os
import sys
import tempfile
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

from kit.embedded.databases import create_database
from kit.embedded.postgres import EmbeddedPostgres
from kit.embedded.process import running
from local_stack.checkout import DEPLOY, ROOT
from local_stack.ports import SERVICES, free_ports_environment, variable


def main(arguments: list[str]) -> int:
    """Writes the file under the service's migrations/versions; 2 when the service or the message is missing."""
    service, message = (*arguments, "", "")[:2]
    if service not in SERVICES or not message:
        print(f'make migration: SERVICE={"|".join(SERVICES)} MESSAGE="what changes"', file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as folder:
        port = int(free_ports_environment()["POSTGRES_PORT"])
        server = EmbeddedPostgres(Path(folder) / "data", port, "throwaway", DEPLOY / "postgres", durable=False)
        with running(server, Path(folder) / "log"):
            url = asyncio.run(create_database(server.url(), service, "throwaway"))
            os.environ[f"{variable(service)}_DATABASE_URL"] = url
            config = Config(ROOT / "services" / service / "alembic.ini")
            command.upgrade(config, "head")
            number = len(list(ScriptDirectory.from_config(config).walk_revisions())) + 1
            command.revision(config, message, autogenerate=True, rev_id=f"{number:04}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
