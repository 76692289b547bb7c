"""A campaign: who is asked, personal links that cannot be bent, reminders, rates, its end."""

import asyncio
from typing import Any
from uuid import UUID

import pytest
from freshness_stage import HERE, SCOPES, Quarter, quarter

from kit.crypto import Keyring
from kit.personal_token import id_of, token_of

FIRST, SECOND = "99000000093", "99000001174"
SHORT = {"opens_on": "2026-12-01", "closes_on": "2026-12-20"}


@pytest.fixture
async def stage(start: Any, new_settings: Any, templates: Any, issuer: Any) -> Any:
    async with quarter(start, new_settings, templates, issuer) as ready:
        yield ready


async def asked(stage: Quarter, campaign_id: str, **params: Any) -> dict[str, dict[str, Any]]:
    page = await stage.get(f"/campaigns/{campaign_id}/invitations", limit=200, **params)
    return {it["rpps"]: it for it in page["items"]}


async def test_who_is_asked_is_shown_before_anybody_is(stage: Quarter) -> None:
    await stage.channel(FIRST, "campaigns")
    draft = await stage.post("/campaigns", {"period": "2026-Q4", **SHORT, "left_out": [SECOND]}, status=201)
    preview = await stage.get(f"/campaigns/{draft['id']}/preview", limit=200)
    people = {it["rpps"]: it for it in preview["items"]}
    assert preview["asked"] == len(people) == preview["unreachable"] + 1
    assert people[FIRST]["reachable"] is True
    assert SECOND not in people
    wanted = {"general-practice", "cardiology", "gynaecology", "paediatrics", "psychiatry"}
    assert all(wanted & {code["code"] for code in it["specialties"]} for it in people.values())
    first = await stage.get(f"/campaigns/{draft['id']}/preview", limit=1)
    rest = await stage.get(f"/campaigns/{draft['id']}/preview", limit=200, cursor=first["next"])
    assert [it["rpps"] for it in first["items"] + rest["items"]] == list(people)
    started = await stage.post(f"/campaigns/{draft['id']}/start")
    assert (started["state"], len(await asked(stage, draft["id"]))) == ("open", len(people))
    assert (await stage.post(f"/campaigns/{draft['id']}/start"))["version"] == started["version"]


async def test_the_link_opens_a_page_records_nothing_and_the_button_does(stage: Quarter) -> None:
    address = await stage.channel(FIRST, "campaigns")
    campaign = await stage.campaign("2026-Q4", **SHORT)
    assert await stage.write() == 0, "not before it opens"
    stage.calendar.turn(12, 1)
    assert await stage.write() > 0
    assert [mail["To"] for mail in stage.box.mails] == [address]
    path = stage.link(address)
    for _ in range(3):  # as mail scanners do
        page = await stage.open(path)
        assert page.status_code == 200
    assert page.headers["content-type"].startswith("text/html")
    assert (page.headers["cache-control"], page.headers["referrer-policy"]) == ("no-store", "no-referrer")
    assert "<script" not in page.text
    assert 'lang="fr"' in page.text
    assert (await asked(stage, campaign["id"]))[FIRST]["answered_at"] is None
    done = await stage.answer(path, accepts="yes", capacity="15", patients=["ald", "children"], until="2027-02-01")
    assert done.status_code == 200
    assert "enregistrée" in done.text
    said = await stage.get(f"/professionals/{FIRST}/acceptance")
    assert (said["accepts"], said["capacity"], said["valid_until"], said["source"], said["campaign_id"]) == (
        True,
        15,
        "2027-02-01",
        "link",
        campaign["id"],
    )
    assert (await asked(stage, campaign["id"], answered=True)).keys() == {FIRST}
    # Used again before the end: the answer changes, as version 2.
    assert "réponse actuelle" in (await stage.open(path)).text
    assert (await stage.answer(path, accepts="no", capacity="15")).status_code == 200
    said = await stage.get(f"/professionals/{FIRST}/acceptance")
    assert (said["accepts"], said["capacity"], said["version"]) == (False, None, 2)
    (change, _) = (await stage.get("/history", entity="acceptance", key=FIRST))["items"]
    assert change["changed_by"] == f"link:{FIRST}"


