"""No event, log line, metric, URL or row carries a patient's name, birth date, phone or national identifier."""

import asyncio
import os
import re
import sys
from pathlib import Path

import httpx
import nats

from contracts.examples import an_ed_call
from contracts.registry import DEAD_LETTERS, STREAMS
from kit.testing.harness import until
from local_stack.stack import Stack
from tests.e2e.calls import Client, keyed
from tests.e2e.outboxes import outbox

NAME, PHONE, BIRTH_NAME, NATIONAL_ID = "Quastrelle Ninoune", "+33261919977", "Zorvandel", "299993523600153"
BIRTH_DATE = "1955-03-02"
SECRETS = re.compile(
    "|".join(re.escape(one) for one in (*NAME.split(), PHONE, PHONE[3:], BIRTH_NAME, NATIONAL_ID, BIRTH_DATE))
)


async def test_the_demo_succeeds_and_nothing_tells_who_the_patient_is(stack: Stack, client: Client) -> None:
    await patients_pass_through(client)
    await the_demo_succeeds(stack)

    await until(lambda: everything_is_sent(stack))
    found: dict[str, str] = {**await events(stack), **logs(stack.run_dir), **await metrics(stack)}
    assert len(found) > 20
    leaks = {place: match.group() for place, text in found.items() if (match := SECRETS.search(text))}
    assert leaks == {}
    assert await rows_in_the_clear(stack) == {}


async def the_demo_succeeds(stack: Stack) -> None:
    played = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "local_stack.demo",
        env={**os.environ, "RUN_DIR": str(stack.run_dir)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    told, _ = await asyncio.wait_for(played.communicate(), 300)
    assert played.returncode == 0, told.decode()


async def patients_pass_through(client: Client) -> None:
    """A call with a contact, one that is refused with it in a wrong place, and a patient of a pathway."""
    ed, care = client("ed"), client("care")
    contact = {"name": NAME, "phone": PHONE}
    booked = await ed.post("/v1/calls", json=an_ed_call(mode="book", patient={"contact": contact}), headers=keyed())
    assert booked.status_code == 201, booked.text
    assert not SECRETS.search(booked.text)
    bad = an_ed_call(patient={"contact": contact, "age": NAME})
    refused = await ed.post("/v1/calls", json=bad, headers=keyed())
    assert refused.status_code == 422
    assert not SECRETS.search(refused.text)
    patient = {
        "family_name": BIRTH_NAME,
        "given_name": NAME.split()[1],
        "birth_date": BIRTH_DATE,
        "commune": "35236",
        "phone": PHONE,
        "ins": NATIONAL_ID,
        "identity_status": "qualified",
    }
    kept = await care.post("/v1/patients", json=patient, headers=keyed())
    assert kept.status_code == 201, kept.text
    assert not SECRETS.search(kept.text)
    found = await care.post("/v1/patients/search", json={"ins": NATIONAL_ID, "purpose": "care"})
    assert found.status_code == 200, found.text


async def everything_is_sent(stack: Stack) -> bool:
    counts = [await outbox(stack, name, "SELECT count(*) FROM outbox WHERE sent_at IS NULL") for name in STREAMS]
    return all(rows[0][0] == 0 for rows in counts)


async def events(stack: Stack) -> dict[str, str]:
    """What waits in the outboxes and what is in the streams, dead letters included."""
    found = {}
    for service in STREAMS:
        rows = await outbox(stack, service, "SELECT id, body || subject FROM outbox")
        found |= {f"outbox of {service} {row[0]}": row[1] for row in rows}
    connection = await nats.connect(stack.report.nats_url)
    try:
        for stream in (*STREAMS.values(), DEAD_LETTERS):
            subscription = await connection.jetstream().pull_subscribe("", stream=stream)
            while True:
                try:
                    messages = await subscription.fetch(500, timeout=0.5)
                except TimeoutError:  # nats.errors.TimeoutError, or the plain one when this process was busy
                    break
                for message in messages:
                    place = f"{stream} {message.metadata.sequence.stream}"
                    found[place] = f"{message.subject} {message.headers} {message.data.decode()}"
                    await message.ack()
    finally:
        await connection.close()
    return found


async def rows_in_the_clear(stack: Stack) -> dict[str, str]:
    """Tables of every database in which a secret stands, as text or within bytes; with one such row."""
    secrets = (*NAME.split(), PHONE[3:], BIRTH_NAME, NATIONAL_ID, BIRTH_DATE)
    pattern = "|".join([*map(re.escape, secrets), *(it.encode().hex() for it in secrets)])
    found = {}
    for service in STREAMS:
        tables = await outbox(
            stack,
            service,
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public' "
            "AND has_table_privilege(quote_ident(schemaname) || '.' || quote_ident(tablename), 'SELECT')",
        )
        assert len(tables) > 5
        for (table,) in tables:
            for (row,) in await outbox(
                stack,
                service,
                f"SELECT to_jsonb(t)::text FROM {table} t WHERE to_jsonb(t)::text ~* '{pattern}' LIMIT 1",
            ):
                found[f"{service}.{table}"] = row
    return found


def logs(run_dir: Path) -> dict[str, str]:
    return {f"log {path.name}": path.read_text(errors="replace") for path in (run_dir / "logs").iterdir()}


async def metrics(stack: Stack) -> dict[str, str]:
    urls = {**stack.report.service_urls, "gateway": stack.gateway_url}
    urls |= {f"{name}-worker": url for name, url in stack.report.worker_urls.items()}
    async with httpx.AsyncClient(timeout=30) as http:
        return {f"metrics of {name}": (await http.get(f"{url}/metrics")).text for name, url in urls.items()}
