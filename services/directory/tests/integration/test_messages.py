"""Messages: queued with their reason, brought by e-mail to a real server, tried again, given up, never lost."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio
from directory_post import Sink, post, sink

from contracts.envelope import NATIONAL
from directory.domain.messages import Attachment, Message, Recipient
from directory.usecases.forget_messages import forget_messages
from directory.usecases.load_reference import Reference
from directory.usecases.send_message import send_message

HERE = "pays-de-redon"
TO = Recipient("email", "liste@example.org")
NEWS = Message("newsletter", "newsletter", "Réunion", "Bonjour à tous", link="https://example.org/secret")


class Calendar:
    """A clock that tests turn."""

    def __init__(self) -> None:
        self.at = datetime(2026, 11, 22, 8, tzinfo=UTC)

    def now(self) -> datetime:
        return self.at


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def stage(new_settings: Any, templates: Any, issuer: Any, start: Any) -> AsyncIterator[Any]:
    async with sink() as server:
        settings = await new_settings(
            templates.sampled,
            smtp_host="127.0.0.1",
            smtp_port=server.port,
            smtp_tls="none",
            mail_from="cpts@example.org",
        )
        calendar = Calendar()
        async with start(settings, issuer, calendar) as directory:
            directory.calendar, directory.sink = calendar, server
            yield directory


@pytest.fixture
def box(stage: Any) -> Sink:
    """An empty box."""
    found: Sink = stage.sink
    found.mails.clear()
    found.tried.clear()
    found.answers.clear()
    return found


async def send(stage: Any, message: Message = NEWS, to: Recipient = TO) -> UUID:
    async with stage.runtime.db.work(HERE) as work:
        return await send_message(work, stage.runtime.keyring, to, message, by="test")


async def rows(stage: Any, sql: str, *args: Any) -> list[dict[str, Any]]:
    async with stage.runtime.system.work(NATIONAL) as work:
        return [dict(row) for row in await work.fetch(sql, *args)]


async def state(stage: Any, message_id: UUID) -> dict[str, Any]:
    (row,) = await rows(stage, "SELECT * FROM delivery WHERE message_id = $1", message_id)
    return row


async def outcomes(stage: Any, message_id: UUID) -> list[tuple[str | None, int | None]]:
    found = await rows(
        stage,
        "SELECT a.outcome, a.status FROM attempt a JOIN delivery d ON d.id = a.delivery_id WHERE d.message_id = $1 "
        "ORDER BY number",
        message_id,
    )
    return [(row["outcome"], row["status"]) for row in found]


async def test_a_message_arrives_once_with_its_files(stage: Any, box: Sink) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        yield b"a;b\n"

    blob = await stage.runtime.blobs.write(chunks())
    message = Message(
        "newsletter",
        "newsletter",
        "Liste n° 2",
        "Ci-joint",
        "<p>Ci-joint</p>",
        (Attachment("liste.csv", blob, "text/csv"),),
    )
    sent = await send(stage, message)
    assert await post(stage) == 1
    assert await post(stage) == 0
    (mail,) = box.mails
    assert (mail["To"], mail["From"], mail["Subject"]) == ("liste@example.org", "cpts@example.org", "Liste n° 2")
    assert mail["Auto-Submitted"] == "auto-generated"
    text, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert text is not None
    assert html is not None
    assert (text.get_content().strip(), html.get_content().strip()) == ("Ci-joint", "<p>Ci-joint</p>")
    assert [(it.get_filename(), it.get_content()) for it in mail.iter_attachments()] == [("liste.csv", "a;b\n")]
    assert (await state(stage, sent))["state"] == "delivered"
    assert await outcomes(stage, sent) == [("delivered", 250)]


async def test_what_fails_for_now_is_tried_again_under_the_same_id(stage: Any, box: Sink) -> None:
    box.answers[:] = ["451 later", "421 busy"]
    sent = await send(stage)
    waits = []
    for _ in range(3):
        await post(stage)
        assert await post(stage) == 0, "not before its time"
        row = await state(stage, sent)
        waits.append((row["next_at"] - stage.calendar.at).total_seconds())
        stage.calendar.at += timedelta(seconds=400)
    assert row["state"] == "delivered"
    assert 48 <= waits[0] <= 72
    assert 240 <= waits[1] <= 360
    assert await outcomes(stage, sent) == [("refused", 451), ("refused", 421), ("delivered", 250)]
    assert len(box.tried) == 3
    assert len(set(box.tried)) == 1


async def test_what_is_refused_for_good_is_given_up_and_shown(stage: Any, box: Sink) -> None:
    box.answers[:] = ["550 nobody"]
    sent = await send(stage)
    await post(stage)
    assert (await state(stage, sent))["state"] == "failed"
    assert await outcomes(stage, sent) == [("refused", 550)]


async def test_there_is_a_limit_to_trying(stage: Any, box: Sink) -> None:
    box.answers[:] = ["451 later"] * 20
    sent = await send(stage)
    for _ in range(12):
        await post(stage)
        stage.calendar.at += timedelta(days=2)
    row = await state(stage, sent)
    rules: Reference = stage.runtime.extras["reference"]
    assert (row["state"], row["attempts"]) == ("failed", len(rules.deliveries.email_waits) + 1)


async def test_a_server_that_is_away_costs_no_message(stage: Any, box: Sink) -> None:
    port, stage.runtime.settings.smtp_port = stage.runtime.settings.smtp_port, 1
    sent = [await send(stage) for _ in range(3)]
    await post(stage)
    stage.runtime.settings.smtp_port = port
    assert [await outcomes(stage, it) for it in sent] == [[("unreachable", None)]] * 3
    stage.calendar.at += timedelta(minutes=2)
    await post(stage)
    assert len(box.mails) == 3


async def test_without_a_server_messages_wait(stage: Any, box: Sink) -> None:
    stage.runtime.settings.smtp_host = None
    sent = await send(stage)
    assert await post(stage) == 0
    stage.runtime.settings.smtp_host = "127.0.0.1"
    assert (await state(stage, sent))["attempts"] == 0
    await post(stage)
    assert len(box.mails) == 1


async def test_who_dies_while_sending_leaves_it_to_another_under_the_same_id(stage: Any, box: Sink) -> None:
    sent = await send(stage)
    # What a dead process leaves behind: claimed, the attempt begun, nothing said.
    await rows(stage, "UPDATE delivery SET tries = 1, attempts = 1, next_at = $2 WHERE message_id = $1 RETURNING id",
               sent, stage.calendar.at + timedelta(minutes=5))  # fmt: skip
    await rows(stage, "INSERT INTO attempt (delivery_id, number, territory, at) SELECT id, 1, territory, now() "
               "FROM delivery WHERE message_id = $1 RETURNING number", sent)  # fmt: skip
    assert await post(stage) == 0
    stage.calendar.at += timedelta(minutes=6)
    await post(stage)
    assert await outcomes(stage, sent) == [(None, None), ("delivered", 250)]
    assert box.tried == [f"<{(await state(stage, sent))['id']}@example.org>"]


async def test_two_workers_at_once_send_each_message_once(stage: Any, box: Sink) -> None:
    for number in range(25):
        await send(stage, Message("newsletter", "newsletter", f"n{number}", "x"))
    while sum(await asyncio.gather(post(stage), post(stage), post(stage))):
        pass
    assert sorted(it["Subject"] for it in box.mails) == sorted(f"n{number}" for number in range(25))


async def test_a_message_that_is_not_committed_is_not_sent(stage: Any, box: Sink) -> None:
    work = stage.runtime.db.open(HERE)
    await send_message(work, stage.runtime.keyring, TO, NEWS, by="test")
    await work.rollback()
    assert await post(stage) == 0


async def test_nobody_without_a_confirmed_address_is_written_to(stage: Any, box: Sink) -> None:
    sent = await send(stage, to=Recipient("rpps", "99000000093"))
    assert await rows(stage, "SELECT 1 FROM delivery WHERE message_id = $1", sent) == []
    assert await post(stage) == 0


async def test_addresses_and_contents_are_sealed_everywhere(stage: Any, box: Sink) -> None:
    await send(stage)
    for table in ("message", "delivery", "change"):
        stored = await rows(stage, f"SELECT t::text AS it FROM {table} t")
        assert stored
        text = " ".join(row["it"] for row in stored)
        assert not any(secret in text for secret in ("liste@", "Bonjour", "example.org/secret", b"liste@".hex()))
    await post(stage)


async def test_contents_are_forgotten_and_who_was_told_stays(stage: Any, box: Sink) -> None:
    sent = await send(stage)
    await post(stage)
    stage.calendar.at += timedelta(days=91)
    async with stage.runtime.system.work(NATIONAL) as work:
        await forget_messages(work, stage.runtime.extras["reference"].deliveries)
    (row,) = await rows(stage, "SELECT sealed, owner FROM message WHERE id = $1", sent)
    assert row == {"sealed": None, "owner": "l***@example.org"}
    assert (await state(stage, sent))["state"] == "delivered"


def test_every_text_is_in_french_files_and_takes_exactly_its_variables(stage: Any) -> None:
    reference: Reference = stage.runtime.extras["reference"]
    kind = reference.messages["channel_confirmation"]
    message = kind.written({"territory": "CPTS", "link": "https://example.org/x", "hours": 72})
    assert "https://example.org/x" in message.text
    for wrong in ({}, {"territory": "CPTS", "link": "x", "hours": 1, "patient": "X"}):
        with pytest.raises(ValueError, match="takes exactly"):
            kind.written(wrong)