async def test_a_link_that_is_altered_expired_or_of_a_closed_campaign_is_a_clear_page(stage: Quarter) -> None:
    address = await stage.channel(FIRST, "campaigns")
    campaign = await stage.campaign("2026-Q4", **SHORT)
    stage.calendar.turn(12, 2)
    await stage.write()
    path = stage.link(address)
    for bad in (
        path[:-1] + ("A" if path[-1] != "A" else "B"),
        path.replace(HERE, "haute-saintonge"),
        path.replace(HERE, "nowhere"),
        path[:-43] + "A" * 43,
    ):
        for answer in (await stage.open(bad), await stage.answer(bad, accepts="yes")):
            assert (answer.status_code, "pas valable" in answer.text) == (404, True)
    for form in ({}, {"accepts": "maybe"}, {"accepts": "yes", "capacity": "many"}, {"accepts": "yes", "capacity": "0"}):
        assert (await stage.answer(path, **form)).status_code == 422
    for form in ({"until": "2026-12-01"}, {"until": "soon"}, {"patients": "<b>"}, {"capacity": "9" * 30}):
        refused = await stage.answer(path, accepts="yes", **form)
        assert (refused.status_code, 'role="alert"' in refused.text) == (422, True)
        assert "<b>" not in refused.text
    assert (await stage.answer(path, accepts="yes", capacity="9" * 50)).json()["code"] == "invalid_input"
    stage.calendar.turn(12, 21)  # the day after the last, no job has run
    for answer in (await stage.open(path), await stage.answer(path, accepts="yes")):
        assert (answer.status_code, "terminée" in answer.text) == (410, True)
    stage.calendar.turn(12, 3)
    await stage.post(f"/campaigns/{campaign['id']}/close")
    assert (await stage.answer(path, accepts="yes")).status_code == 410
    assert (await stage.get(f"/professionals/{FIRST}/acceptance"))["version"] == 0


async def test_reminders_go_to_those_who_have_not_answered_and_phone_counts(stage: Quarter) -> None:
    addresses = [await stage.channel(rpps, "campaigns") for rpps in (FIRST, SECOND)]
    campaign = await stage.campaign("2026-Q4", **SHORT, reminder_days=[5, 10])
    sent = []
    for day in (1, 2, 6, 7, 11, 15):
        stage.calendar.turn(12, day)
        stage.box.mails.clear()
        rounds = await asyncio.gather(stage.write(), stage.write())
        sent.append((day, sorted(mail["To"] for mail in stage.box.mails), sum(rounds) > 0))
        if day == 6:
            assert stage.box.mails[0]["Subject"].startswith("Rappel")
            body = {"accepts": True, "source": "phone"}
            said = (await stage.http.put(f"/v1/professionals/{SECOND}/acceptance", json=body)).json()
            assert said["campaign_id"] == campaign["id"]
    both = sorted(addresses)
    assert sent == [
        (1, both, True),
        (2, [], False),
        (6, both, True),
        (7, [], False),
        (11, [addresses[0]], True),
        (15, [], False),
    ]
    shown = await stage.get(f"/campaigns/{campaign['id']}")
    overall = shown["overall"]
    assert (overall["answered"], overall["accepting"], overall["sent"]) == (1, 1, 2)
    assert overall["rate"] == round(100 / overall["asked"], 1)
    assert overall["unreachable"] == overall["asked"] - 2
    assert sum(it["asked"] for it in shown["by_commune"]) == overall["asked"]
    assert [it["of"]["code"] for it in shown["by_profession"]] == ["10"]
    phoned = (await asked(stage, campaign["id"], answered=True))[SECOND]
    assert (phoned["answered_by"], phoned["accepts"], phoned["reminded_at"][:10]) == ("phone", True, "2026-12-06")
    assert FIRST not in await asked(stage, campaign["id"], reachable=False)


