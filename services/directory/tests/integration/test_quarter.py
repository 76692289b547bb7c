"""A full quarter: campaign, answers, reminder, lapse, the list's version 2 with its differences, and its diffusion.

Mail server and webhook receiver are real, and both refuse twice first.
"""

from datetime import UTC, datetime
from typing import Any

import pytest
from directory_post import post
from directory_receiver import Receiver, bring, receiving
from freshness_stage import SCOPES, Quarter, quarter
from standardwebhooks.webhooks import Webhook

from contracts.envelope import NATIONAL
from contracts.registry import BY_NAME
from directory.usecases.lapse_acceptances import lapse_acceptances
from directory.usecases.relay_event import relay_event
from directory.usecases.send_publication import hand_on

SENT = "fr.cpts.directory.list.sent.v1"
FIRST, SECOND, THIRD = "99000000093", "99000001174", "99000001273"


@pytest.fixture
async def stage(start: Any, new_settings: Any, templates: Any, issuer: Any) -> Any:
    async with quarter(start, new_settings, templates, issuer) as ready:
        yield ready


async def handed_on(stage: Quarter) -> int:
    runtime = stage.directory.runtime
    async with runtime.system.work(NATIONAL) as work:
        public_url = runtime.settings.public_url
        done = await hand_on(work, runtime.keyring, runtime.extras["reference"], public_url)
    while await post(stage.directory):
        pass
    return done


@pytest.fixture
async def receiver() -> Any:
    async with receiving() as ready:
        yield ready


async def partner(stage: Quarter, receiver: Receiver) -> str:
    """A partner's system that wants lists and what is told of them; answers its secret."""
    body = {"owner": {"kind": "partner", "id": "CHIRC"}, "address": receiver.url, "events": ["directory.list"]}
    found = await stage.post("/webhooks", body | {"purposes": ["publications"]}, status=201)
    await bring(stage.directory)
    assert [it["type"] for it in receiver.bodies()] == ["fr.cpts.directory.webhook.test.v1"]
    receiver.taken.clear()
    secret: str = found["secret"]
    return secret


async def relay(stage: Quarter, kind: str) -> int:
    """What the consumer does with the events of this type; answers how many webhooks they go to."""
    runtime, queued = stage.directory.runtime, 0
    async with runtime.system.work(NATIONAL) as work:
        bodies = [row["body"] for row in await work.fetch("SELECT body FROM outbox WHERE type = $1", kind)]
    for event in [BY_NAME[kind].envelope.model_validate_json(body) for body in bodies]:
        async with runtime.db.work(event.territory) as work:
            queued += await relay_event(work, runtime.extras["reference"].relayed, event)
    return queued


def check_brought(stage: Quarter, receiver: Receiver, secret: str, version: dict[str, Any]) -> None:
    """The version, the third time, then what is told of it: signed, each under one id, without its recipients."""
    assert len({headers["webhook-id"] for headers, _ in receiver.taken[:3]}) == 1
    for headers, body in receiver.taken:
        signed_at = datetime.fromtimestamp(int(headers["webhook-timestamp"]), UTC)
        assert Webhook(secret).sign(headers["webhook-id"], signed_at, body.decode()) == headers["webhook-signature"]
    *_, message, event = receiver.bodies()
    assert [it["type"] for it in receiver.bodies()] == [message["type"]] * 3 + [SENT]
    assert message["data"]["subject"].startswith(f"{version['title']} - version 2")
    assert message["data"]["link"] == f"{stage.directory.runtime.settings.public_url}/v1/publications/{version['id']}"
    told = {"publication_id": version["id"], "list": "accepting-doctors", "number": 2, "recipient_count": 4}
    assert {name: value for name, value in event["data"].items() if name != "sending_id"} == told


async def publish(stage: Quarter) -> dict[str, Any]:
    return await stage.post("/publications", {"list": "accepting-doctors"}, status=201)


async def put_on(stage: Quarter, list_id: str, kind: str, owner_kind: str, owner: str, *, status: int = 201) -> Any:
    body = {"kind": kind, "name": f"{kind} {owner_kind}", "owner_kind": owner_kind, "owner": owner}
    return await stage.post(f"/diffusion-lists/{list_id}/recipients", body, status=status)


async def first_answers(stage: Quarter, first: str, second: str) -> dict[str, Any]:
    """A campaign that both answer, one of them after a reminder; answers version 1, published in between."""
    campaign = await stage.campaign("2026-Q4", "2026-12-01", "2026-12-20", reminder_days=[5])
    stage.calendar.turn(12, 1)
    await stage.write()
    await stage.answer(stage.link(first), accepts="yes", capacity="20", until="2026-12-15")
    one = await publish(stage)
    assert (one["number"], one["row_count"]) == (1, 1)
    stage.calendar.turn(12, 6)
    stage.box.mails.clear()
    await stage.write()
    assert [mail["To"] for mail in stage.box.mails] == [second], "a reminder to who has not answered"
    await stage.answer(stage.link(second), accepts="yes", capacity="5")
    assert (await stage.get(f"/campaigns/{campaign['id']}"))["overall"]["answered"] == 2
    return one


