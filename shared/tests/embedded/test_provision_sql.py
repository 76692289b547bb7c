"""deploy/postgres/provision.sql gives an operator's own server exactly what `kit.provision` looks for."""

import asyncio
import subprocess
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from kit.embedded.databases import with_login
from kit.embedded.postgres import EmbeddedPostgres, binaries
from kit.embedded.process import running
from kit.provision import provision
from kit.testing.servers import free_port


@pytest.fixture
def own_server(tmp_path: Path, deploy_dir: Path) -> Iterator[EmbeddedPostgres]:
    server = EmbeddedPostgres(tmp_path / "data", free_port(), "secret", deploy_dir / "postgres", durable=False)
    with running(server, tmp_path / "log"):
        yield server


async def test_a_login_made_by_the_script_needs_no_administrator(
    own_server: EmbeddedPostgres, deploy_dir: Path
) -> None:
    script, variables = deploy_dir / "postgres" / "provision.sql", ("-v", "service=snp_dispatch", "-v", "password=it's")
    command = [binaries() / "psql", "-q", *variables, "-f", script, own_server.tcp_url()]
    await asyncio.to_thread(subprocess.run, command, check=True)
    url = with_login(own_server.url(), "snp_dispatch_login", "it's", "snp_dispatch")
    await provision(url, "snp-dispatch", "snp_dispatch_login")  # finds everything there: creating would be refused
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("SET ROLE snp_dispatch_owner; CREATE EXTENSION btree_gist; CREATE TABLE t (id int)")
        assert await connection.fetchval("SELECT lower('É')") == "é"
    finally:
        await connection.close()