async def test_it_closes_by_itself_and_a_period_has_one(stage: Quarter) -> None:
    campaign = await stage.campaign("2026-Q4", **SHORT)
    assert (await stage.post("/campaigns", {"period": "2026-Q4", **SHORT}, status=409))["code"] == "campaign_exists"
    stage.calendar.turn(12, 20)
    assert await stage.close() == 0
    stage.calendar.turn(12, 21)
    assert [await stage.close(), await stage.close()] == [1, 0]
    assert (await stage.get(f"/campaigns/{campaign['id']}"))["state"] == "closed"
    refused = await stage.post(f"/campaigns/{campaign['id']}/start", status=409)
    assert refused["code"] == "campaign_over"
    next_dates = {"opens_on": "2027-01-05", "closes_on": "2027-01-20"}
    draft = await stage.post("/campaigns", {"period": "2027-Q1", **next_dates}, status=201)
    assert (await stage.post(f"/campaigns/{draft['id']}/close"))["state"] == "cancelled"
    await stage.post("/campaigns", {"period": "2027-Q1", **next_dates}, status=201)
    periods = [(it["period"], it["state"]) for it in (await stage.get("/campaigns"))["items"]]
    assert sorted(periods) == [("2026-Q4", "closed"), ("2027-Q1", "cancelled"), ("2027-Q1", "draft")]


async def test_a_bad_draft_names_its_field_and_other_callers_are_refused(stage: Quarter) -> None:
    for body, field, code in (
        ({"closes_on": "2026-11-29"}, "closes_on", "closes_in_the_past"),
        ({"opens_on": "2026-12-21"}, "closes_on", "closes_before_opening"),
        ({"closes_on": "2027-12-21"}, "closes_on", "open_too_long"),
        ({"added": ["99000009999"]}, "added", "professional_unknown"),
        ({"period": "2026-Q5"}, "period", "invalid_input"),
    ):
        refused = await stage.post("/campaigns", {"period": "2026-Q4", **SHORT, **body}, status=422)
        assert (refused["code"], refused["errors"][0]["field"]) == (code, field)
    campaign = await stage.campaign("2026-Q4", **SHORT)
    async with stage.directory.connect(*SCOPES, territory="haute-saintonge", role="coordinator") as other:
        for path in ("", "/preview", "/invitations"):
            answer = await other.get(f"/v1/campaigns/{campaign['id']}{path}")
            assert (answer.status_code, answer.json()["code"]) == (404, "campaign_unknown")
        assert (await other.get("/v1/campaigns")).json()["items"] == []


async def test_a_territory_without_communes_names_whom_it_asks(stage: Quarter) -> None:
    async with stage.directory.connect(*SCOPES, territory="atlantique-nord-loire", role="coordinator") as http:
        bare = Quarter(stage.directory, stage.calendar, stage.box, http)
        draft = await bare.post("/campaigns", {"period": "2026-Q4", **SHORT}, status=201)
        assert (await bare.post(f"/campaigns/{draft['id']}/start", status=409))["code"] == "campaign_asks_nobody"
        named = await bare.campaign("2027-Q1", "2026-12-01", "2026-12-20", added=[FIRST])
        assert (await asked(bare, named["id"])).keys() == {FIRST}


def test_a_token_is_of_one_invitation_of_one_territory() -> None:
    keyring, other = (Keyring({"k": b"1" * 32}, blind * 32) for blind in (b"2", b"3"))
    invitation = UUID("019ab000-0000-7000-8000-000000000001")
    token = token_of(keyring, "answer", HERE, invitation)
    assert len(token) == 43
    assert id_of(keyring, "answer", HERE, token) == invitation
    assert id_of(keyring, "answer", "haute-saintonge", token) is None
    assert id_of(other, "answer", HERE, token) is None
    assert id_of(keyring, "call-up", HERE, token) is None
    assert id_of(keyring, "unsubscribe", HERE, token) is None
    for position in range(43):
        for letter in "AQgw_":
            bent = token[:position] + letter + token[position + 1 :]
            assert bent == token or id_of(keyring, "answer", HERE, bent) is None
