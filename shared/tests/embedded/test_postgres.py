"""The launcher repairs what a `kill -9` leaves and says in one line what it cannot do."""

import asyncio
import os
import signal
import subprocess
import time
from pathlib import Path

import asyncpg
import pytest

from kit.embedded import postgres as module
from kit.embedded import process
from kit.embedded.postgres import EmbeddedPostgres
from kit.embedded.process import EmbeddedServerError, running
from kit.testing.servers import free_port


@pytest.fixture
def server(tmp_path: Path, deploy_dir: Path) -> EmbeddedPostgres:
    return EmbeddedPostgres(tmp_path / "data", free_port(), "secret", deploy_dir / "postgres", durable=False)


def _answer(url: str, sql: str) -> object:
    async def ask() -> object:
        connection = await asyncpg.connect(url)
        try:
            return await connection.fetchval(sql)
        finally:
            await connection.close()

    return asyncio.run(ask())


def test_data_survives_a_kill_and_a_reused_pid_in_the_lock(server: EmbeddedPostgres, tmp_path: Path) -> None:
    log = tmp_path / "log"
    with running(server, log) as running_server:
        _answer(server.url(), "CREATE TABLE kept AS SELECT 7 AS value")
        running_server.kill()
        running_server.wait()
    lock = server.data_dir / "postmaster.pid"
    _, *rest = lock.read_text().splitlines()
    lock.write_text("\n".join([str(os.getpid()), *rest]))  # a number that lives, and is no server
    with running(server, log):
        assert _answer(server.tcp_url(), "SELECT value FROM kept") == 7


def test_a_server_that_really_runs_on_the_data_is_named(
    server: EmbeddedPostgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running(server, tmp_path / "log") as first:
        monkeypatch.setattr(module, "LOCK_PATIENCE", 0.1)
        with pytest.raises(EmbeddedServerError, match=rf"another PostgreSQL \(pid {first.pid}\)"):
            server.prepare()
        assert _answer(server.url(), "SELECT 1") == 1


def test_an_interrupted_initdb_is_done_again(server: EmbeddedPostgres, tmp_path: Path) -> None:
    half_done = tmp_path / "data.new"
    half_done.mkdir()
    (half_done / "PG_VERSION").write_text("18")
    with running(server, tmp_path / "log"):
        assert _answer(server.url(), "SELECT 1") == 1


def test_a_long_path_gets_its_socket_elsewhere(tmp_path: Path, deploy_dir: Path) -> None:
    data = tmp_path / ("deep" * 20) / "data"
    server = EmbeddedPostgres(data, free_port(), "secret", deploy_dir / "postgres", durable=False)
    assert len(str(server.socket_dir)) < 90
    assert tmp_path not in server.socket_dir.parents
    data.parent.mkdir()
    with running(server, tmp_path / "log"):
        assert _answer(server.url(), "SELECT 1") == 1
        assert server.socket_dir.stat().st_mode & 0o777 == 0o700


def test_data_of_another_version_is_refused_in_one_line(server: EmbeddedPostgres) -> None:
    server.prepare()
    (server.data_dir / "PG_VERSION").write_text("12\n")
    with pytest.raises(EmbeddedServerError, match="is of PostgreSQL 12"):
        server.prepare()


def test_other_binaries_can_be_named(server: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    elsewhere = tmp_path / "bin"
    elsewhere.symlink_to(module.binaries())
    monkeypatch.setenv("POSTGRES_BIN_DIR", str(elsewhere))
    assert server.command().argv[0] == str(elsewhere / "postgres")
    monkeypatch.setenv("POSTGRES_BIN_DIR", str(tmp_path))
    with pytest.raises(EmbeddedServerError, match="POSTGRES_BIN_DIR"):
        module.binaries()


def test_a_server_dies_with_the_process_that_started_it(server: EmbeddedPostgres, tmp_path: Path) -> None:
    server.prepare()
    reader, writer = os.pipe()
    parent = os.fork()
    if parent == 0:
        command = server.command()
        child = subprocess.Popen(
            command.argv,
            preexec_fn=command.prepare_child,  # noqa: PLW1509 - as the launcher itself does
            stderr=subprocess.DEVNULL,
        )
        while not server.is_ready():
            time.sleep(0.01)
        os.write(writer, str(child.pid).encode())
        signal.pause()
        os._exit(0)
    postmaster = int(os.read(reader, 20))
    os.kill(parent, signal.SIGKILL)
    os.waitpid(parent, 0)
    end = time.monotonic() + 30
    while server.is_ready():
        assert time.monotonic() < end
        time.sleep(0.01)
    while Path(f"/proc/{postmaster}").exists() and "Z" not in Path(f"/proc/{postmaster}/stat").read_text():
        assert time.monotonic() < end
        time.sleep(0.01)
    assert not (server.data_dir / "postmaster.pid").exists()  # it had the time to stop cleanly


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to become somebody else")
def test_root_without_namespaces_becomes_nobody_or_says_why_not(
    server: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "namespaces_allowed", lambda: False)
    with pytest.raises(EmbeddedServerError, match=r"nobody cannot reach .*RUN_DIR"):
        server.prepare()  # the temporary folder of a test is closed to others
    assert process.namespaces_allowed()
