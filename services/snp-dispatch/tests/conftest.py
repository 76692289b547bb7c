"""The dispatch on real servers. One web process for the session; each test finds it empty, seeded, at NOW."""

import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import asyncpg
import pytest
import pytest_asyncio

sys.path.insert(0, str(Path(__file__).parent))

from dispatch_stage import Dispatch, seed_all, started
from ruling import policy_says

from kit.testing.harness import Issuer, fresh_settings
from kit.testing.servers import Servers
from snp_dispatch.settings import MIGRATIONS, Settings

NewSettings = Callable[..., Awaitable[Settings]]

_CLEAR = """
TRUNCATE outbox, outbox_daily, inbox, idempotency, job_run, effector, participation, attested, availability, slot,
         seat_claim, call, call_contact, contact_read, hold, booking, assignment, seat_offer, pause, quota, closure,
         timer, escalation_step, calendar_feed, busy_period, busy_calendar, territory_grant, volunteer, volunteer_offer,
         overbooking, visit_wish
"""


@pytest_asyncio.fixture(scope="session")
async def new_settings(
    servers: Servers, issuer: Issuer, deploy_dir: Path, tmp_path_factory: pytest.TempPathFactory
) -> NewSettings:
    """Settings on a fresh, migrated database."""

    async def create(**overrides: Any) -> Settings:
        folder = tmp_path_factory.mktemp("dispatch")
        return await fresh_settings(
            Settings, servers, issuer, folder, migrations=MIGRATIONS, deploy=deploy_dir, **overrides
        )

    return create


@pytest_asyncio.fixture(scope="session")
async def running(new_settings: NewSettings, issuer: Issuer) -> AsyncIterator[Dispatch]:
    """Forty connections: races are run by real ones."""
    async with started(await new_settings(db_pool_size=40), issuer) as dispatch:
        yield dispatch


@pytest_asyncio.fixture(scope="session")
async def owner(running: Dispatch, servers: Servers) -> AsyncIterator[asyncpg.Connection]:
    """A superuser's connection to the session's database, to look behind row-level security."""
    connection = await asyncpg.connect(servers.admin_url(running.settings.database_url.get_secret_value()))
    yield connection
    await connection.close()


_UNTRUE = """
SELECT count(*) FROM slot s
 WHERE s.taken <> (s.capacity = 1 AND EXISTS (SELECT FROM seat_claim c WHERE c.slot_id = s.id))
"""


@pytest_asyncio.fixture
async def dispatch(running: Dispatch, owner: asyncpg.Connection) -> AsyncIterator[Dispatch]:
    await owner.execute(_CLEAR)
    running.rewind()
    await seed_all(running.runtime)
    yield running
    # Whatever a test did, what the search goes by is what the claims say.
    assert await owner.fetchval(_UNTRUE) == 0


@pytest.fixture
def two(dispatch: Dispatch, monkeypatch: pytest.MonkeyPatch) -> None:
    """HERE allows two extra patients a slot."""
    policy_says(dispatch, monkeypatch, overbooking_per_slot=2)
