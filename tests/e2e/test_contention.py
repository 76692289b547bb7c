"""Many clients, one slot; one key, many repeats: through the gateway, on warm connections."""

import asyncio
from collections import Counter
from typing import Any

import httpx

from contracts.examples import an_ed_call
from tests.e2e.calls import Client, keyed

CLIENTS = 200


async def open_call(ed: httpx.AsyncClient) -> dict[str, Any]:
    answer = await ed.post("/v1/calls", json=an_ed_call(), headers=keyed())
    assert answer.status_code == 201, answer.text
    call: dict[str, Any] = answer.json()
    return call


async def test_two_hundred_clients_on_one_slot_give_one_winner(client: Client) -> None:
    ed = client("ed")
    calls = [await open_call(ed) for _ in range(CLIENTS)]
    slot = calls[0]["proposals"][0]["slot_id"]
    await asyncio.gather(*(ed.get(f"/v1/calls/{call['id']}") for call in calls))
    answers = await asyncio.gather(
        *(ed.post(f"/v1/calls/{call['id']}/holds", json={"slot_id": slot}, headers=keyed()) for call in calls)
    )
    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: CLIENTS - 1}
    for refused in (answer.json() for answer in answers if answer.status_code == 409):
        assert refused["code"] == "slot_taken"
        assert 1 <= len(refused["alternatives"]) <= 5
        assert slot not in {one["slot_id"] for one in refused["alternatives"]}


async def test_two_hundred_clients_on_ten_slots_give_ten_winners(client: Client) -> None:
    ed = client("ed")
    calls = [await open_call(ed) for _ in range(CLIENTS)]
    slots = [one["slot_id"] for one in calls[0]["proposals"]]
    assert len(slots) == 10
    answers = await asyncio.gather(
        *(
            ed.post(f"/v1/calls/{call['id']}/holds", json={"slot_id": slots[number % 10]}, headers=keyed())
            for number, call in enumerate(calls)
        )
    )
    assert Counter(answer.status_code for answer in answers) == {201: 10, 409: CLIENTS - 10}
    assert {answer.json()["slot_id"] for answer in answers if answer.status_code == 201} == set(slots)


async def test_two_hundred_one_shot_calls_get_two_hundred_slots(client: Client) -> None:
    ed = client("ed")
    answers = await asyncio.gather(
        *(ed.post("/v1/calls", json=an_ed_call(mode="book"), headers=keyed()) for _ in range(CLIENTS))
    )
    assert {answer.status_code for answer in answers} == {201}
    booked = [answer.json()["booking"]["slot_id"] for answer in answers]
    assert len(set(booked)) == CLIENTS


async def test_the_same_key_fifty_times_is_one_call_and_one_booking(client: Client) -> None:
    ed, headers = client("ed"), keyed()
    answers = await asyncio.gather(
        *(ed.post("/v1/calls", json=an_ed_call(mode="book"), headers=headers) for _ in range(50))
    )
    assert {(answer.status_code, answer.content) for answer in answers} == {(201, answers[0].content)}
    call = answers[0].json()
    found = (await client().get("/v1/bookings", params={"call_id": call["id"]})).json()["items"]
    assert [one["id"] for one in found] == [call["booking"]["id"]]
