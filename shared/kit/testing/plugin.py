"""pytest plugin: `servers`, the real PostgreSQL and NATS of the session.

TEST_ADMIN_DATABASE_URL and TEST_NATS_URL lend servers instead; tests create and drop databases and streams there.
"""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from kit import logs
from kit.testing.harness import Issuer
from kit.testing.servers import Servers, embedded_servers


def pytest_configure() -> None:
    logs.configure("test", "test", "WARNING")


@pytest.fixture(scope="session")
def deploy_dir(pytestconfig: pytest.Config) -> Path:
    """The checkout's deploy/ folder."""
    return pytestconfig.rootpath / "deploy"


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def servers(tmp_path_factory: pytest.TempPathFactory, deploy_dir: Path) -> AsyncIterator[Servers]:
    """Real servers for the whole session, in a temporary folder, without protection against a power cut."""
    lent_postgres, lent_nats = os.environ.get("TEST_ADMIN_DATABASE_URL"), os.environ.get("TEST_NATS_URL")
    folder = tmp_path_factory.mktemp("servers")
    with embedded_servers(folder, deploy_dir, admin_url=lent_postgres, nats_url=lent_nats) as started:
        yield started
        if lent_postgres:
            await started.drop_databases()


@pytest.fixture(scope="session")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> Issuer:
    """Signs the tokens of the session."""
    return Issuer(tmp_path_factory.mktemp("issuer"))
