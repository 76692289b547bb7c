"""A directory whose webhooks go to a receiver on this machine; a coordinator who opens them."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest_asyncio
from directory_post import sink
from directory_receiver import Receiver, receiving
from webhook_stage import SCOPES, Calendar, key


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def stage(new_settings: Any, templates: Any, issuer: Any, start: Any) -> AsyncIterator[Any]:
    async with sink() as server:
        mail = {"smtp_host": "127.0.0.1", "smtp_port": server.port, "smtp_tls": "none", "mail_from": "cpts@example.org"}
        settings = await new_settings(templates.sampled, webhooks_local=True, **mail)
        calendar = Calendar()
        async with start(settings, issuer, calendar) as directory:
            directory.calendar, directory.sink = calendar, server
            yield directory


@pytest_asyncio.fixture
async def receiver(stage: Any, coordinator: Any) -> AsyncIterator[Receiver]:
    stage.calendar.at = datetime.now(UTC)  # receivers refuse a timestamp that is far from theirs
    async with receiving() as found:
        yield found
    for it in (await coordinator.get("/v1/webhooks", params={"limit": 200})).json()["items"]:
        await coordinator.post(f"/v1/channels/{it['id']}/end", headers=key())


@pytest_asyncio.fixture
async def coordinator(stage: Any) -> AsyncIterator[Any]:
    async with stage.connect(*SCOPES, "slots:write:any", role="coordinator", sub="coordinator") as http:
        yield http
