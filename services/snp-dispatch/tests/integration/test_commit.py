"""An answer never promises what a failed commit takes back."""

from collections.abc import AsyncIterator

import asyncpg
import pytest
import pytest_asyncio
from dispatch_stage import Dispatch, a_call

FAIL_AT_COMMIT = """
CREATE FUNCTION fail_at_commit() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''no room''; END';
CREATE CONSTRAINT TRIGGER fail_at_commit AFTER INSERT ON {table}
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION fail_at_commit();
"""


@pytest_asyncio.fixture(params=["hold", "call", "outbox"])
async def table(request: pytest.FixtureRequest, dispatch: Dispatch, owner: asyncpg.Connection) -> AsyncIterator[str]:
    """A table into which no insert survives its commit."""
    yield request.param
    await owner.execute(f"DROP TRIGGER IF EXISTS fail_at_commit ON {request.param}; DROP FUNCTION fail_at_commit")


async def test_a_failed_commit_is_never_a_success(dispatch: Dispatch, owner: asyncpg.Connection, table: str) -> None:
    slot, call = await dispatch.slot(), await dispatch.call()
    events = len(await dispatch.told())
    await owner.execute(FAIL_AT_COMMIT.format(table=table))
    path, body = f"/calls/{call['id']}/holds", {"slot_id": slot["id"]}
    held = await dispatch.post(path, body, key="mine")
    called = await dispatch.post("/calls", a_call(mode="book"), key="mine")
    assert held.status_code == (201 if table == "call" else 500)
    assert called.status_code == (201 if table == "hold" else 500)
    if table == "outbox":
        assert (await dispatch.get(f"/slots/{slot['id']}"))["state"] == "free"
        assert len(await dispatch.told()) == events
    await owner.execute(f"DROP TRIGGER fail_at_commit ON {table}")
    # The key was not used up: the same request now has its effect.
    again = await dispatch.post(path, body, key="mine")
    assert again.status_code == (409 if table == "hold" else 201)
