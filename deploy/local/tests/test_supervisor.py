"""The supervisor with stand-ins for our processes, and the real PostgreSQL and NATS."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kit.testing.servers import Servers
from local_stack import processes, state
from local_stack.ports import SERVICES, StackError, free_ports_environment, variable
from local_stack.stack import Stack

NAMES = ("postgres", "nats", "directory-worker", "pathways", "gateway")


@pytest.fixture
def run_dir(tmp_path: Path) -> Path:
    return tmp_path / "run"


async def test_a_stack_starts_tells_its_pids_and_leaves_nothing(run_dir: Path, stand_ins: str) -> None:
    async with Stack.on_free_ports(run_dir, PYTHONPATH=stand_ins) as stack:
        report = state.read_report(run_dir)
        assert report is not None
        assert report["gateway_url"] == stack.gateway_url
        assert len(report["processes"]) == 11
        pids = [entry["pid"] for entry in report["processes"].values()]
        assert all(_alive(pid) for pid in pids)
        assert (run_dir / "stack.json").stat().st_mode & 0o777 == 0o600
        assert "listening" in (run_dir / "logs" / "pathways-worker.log").read_text()
    assert not any(_alive(pid) for pid in pids)
    assert state.read_report(run_dir) is None


async def test_a_killed_process_comes_back_and_is_told(run_dir: Path, stand_ins: str) -> None:
    async with Stack.on_free_ports(run_dir, PYTHONPATH=stand_ins) as stack:
        for name in NAMES:
            before = stack.report.processes[name]["pid"]
            await stack.kill(name)
            await stack.wait_ready(60)
            after = json.loads((run_dir / "stack.json").read_text())["processes"][name]
            assert after["pid"] != before
            assert after["restarts"] == 1


async def test_a_suspended_process_stays_down_until_it_is_resumed(run_dir: Path, stand_ins: str) -> None:
    async with Stack.on_free_ports(run_dir, PYTHONPATH=stand_ins) as stack:
        await stack.suspend("indicators-worker")
        assert stack.report.processes["indicators-worker"]["pid"] is None
        stack.resume("indicators-worker")
        await stack.wait_ready(60)
        assert stack.report.processes["indicators-worker"]["pid"] is not None


async def test_a_process_that_always_dies_ends_the_stack(
    run_dir: Path, make_stand_ins: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "_FIRST_DELAY", 0.001)
    broken = make_stand_ins("pathways.worker")
    with pytest.raises(StackError, match=r"pathways-worker: died 8 times within 60 s \(exited with status 3\)"):
        async with Stack.on_free_ports(run_dir, PYTHONPATH=broken):
            pytest.fail("it must not become ready")
    assert state.read_report(run_dir) is None


async def test_a_second_stack_on_the_same_folder_is_refused(run_dir: Path, stand_ins: str) -> None:
    async with Stack.on_free_ports(run_dir, PYTHONPATH=stand_ins) as stack:
        with pytest.raises(StackError, match=rf"already runs on .* \(pid {os.getpid()}\)"):
            await Stack.on_free_ports(run_dir, PYTHONPATH=stand_ins).start()
        await stack.wait_ready(60)


async def test_a_busy_port_is_named_with_its_variable(run_dir: Path, stand_ins: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        with pytest.raises(StackError, match=rf"port {port} is already in use.*PATHWAYS_PORT"):
            async with Stack.on_free_ports(run_dir, PYTHONPATH=stand_ins, PATHWAYS_PORT=port):
                pytest.fail("it must not start")


async def test_lent_servers_are_used_and_none_is_started(run_dir: Path, stand_ins: str, servers: Servers) -> None:
    urls = {f"{variable(service)}_DATABASE_URL": await servers.new_database(service) for service in SERVICES}
    async with Stack.on_free_ports(run_dir, PYTHONPATH=stand_ins, NATS_URL=servers.nats_url(), **urls) as stack:
        assert not {"postgres", "nats"} & set(stack.report.processes)
        assert stack.report.database_urls["pathways"] == urls["PATHWAYS_DATABASE_URL"]
        assert not (run_dir / "postgres").exists()


@pytest.fixture
def supervisor(run_dir: Path, stand_ins: str) -> Iterator[subprocess.Popen[str]]:
    """`python -m local_stack` as `make run` starts it, ready."""
    process = _supervisor(run_dir, stand_ins)
    yield process
    process.kill()
    process.wait()


def test_sigterm_and_ctrl_c_stop_everything_with_status_0(run_dir: Path, stand_ins: str) -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        process = _supervisor(run_dir, stand_ins)
        pids = _pids(run_dir)
        process.send_signal(number)
        assert process.wait(60) == 0
        assert not any(_alive(pid) for pid in pids)


def test_ctrl_c_on_make_run_stops_everything_without_a_traceback(
    run_dir: Path, stand_ins: str, pytestconfig: pytest.Config
) -> None:
    process = _started(["make", "-C", str(pytestconfig.rootpath), "run"], run_dir, stand_ins, start_new_session=True)
    pids = _pids(run_dir)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: make and everything it started
    output, _ = process.communicate(timeout=60)
    assert "Traceback" not in output
    assert "stack: stopping" in output
    assert not any(_alive(pid) for pid in pids)


def test_kill_9_of_make_stops_everything(run_dir: Path, stand_ins: str, pytestconfig: pytest.Config) -> None:
    process = _started(["make", "-C", str(pytestconfig.rootpath), "run"], run_dir, stand_ins)
    pids = _pids(run_dir)
    process.kill()
    process.wait()
    _wait_gone(pids)
    with state.lock(run_dir):
        assert state.read_report(run_dir) is None


def test_kill_9_leaves_nothing_and_the_next_start_repairs(
    run_dir: Path, stand_ins: str, supervisor: subprocess.Popen[str]
) -> None:
    pids = _pids(run_dir)
    postmaster = int((run_dir / "postgres" / "postmaster.pid").read_text().split()[0])
    os.kill(postmaster, signal.SIGSTOP)  # so that its own end cannot tidy up
    supervisor.kill()
    supervisor.wait()
    os.kill(postmaster, signal.SIGKILL)
    _wait_gone(pids)
    assert (run_dir / "postgres" / "postmaster.pid").exists()
    assert (run_dir / "stack.json").exists()
    assert state.read_report(run_dir) is None
    again = _supervisor(run_dir, stand_ins)
    again.send_signal(signal.SIGTERM)
    assert again.wait(60) == 0


def test_a_stack_whose_output_nobody_reads_goes_on(
    run_dir: Path, stand_ins: str, supervisor: subprocess.Popen[str]
) -> None:
    port = json.loads((run_dir / "stack.json").read_text())["service_urls"]["directory"].rpartition(":")[2]
    for _ in range(2000):  # more log lines than a pipe holds
        with socket.create_connection(("127.0.0.1", int(port)), timeout=30) as client:
            client.sendall(b"GET /readyz HTTP/1.0\r\n\r\n")
            assert client.recv(12).endswith(b"200")


def _supervisor(run_dir: Path, stand_ins: str) -> subprocess.Popen[str]:
    return _started([sys.executable, "-m", "local_stack"], run_dir, stand_ins)


def _started(
    command: list[str], run_dir: Path, stand_ins: str, *, start_new_session: bool = False
) -> subprocess.Popen[str]:
    """The process when it has said that it is ready, in exactly these words."""
    own = {"PYTHONPATH": stand_ins, "RUN_DIR": str(run_dir), "LOAD_SAMPLE": "no"}
    env = {**os.environ, **free_ports_environment(), **own}
    process = subprocess.Popen(
        command,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=start_new_session,
    )
    assert process.stdout is not None
    seen = []
    for line in process.stdout:
        seen.append(line)
        if line == f"ready: http://127.0.0.1:{env['GATEWAY_PORT']}\n":
            return process
    raise AssertionError("".join(seen))


def _pids(run_dir: Path) -> list[int]:
    """Of every process, the supervisor's last."""
    report = state.read_report(run_dir)
    assert report is not None
    return [int(entry["pid"]) for entry in report["processes"].values()] + [int(report["pid"])]


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def _wait_gone(pids: list[int]) -> None:
    end = time.monotonic() + 30
    while any(_alive(pid) for pid in pids):
        assert time.monotonic() < end, [pid for pid in pids if _alive(pid)]
        time.sleep(0.02)
