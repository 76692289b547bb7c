"""pytest plugin: `servers`, the real PostgreSQL and NATS of the session.

TEST_ADMIN_DATABASE_URL and TEST_NATS_URL lend servers instead; tests create and drop databases and streams there.
"""

import os
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, nullcontext
from functools import cache
from pathlib import Path

import pytest
import pytest_asyncio

from kit import logs, territories
from kit.testing.harness import Issuer
from kit.testing.servers import Servers, embedded_servers
from kit.yaml_text import parse_yaml

_SERVERS = pytest.StashKey[Servers]()
_MEMORY, _ROOM, _PREFIX = Path("/dev/shm"), 4 << 30, "cpts-tests-"  # noqa: S108 - one folder, of this user alone


def pytest_configure() -> None:
    logs.configure("test", "test", "WARNING")
    # The same files of rules are read for nearly every test; what is parsed is never changed.
    pytest.MonkeyPatch().setattr(territories, "parse_yaml", cache(parse_yaml))


@pytest.fixture(scope="session")
def deploy_dir(pytestconfig: pytest.Config) -> Path:
    """The checkout's deploy/ folder."""
    return pytestconfig.rootpath / "deploy"


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def servers(
    pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory, deploy_dir: Path
) -> AsyncIterator[Servers]:
    """Real servers for the whole session, in a temporary folder, without protection against a power cut."""
    lent_postgres, lent_nats = os.environ.get("TEST_ADMIN_DATABASE_URL"), os.environ.get("TEST_NATS_URL")
    with (
        _folder(tmp_path_factory) as folder,
        embedded_servers(folder, deploy_dir, admin_url=lent_postgres, nats_url=lent_nats) as started,
    ):
        pytestconfig.stash[_SERVERS] = started
        yield started
        if lent_postgres:
            await started.drop_databases()


@contextmanager
def _folder(factory: pytest.TempPathFactory) -> Iterator[Path]:
    """In memory, where there is room: a database is a thousand small files, 25 ms there and 200 ms on a disk."""
    if not _MEMORY.is_dir() or shutil.disk_usage(_MEMORY).free < _ROOM:
        yield factory.mktemp("servers")
        return
    for left in _MEMORY.glob(f"{_PREFIX}*"):  # by a session that was killed
        if not Path("/proc", left.name.removeprefix(_PREFIX)).exists():
            shutil.rmtree(left, ignore_errors=True)
    folder = _MEMORY / f"{_PREFIX}{os.getpid()}"
    folder.mkdir(mode=0o700)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(autouse=True)
def databases_of_one_test(pytestconfig: pytest.Config) -> Iterator[None]:
    """Drops what a test made for itself. Fixtures of a module or a session come before this one, and keep theirs."""
    servers = pytestconfig.stash.get(_SERVERS, None)
    with servers.of_one_test() if servers else nullcontext():
        yield


@pytest.fixture(scope="session")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> Issuer:
    """Signs the tokens of the session."""
    return Issuer(tmp_path_factory.mktemp("issuer"))