async def lapse(stage: Quarter) -> None:
    stage.calendar.turn(12, 16)
    async with stage.directory.runtime.system.work(NATIONAL) as work:
        assert await lapse_acceptances(work) == 1


async def publish_differences(stage: Quarter) -> dict[str, Any]:
    two = await publish(stage)
    changes = (await stage.get(f"/publications/{two['id']}/changes"))["items"]
    assert [(it["key"], it["kind"]) for it in changes] == [(SECOND, "added"), (FIRST, "gone")]
    return two


async def keep_lists(stage: Quarter) -> tuple[list[str], str]:
    """Two diffusion lists; answers them, and the place of an address on the first that is on both."""
    lists = [await stage.post("/diffusion-lists", {"name": name}, status=201) for name in ("Santé", "Caisses")]
    health, funds = (it["id"] for it in lists)
    await put_on(stage, health, "professional", "rpps", FIRST)
    await put_on(stage, health, "professional", "rpps", THIRD)
    await put_on(stage, health, "establishment", "partner", "CHIRC")
    cpam = await put_on(stage, funds, "cpam", "email", "Listes@example.org")
    assert cpam["owner"] == "l***@example.org"
    same = await put_on(stage, health, "cpam", "email", "listes@example.org")
    assert same["recipient"] == cpam["recipient"]
    again = await put_on(stage, health, "cpam", "email", "listes@example.org", status=409)
    assert again["code"] == "recipient_listed"
    return [health, funds], same["id"]


async def send(stage: Quarter, version: dict[str, Any], lists: list[str]) -> int:
    """How many it is sent to, besides those it was sent to already."""
    planned: int = (await stage.post(f"/publications/{version['id']}/send", {"lists": lists}, status=202))["planned"]
    return planned


async def diffuse(stage: Quarter, receiver: Receiver, version: dict[str, Any], lists: list[str]) -> None:
    """To everybody once, though mail server and receiver refuse twice first."""
    stage.box.mails.clear()
    stage.box.answers[:] = ["451 later", "451 later"]
    assert [await send(stage, version, lists), await send(stage, version, lists)] == [4, 0]
    assert [await handed_on(stage), await handed_on(stage)] == [4, 0]
    assert stage.box.mails == [], "refused twice first"
    assert await relay(stage, SENT) == 1
    receiver.answers[:] = [503, 503]
    for day in (17, 18):
        await bring(stage.directory)
        assert receiver.bodies("list.sent.v1") == [], "refused twice first"
        stage.calendar.turn(12, day)
    await bring(stage.directory)
    await handed_on(stage)


async def check_delivered(stage: Quarter, one: dict[str, Any], two: dict[str, Any], first: str) -> None:
    """Mails with the files, what became of each sending, and one event."""
    assert sorted(mail["To"] for mail in stage.box.mails) == sorted([first, "listes@example.org"])
    files = [it.get_filename() for it in stage.box.mails[0].iter_attachments()]
    assert files == [f"accepting-doctors-2.{kind}" for kind in ("csv", "xlsx", "pdf")]
    found = (await stage.get(f"/publications/{two['id']}/deliveries"))["items"]
    assert sorted((it["kind"], it["state"], it["attempts"]) for it in found) == [
        ("cpam", "delivered", 2),
        ("establishment", "delivered", 3),
        ("professional", "delivered", 2),
        ("professional", "unreachable", 0),
    ]
    assert (await stage.get(f"/publications/{one['id']}/deliveries"))["items"] == []
    assert len([e for e in await stage.directory.outbox() if e["type"] == SENT]) == 1


async def check_unseen_elsewhere(stage: Quarter, list_id: str, version: dict[str, Any]) -> None:
    async with stage.directory.connect(*SCOPES, territory="haute-saintonge", role="coordinator") as other:
        for path in (f"/diffusion-lists/{list_id}/recipients", f"/publications/{version['id']}/deliveries"):
            assert (await other.get(f"/v1{path}")).status_code == 404
        assert (await other.get("/v1/diffusion-lists")).json()["items"] == []


async def test_a_full_quarter(stage: Quarter, receiver: Receiver) -> None:
    first, second = [await stage.channel(rpps, "campaigns", "publications") for rpps in (FIRST, SECOND)]
    one = await first_answers(stage, first, second)
    await lapse(stage)
    secret = await partner(stage, receiver)
    two = await publish_differences(stage)
    lists, on_both = await keep_lists(stage)
    await diffuse(stage, receiver, two, lists)
    check_brought(stage, receiver, secret, two)
    await check_delivered(stage, one, two, first)

    ended = await stage.post(f"/diffusion-lists/{lists[0]}/recipients/{on_both}/end")
    assert ended["until"] == "2026-12-18"
    assert await send(stage, await publish(stage), lists[:1]) == 3
    await check_unseen_elsewhere(stage, lists[0], two)
