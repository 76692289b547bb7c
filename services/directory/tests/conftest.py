"""The directory on real servers: fresh databases with the communes of France, with or without the sample."""

import base64
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI

from contracts.envelope import NATIONAL
from directory.main import build
from directory.settings import DirectorySettings
from directory.usecases.advance_import import Importer, advance_import
from directory.usecases.index_communes import Communes
from directory.usecases.load_reference import Reference
from kit.clock import Clock
from kit.runtime import Runtime
from kit.testing.harness import Issuer, client, connected
from kit.testing.servers import Servers

sys.path.insert(0, str(Path(__file__).parent))  # helpers that several test files share

READ, WRITE, IMPORT = "directory:read", "directory:write", "directory:import"

NewSettings = Callable[..., Awaitable[DirectorySettings]]


@dataclass
class Templates:
    """Names of databases to copy: with the communes loaded, and with the sample imported as well."""

    empty: str
    sampled: str


@dataclass
class Directory:
    """A started directory, a coordinator's client, and the import job at hand."""

    app: FastAPI
    http: httpx.AsyncClient
    issuer: Issuer

    @property
    def runtime(self) -> Runtime:
        runtime: Runtime = self.app.state.runtime
        return runtime

    def connect(self, *scopes: str, **claims: Any) -> Any:
        """One more client, as a context manager."""
        return connected(self.app, self.issuer.token(*scopes, **claims))

    def anonymous(self) -> Any:
        """A client without a token, as a context manager."""
        return connected(self.app)

    async def upload(
        self, content: bytes, name: str = "extract.txt", key: str = "1", of: str = "rpps", **form: Any
    ) -> httpx.Response:
        return await self.http.post(
            f"/v1/imports/{of}", files={"file": (name, content)}, data=form, headers={"Idempotency-Key": key}
        )

    def importer(self, batch: int | None = None) -> Importer:
        reference: Reference = self.runtime.extras["reference"]
        settings = self.runtime.settings
        assert isinstance(settings, DirectorySettings)
        room, share = batch or settings.import_batch, settings.import_gone_share
        return Importer(self.runtime.blobs, reference.nomenclature, Communes(), room, share, reference.finess)

    async def advance(self, importer: Importer) -> int:
        """One batch, as the worker's timer would do it."""
        async with self.runtime.system.work(NATIONAL) as work:
            return await advance_import(work, importer)

    async def work_off(self, batch: int | None = None) -> None:
        importer = self.importer(batch)
        while await self.advance(importer):
            pass

    async def imported(self, content: bytes, key: str = "1", name: str = "extract.txt", **form: Any) -> dict[str, Any]:
        """Uploads, works off, and answers how the run ended."""
        answer = await self.upload(content, name, key, **form)
        assert answer.status_code == 202, answer.text
        await self.work_off()
        return await self.get(f"/v1/imports/{answer.json()['id']}")

    async def refused(self, run: dict[str, Any]) -> list[tuple[int, str]]:
        page = await self.get(f"/v1/imports/{run['id']}/errors")
        return [(item["line"], item["cause"]) for item in page["items"]]

    async def get(self, path: str, **params: Any) -> dict[str, Any]:
        answer = await self.http.get(path, params=params)
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.json()
        return body

    async def outbox(self) -> list[dict[str, Any]]:
        """Every event told so far, the oldest first."""
        async with self.runtime.system.work(NATIONAL) as work:
            rows = await work.fetch(
                "SELECT territory, type, body::jsonb ->> 'subject' AS subject FROM outbox ORDER BY seq"
            )
        return [dict(row) for row in rows]


@pytest.fixture(scope="session")
def sample(deploy_dir: Path) -> Path:
    return deploy_dir / "reference" / "rpps_sample.txt"


@asynccontextmanager
async def started(settings: DirectorySettings, issuer: Issuer, clock: Clock | None = None) -> AsyncIterator[Directory]:
    app = build(settings, clock)
    token = issuer.token(READ, WRITE, IMPORT, role="coordinator", sub="coordinator")
    async with client(app, token) as http:
        yield Directory(app, http, issuer)


@pytest.fixture(scope="session")
def start() -> Callable[..., Any]:
    """`started`, for tests that need a directory of their own."""
    return started


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def new_settings(
    servers: Servers, issuer: Issuer, deploy_dir: Path, tmp_path_factory: pytest.TempPathFactory
) -> NewSettings:
    """Settings on a fresh database, a copy of another one when it is named."""

    async def create(template: str = "template1", **overrides: Any) -> DirectorySettings:
        return DirectorySettings(
            database_url=await servers._create("directory", template),
            nats_url=servers.nats_url("directory"),
            jwks_file=issuer.jwks_file,
            territories_dir=deploy_dir / "territories",
            reference_dir=deploy_dir / "reference",
            blob_dir=tmp_path_factory.mktemp("blobs"),
            encryption_keys="k1:" + base64.b64encode(b"1" * 32).decode(),
            blind_index_key=base64.b64encode(b"2" * 32).decode(),
            worker_port=0,  # any free one: two runs of the tests side by side do not meet
            **overrides,
        )

    return create


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def templates(new_settings: NewSettings, issuer: Issuer, sample: Path) -> Templates:
    """Loading the communes and the sample once spares every test a second."""
    empty = await new_settings()
    async with started(empty, issuer):
        pass
    sampled = await new_settings(_name(empty))
    async with started(sampled, issuer) as directory:
        await directory.imported(sample.read_bytes())
    return Templates(_name(empty), _name(sampled))


def _name(settings: DirectorySettings) -> str:
    return settings.database_url.get_secret_value().partition("?")[0].rpartition("/")[2]


@pytest_asyncio.fixture
async def settings(new_settings: NewSettings, templates: Templates) -> DirectorySettings:
    return await new_settings(templates.empty)


@pytest_asyncio.fixture
async def directory(settings: DirectorySettings, issuer: Issuer) -> AsyncIterator[Directory]:
    """With the communes, without professionals."""
    async with started(settings, issuer) as ready:
        yield ready


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def redon(new_settings: NewSettings, templates: Templates, issuer: Issuer) -> AsyncIterator[Directory]:
    """With the sample imported; shared by the tests of a module, which only read."""
    async with started(await new_settings(templates.sampled), issuer) as ready:
        yield ready
