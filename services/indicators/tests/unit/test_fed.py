"""Each indicator that pathways and directory owe has an event that feeds it, with a golden sample."""

import pytest

from contracts.registry import EVENTS
from indicators.domain.catalogue import Catalogue
from indicators.domain.facts import KEPT
from indicators.domain.sources import SOURCES
from kit.testing.samples import samples

OWED = [f"I-{number:02}" for numbers in (range(11, 19), range(20, 58), (61, 64)) for number in numbers]
NOT_TOLD: dict[str, str] = {}
"""What no event says yet: an indicator that gets one leaves this table."""


def feeding(catalogue: Catalogue, indicator_id: str) -> set[str]:
    """Kinds of the events that move an indicator."""
    indicator = catalogue.find(indicator_id)
    assert indicator is not None
    return {kind for source in indicator.sources for kind in SOURCES[source].fed_by}


@pytest.mark.parametrize("indicator_id", [it for it in OWED if it not in NOT_TOLD])
def test_an_event_with_a_golden_sample_feeds_it(catalogue: Catalogue, indicator_id: str) -> None:
    known = {f"{event.entity}.{event.verb}": event for event in EVENTS}
    kinds = feeding(catalogue, indicator_id)
    assert kinds <= known.keys() & KEPT.keys()
    for kind in kinds:
        assert len(samples(known[kind].payload)) == 1


def test_the_table_names_what_is_missing_and_nothing_else(catalogue: Catalogue) -> None:
    unfed = {it.id for it in catalogue.indicators if it.id in OWED and not it.is_fed}
    assert unfed == NOT_TOLD.keys()
