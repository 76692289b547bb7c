"""What a territory attests of an effector is what its calls are matched by: from the event to the proposal."""

import itertools
from typing import Any

import pytest
from dispatch_stage import DOCTOR, HERE, NOW, Dispatch

from contracts.directory import Stated, StatementsChanged
from contracts.registry import BY_PAYLOAD
from kit.ids import new_id
from snp_dispatch.consumers import DIRECTORY
from snp_dispatch.domain.policy import Criteria

SUBSCRIPTION = DIRECTORY


def said(version: int, territory: str = HERE, **codes: tuple[str, ...]) -> Any:
    kind = BY_PAYLOAD[StatementsChanged]
    stated = tuple(
        Stated(kind=name, codes=value, source="coordinator", valid_until=None) for name, value in codes.items()
    )
    return kind.envelope(
        id=new_id(NOW),
        source=kind.source,
        type=kind.name,
        time=NOW,
        subject=DOCTOR,
        territory=territory,
        aggregateversion=version,
        correlationid="test",
        data=StatementsChanged(about=DOCTOR, statements=stated),
    )


async def apply(dispatch: Dispatch, event: Any) -> None:
    async with dispatch.runtime.db.work(event.territory) as work:
        await SUBSCRIPTION.handlers[type(event.data)](event, work)


def make_hard(dispatch: Dispatch, monkeypatch: pytest.MonkeyPatch, criterion: str) -> None:
    policy = dispatch.rules.policy(HERE, NOW)
    assert policy is not None
    changed = policy.model_copy(update={"criteria": Criteria.model_validate({criterion: "hard"})})
    monkeypatch.setattr(type(dispatch.rules), "policy", lambda *_: changed)


CASES = [
    ("language", {"languages": ["br"]}, {"languages": ("br", "fr")}),
    ("accessibility", {"accessibility": ["step_free"]}, {"accessibility": ("parking", "step_free")}),
    ("tariff_sector", {"tariff_sectors": ["1"]}, {"tariff_sector": ("1",)}),
    ("gender", {"practitioner_gender": "female"}, {"gender": ("female",)}),
]


@pytest.mark.parametrize(("criterion", "asked", "codes"), CASES)
async def test_what_is_attested_here_is_what_calls_are_matched_by(
    dispatch: Dispatch,
    monkeypatch: pytest.MonkeyPatch,
    criterion: str,
    asked: dict[str, Any],
    codes: dict[str, tuple[str, ...]],
) -> None:
    make_hard(dispatch, monkeypatch, criterion)
    slot = await dispatch.slot()
    await apply(dispatch, said(1, "haute-saintonge", **codes))
    call = await dispatch.call(constraints=asked)
    assert call["proposals"] == [], "another territory said it"
    await apply(dispatch, said(1, **codes))
    found = await dispatch.call(constraints=asked)
    assert [it["slot_id"] for it in found["proposals"]] == [slot["id"]]
    assert criterion in found["proposals"][0]["reasons"]
    held = await dispatch.post(f"/calls/{found['id']}/holds", {"slot_id": slot["id"]})
    assert held.status_code == 201, held.text
    await apply(dispatch, said(2))
    assert (await dispatch.call(constraints=asked))["proposals"] == [], "it lapsed or was withdrawn"


async def test_the_dry_run_of_a_policy_knows_it_too(dispatch: Dispatch) -> None:
    await dispatch.slot()
    await apply(dispatch, said(1, gender=("female",)))
    (shown,) = (await dispatch.call(constraints={"practitioner_gender": "female"}))["proposals"]
    assert "gender" in shown["reasons"]


async def test_events_in_any_order_end_the_same(dispatch: Dispatch) -> None:
    story = [said(1, languages=("fr",)), said(2, languages=("br",), gender=("male",)), said(3, gender=("female",))]
    ends = []
    for order in itertools.permutations(story):
        await dispatch.rows("DELETE FROM attested")
        for event in order:
            await apply(dispatch, event)
        ends.append(await dispatch.rows("SELECT * FROM attested"))
    assert all(end == ends[0] for end in ends)
    assert (ends[0][0]["gender"], ends[0][0]["languages"], ends[0][0]["version"]) == ("female", None, 3)
