"""What is kept of events."""

from uuid import uuid4

import pytest
from telling import Teller

from contracts.registry import EVENTS, EventType
from indicators.consumers import SUBSCRIPTIONS
from indicators.consumers.on_event import fact_of
from indicators.domain.facts import KEPT, kind_of
from indicators.domain.sources import SOURCES

WITHHELD = {"patient_ref", "family_name", "given_name", "name", "reason", "regular_doctor_rpps"}
"""The last one: where the doctor of a patient practises says about as much as a commune."""


def test_every_event_is_listened_to() -> None:
    heard = {payload for subscription in SUBSCRIPTIONS for payload in subscription.handlers}
    assert heard == {event.payload for event in EVENTS}


def test_kinds_are_those_of_the_binding_list() -> None:
    kinds = [kind_of(event.name) for event in EVENTS]
    assert len(set(kinds)) == len(kinds), "two owners tell of the same entity and verb: kinds need the owner"
    assert set(KEPT) == set(kinds)


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.name)
def test_all_is_kept_but_names_pseudonyms_and_free_text(event: EventType) -> None:
    assert KEPT[kind_of(event.name)] == set(event.payload.model_fields) - WITHHELD


def test_sources_are_moved_and_proved_by_known_kinds() -> None:
    for source in SOURCES.values():
        proofs = {*source.proofs, *(proof for field in source.fields.values() for proof in field.proofs)}
        assert {*source.fed_by} <= set(KEPT)
        assert proofs <= set(source.fed_by)


def test_a_fact_keeps_the_envelope_and_the_ids() -> None:
    booking, slot, call = uuid4(), uuid4(), uuid4()
    event = Teller().confirmed(booking, slot, call)
    fact = fact_of(event)
    assert (fact.event_id, fact.kind, fact.version) == (event.id, "booking.confirmed", 1)
    assert [fact.identifier(name) for name in ("booking_id", "slot_id", "call_id")] == [booking, slot, call]
    assert "patient_ref" not in fact.dimensions
