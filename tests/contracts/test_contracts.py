"""The written contracts are those of the code."""

import re
import runpy
from pathlib import Path

import pytest

from contracts import asyncapi
from contracts.envelope import Event
from contracts.examples import an_ed_call
from contracts.registry import BY_NAME, EVENTS, EventType
from kit.testing.samples import samples

ROOT = Path(__file__).parents[2]
PATIENT_WORDS = re.compile(r"name|phone|birth|ins$|nir|address|mail|contact", re.IGNORECASE)
PUBLIC_NAMES = {
    # Names of professionals and structures are public reference data (RPPS, FINESS).
    "fr.cpts.directory.professional.updated.v1": {"family_name", "given_name"},
    "fr.cpts.directory.structure.updated.v1": {"name"},
}


def test_the_asyncapi_document_is_up_to_date() -> None:
    written = (ROOT / "docs" / "asyncapi.json").read_text(encoding="utf-8")
    assert written == asyncapi.text(), "run: .venv/bin/python -m contracts.asyncapi > docs/asyncapi.json"


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.name)
def test_every_event_has_a_golden_sample_that_its_contract_reads(event: EventType) -> None:
    (sample,) = samples(event.payload)
    read = event.envelope.model_validate(sample)
    assert read.type == event.name
    assert read.source == event.source
    assert read.subject == str(sample["data"][event.aggregate_id])


def test_no_sample_is_of_an_unknown_event() -> None:
    assert {sample["type"] for sample in samples()} == set(BY_NAME)


def test_a_consumer_accepts_fields_that_it_does_not_know() -> None:
    for sample in samples():
        grown = {**sample, "newattribute": "x", "data": {**sample["data"], "added_later": 1}}
        assert isinstance(BY_NAME[sample["type"]].envelope.model_validate(grown), Event)


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.name)
def test_no_event_has_a_place_for_a_patients_identity(event: EventType) -> None:
    suspicious = {field for field in event.payload.model_fields if PATIENT_WORDS.search(field)}
    assert suspicious <= PUBLIC_NAMES.get(event.name, set())


def test_every_event_stands_in_the_event_map() -> None:
    text = (ROOT / "docs" / "flows.md").read_text(encoding="utf-8")
    missing = [event.name for event in EVENTS if f"{event.owner}.{event.entity}.{event.verb}" not in text]
    assert missing == []


def test_the_file_that_a_partner_copies_sends_the_example_of_the_contract() -> None:
    sent = runpy.run_path(str(ROOT / "docs" / "examples" / "ed_client.py"))["NEED"]
    assert {**sent, "mode": "propose"} == an_ed_call()
