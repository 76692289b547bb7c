"""A directory with a clock that tests turn, a real SMTP server, and what plays a quarter on it."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from directory_post import Sink, post, sink

from contracts.envelope import NATIONAL
from directory.usecases.run_campaign import close_campaigns
from directory.usecases.write_invitations import write_invitations

HERE = "pays-de-redon"
SCOPES = ("directory:read", "directory:write", "directory:publish", "directory:history", "channels:read")
SCOPES += ("channels:write", "messages:read", "webhooks:write")
_CONFIRM = re.compile(r"(/v1/channel-confirmations/\S+)")
_ANSWER = re.compile(r"http://127\.0\.0\.1:8000(/v1/answers/[a-z-]+~[A-Za-z0-9_-]{43})")


class Calendar:
    """A clock that tests turn."""

    def __init__(self) -> None:
        self.at = datetime(2026, 11, 30, 8, tzinfo=UTC)

    def now(self) -> datetime:
        return self.at

    def turn(self, month: int, day: int, year: int = 2026) -> None:
        self.at = datetime(year, month, day, 8, tzinfo=UTC)


@dataclass
class Quarter:
    """The directory, its clock, its mail, and a coordinator's client."""

    directory: Any
    calendar: Calendar
    box: Sink
    http: Any

    async def post(self, path: str, body: Any = None, *, status: int = 200) -> dict[str, Any]:
        answer = await self.http.post(f"/v1{path}", json=body, headers={"Idempotency-Key": str(uuid4())})
        assert answer.status_code == status, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def get(self, path: str, **params: Any) -> dict[str, Any]:
        answer = await self.http.get(f"/v1{path}", params=params)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def channel(self, rpps: str, *purposes: str) -> str:
        """A confirmed e-mail address of this professional; answers it."""
        address = f"{uuid4().hex}@example.org"
        owner = {"kind": "rpps", "id": rpps}
        await self.post(
            "/channels", {"owner": owner, "kind": "email", "address": address, "purposes": list(purposes)}, status=201
        )
        await post(self.directory)
        path = _CONFIRM.search(self.box.mails[-1].get_content())
        assert path is not None
        async with self.directory.anonymous() as anybody:
            assert (await anybody.post(path[1])).status_code == 200
        self.box.mails.clear()
        return address

    async def campaign(self, period: str, opens_on: str, closes_on: str, **more: Any) -> dict[str, Any]:
        """A started campaign."""
        dates = {"opens_on": opens_on, "closes_on": closes_on}
        draft = await self.post("/campaigns", {"period": period, **dates, **more}, status=201)
        return await self.post(f"/campaigns/{draft['id']}/start")

    async def write(self) -> int:
        """What the job does, and the mail server after it; answers how many rounds were done."""
        runtime = self.directory.runtime
        done, again = 0, 1
        while again:
            async with runtime.system.work(NATIONAL) as work:
                again = await write_invitations(
                    work, runtime.keyring, runtime.extras["reference"], runtime.settings.public_url
                )
            done += again
        while await post(self.directory):
            pass
        return done

    async def close(self) -> int:
        async with self.directory.runtime.system.work(NATIONAL) as work:
            return await close_campaigns(work)

    def link(self, address: str) -> str:
        """The path of the link in the last mail to this address."""
        mail = [it for it in self.box.mails if it["To"] == address][-1]
        found = _ANSWER.search(mail.get_content())
        assert found is not None
        return found[1]

    async def open(self, path: str) -> Any:
        async with self.directory.anonymous() as anybody:
            return await anybody.get(path)

    async def answer(self, path: str, **form: Any) -> Any:
        async with self.directory.anonymous() as anybody:
            return await anybody.post(path, data=form)


@asynccontextmanager
async def quarter(start: Any, new_settings: Any, templates: Any, issuer: Any) -> AsyncIterator[Quarter]:
    async with sink() as server:
        mail = {"smtp_host": "127.0.0.1", "smtp_port": server.port, "smtp_tls": "none", "mail_from": "cpts@example.org"}
        calendar = Calendar()
        settings = await new_settings(templates.sampled, webhooks_local=True, **mail)
        async with (
            start(settings, issuer, calendar) as directory,
            directory.connect(*SCOPES, role="coordinator", sub="coordinator") as http,
        ):
            yield Quarter(directory, calendar, server, http)
