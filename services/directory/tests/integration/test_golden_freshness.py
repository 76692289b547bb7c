"""Golden samples of what is told about freshness, made by the code that tells it (UPDATE_SAMPLES=1 writes them)."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from contracts.directory import AcceptanceCounted, AcceptanceDeclared, AcceptanceLapsed, ListPublished, ListSent
from contracts.envelope import NATIONAL
from contracts.registry import BY_PAYLOAD
from directory.usecases.count_acceptances import count_acceptances
from directory.usecases.declare_acceptance import Said, record_acceptance
from directory.usecases.keep_diffusion_lists import Named, add_recipient, open_list
from directory.usecases.lapse_acceptances import lapse_acceptances
from directory.usecases.publish_list import publish_list
from directory.usecases.send_publication import send_publication
from kit.auth import Caller
from kit.clock import FixedClock
from kit.context import current_trace
from kit.testing.samples import check_sample

AT = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
GENERAL_PRACTITIONER = "99000001174"
PERSON, HERE = "99000000283", "pays-de-redon"
FIXED = "019ab000-0000-7000-8000-00000000000"


async def told(directory: Any, clock: FixedClock) -> dict[str, dict[str, Any]]:
    """The first event of each type, by name."""
    current_trace.set(None)
    rules = directory.runtime.extras["reference"].acceptance[HERE]
    said = Said(accepts=True, capacity=20, patients=("ald", "children"))
    async with directory.runtime.db.work(HERE) as work:
        await record_acceptance(work, rules, PERSON, said, source="link", by="link", campaign_id=UUID(FIXED + "4"))
        year = Said(accepts=True, valid_until=(AT + timedelta(days=300)).date())
        await record_acceptance(work, rules, GENERAL_PRACTITIONER, year, source="coordinator", by="coordinator")
        reference, blobs = directory.runtime.extras["reference"], directory.runtime.blobs
        published = await publish_list(work, reference, blobs, "accepting-doctors", "coordinator")
    caller = Caller("coordinator", HERE, frozenset(), role="coordinator")
    async with directory.runtime.db.work(HERE, caller=caller) as work:
        diffusion = await open_list(work, caller, "Caisses")
        cpam = Named("cpam", "CPAM", "partner", "CPAM 35")
        await add_recipient(work, directory.runtime.keyring, caller, diffusion["id"], cpam)
        await send_publication(work, caller, published["id"], [diffusion["id"]])
    async with directory.runtime.system.work(NATIONAL) as work:
        assert await count_acceptances(work, reference) == 1
    clock.advance(timedelta(days=200))
    async with directory.runtime.system.work(NATIONAL) as work:
        await lapse_acceptances(work)
    async with directory.runtime.system.work(NATIONAL) as work:
        bodies = [json.loads(row["body"]) for row in await work.fetch("SELECT body FROM outbox ORDER BY seq DESC")]
    bodies = [json.loads(json.dumps(body).replace(str(published["id"]), FIXED + "5")) for body in bodies]
    (sending,) = {body["subject"] for body in bodies if body["type"].endswith("list.sent.v1")}
    (count,) = {body["subject"] for body in bodies if body["type"].endswith("acceptance.counted.v1")}
    for found, fixed in ((sending, FIXED + "6"), (count, FIXED + "7")):
        bodies = [json.loads(json.dumps(body).replace(found, fixed)) for body in bodies]
    return {body["type"]: body | {"id": FIXED + "2", "correlationid": FIXED + "3"} for body in bodies}


async def test_what_is_told_about_freshness_has_its_sample(
    new_settings: Any, templates: Any, issuer: Any, start: Any
) -> None:
    clock = FixedClock(AT)
    async with start(await new_settings(templates.sampled), issuer, clock) as directory:
        events = await told(directory, clock)
    for payload in (AcceptanceCounted, AcceptanceDeclared, AcceptanceLapsed, ListPublished, ListSent):
        event = BY_PAYLOAD[payload]
        body = events[event.name]
        check_sample(body)
        assert event.envelope.model_validate(body).data.model_dump(mode="json") == body["data"]
