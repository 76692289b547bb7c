"""The copy of the directory: same events in any order, same projection."""

import itertools
from typing import Any
from uuid import uuid4

import pytest
from dispatch_stage import HERE, NOW, Dispatch, a_slot

from contracts.directory import Activity, ParticipationChanged, ProfessionalUpdated, StructureUpdated
from contracts.envelope import NATIONAL, Event, Payload
from contracts.registry import BY_NAME, BY_PAYLOAD
from kit.testing.samples import samples
from snp_dispatch.consumers import DIRECTORY

PERSON, SITE = "99000000200", "990010099"
SUBSCRIPTION = DIRECTORY


def told(payload: Payload, version: int, territory: str = NATIONAL) -> Event[Any]:
    kind = BY_PAYLOAD[type(payload)]
    return kind.envelope(
        id=uuid4(),
        source=kind.source,
        type=kind.name,
        time=NOW,
        subject=str(getattr(payload, kind.aggregate_id)),
        territory=territory,
        aggregateversion=version,
        correlationid="test",
        data=payload,
    )


def person(version: int, *, specialties: tuple[str, ...] = ("general-practice",), listed: bool = True) -> Event[Any]:
    payload = ProfessionalUpdated(
        rpps=PERSON,
        family_name=f"NAME{version}",
        given_name="Gwenn",
        profession="10",
        skills=("SM54",),
        specialties=specialties,
        activities=(Activity(commune="35236", mode="L"),),
        listed=listed,
    )
    return told(payload, version)


def takes_part(version: int, participates: bool, territory: str = HERE) -> Event[Any]:
    return told(ParticipationChanged(rpps=PERSON, participates=participates), version, territory)


async def apply(dispatch: Dispatch, event: Event[Any]) -> None:
    """As the worker's consumer does it: the service's own role, the event's territory."""
    async with dispatch.runtime.db.work(event.territory) as work:
        await SUBSCRIPTION.handlers[type(event.data)](event, work)


async def projection(dispatch: Dispatch) -> tuple[Any, ...]:
    people = await dispatch.rows("SELECT * FROM effector WHERE id IN ($1, $2) ORDER BY id", PERSON, SITE)
    part = await dispatch.rows("SELECT * FROM participation WHERE rpps = $1 ORDER BY territory", PERSON)
    return people, part


STORY = [
    person(1),
    person(2, specialties=("cardiology",)),
    person(3, listed=False),
    takes_part(1, True),
    takes_part(2, False),
]


async def test_events_in_any_order_end_in_the_same_projection(dispatch: Dispatch) -> None:
    ends = set()
    for order in itertools.permutations(STORY):
        await reset(dispatch)
        for event in order:
            await apply(dispatch, event)
        ends.add(str(await projection(dispatch)))
    assert len(ends) == 1
    (people, part) = await projection(dispatch)
    assert (people[0]["name"], people[0]["specialties"], people[0]["listed"]) == (
        "Gwenn NAME3",
        ["general-practice"],
        False,
    )
    assert part[0]["participates"] is False


async def reset(dispatch: Dispatch) -> None:
    """As before the first event (the service never deletes these rows)."""
    await dispatch.rows("UPDATE effector SET version = 0, name = '', listed = true WHERE id = $1", PERSON)
    await dispatch.rows("DELETE FROM participation WHERE rpps = $1", PERSON)


@pytest.mark.parametrize("event", STORY)
async def test_an_event_applied_twice_changes_nothing(dispatch: Dispatch, event: Event[Any]) -> None:
    await apply(dispatch, event)
    once = await projection(dispatch)
    await apply(dispatch, event)
    assert await projection(dispatch) == once


async def test_participation_is_of_a_territory(dispatch: Dispatch) -> None:
    await apply(dispatch, takes_part(1, True))
    await apply(dispatch, takes_part(5, False, "haute-saintonge"))
    _, part = await projection(dispatch)
    assert {row["territory"]: row["participates"] for row in part} == {HERE: True, "haute-saintonge": False}


async def test_participation_may_arrive_before_the_person(dispatch: Dispatch) -> None:
    await apply(dispatch, takes_part(1, True))
    body = {"effector": {"rpps": PERSON}}
    assert (await slot_code(dispatch, body)) == "effector_unknown"
    await apply(dispatch, person(1))
    assert (await slot_code(dispatch, body)) == "free"


async def test_one_who_is_no_longer_listed_is_unknown(dispatch: Dispatch) -> None:
    await apply(dispatch, takes_part(1, True))
    await apply(dispatch, person(1))
    await dispatch.slot(4, effector={"rpps": PERSON})
    assert len((await dispatch.call())["proposals"]) == 1
    await apply(dispatch, person(2, listed=False))
    assert (await dispatch.call())["proposals"] == []
    assert (await slot_code(dispatch, {"effector": {"rpps": PERSON}})) == "effector_unknown"


async def slot_code(dispatch: Dispatch, change: dict[str, Any]) -> str:
    answer = await dispatch.post("/slots", a_slot(8, **change), role="coordinator")
    told: str = answer.json().get("code") or answer.json()["state"]
    return told


async def test_a_structure(dispatch: Dispatch) -> None:
    await apply(dispatch, told(StructureUpdated(finess=SITE, name="MSP", commune="35236", listed=True), 2))
    await apply(dispatch, told(StructureUpdated(finess=SITE, name="Old name", commune=None, listed=True), 1))
    assert (await slot_code(dispatch, {"effector": {"finess": SITE}})) == "free"
    people, _ = await projection(dispatch)
    assert people[0]["name"] == "MSP"


@pytest.mark.parametrize("sample", samples(*SUBSCRIPTION.handlers), ids=lambda it: it["type"])
async def test_the_directory_s_samples_are_understood(dispatch: Dispatch, sample: dict[str, Any]) -> None:
    await apply(dispatch, BY_NAME[sample["type"]].envelope.model_validate(sample))
    number = sample["subject"]
    kept = {"participates": ("participation", "rpps"), "statements": ("attested", "effector_id")}
    table, key = next((kept[it] for it in kept if it in sample["data"]), ("effector", "id"))
    (row,) = await dispatch.rows(f"SELECT version FROM {table} WHERE {key} = $1", number)
    assert row["version"] == sample["aggregateversion"]


async def test_what_matching_needs_is_kept(dispatch: Dispatch) -> None:
    known = {"gender": "female", "languages": ("fr", "br"), "tariff_sector": "1", "accessibility": ("step_free",)}
    await apply(dispatch, told(person(1).data.model_copy(update=known), 1))
    site = StructureUpdated(
        finess=SITE, name="MSP", commune="35236", listed=True, tariff_sector="2", accessibility=("parking",)
    )
    await apply(dispatch, told(site, 1))
    (doctor, centre), _ = await projection(dispatch)
    columns = ("gender", "languages", "tariff_sector", "accessibility")
    assert [doctor[it] for it in columns] == ["female", ["fr", "br"], "1", ["step_free"]]
    assert [centre[it] for it in columns] == [None, [], "2", ["parking"]]
    # Silence of a newer entry is the newest state: unknown again.
    await apply(dispatch, person(2))
    (doctor, _), _ = await projection(dispatch)
    assert [doctor[it] for it in columns] == [None, [], None, []]


async def test_every_kind_has_a_sample() -> None:
    assert {sample["type"] for sample in samples(*SUBSCRIPTION.handlers)} == {
        BY_PAYLOAD[payload].name for payload in SUBSCRIPTION.handlers
    }
