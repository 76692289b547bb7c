"""Every table with rows of a patient is on timelines, or is named among those that are not, with the reason."""

from typing import get_args

from pathways.domain.timeline import Kind
from pathways.store.held import HELD
from pathways.store.timeline_sources import NOT_SHOWN, SOURCES


def test_each_table_of_a_patient_has_its_moments_or_a_reason_to_have_none() -> None:
    """A new table gets a line in `SOURCES`, or in `NOT_SHOWN`."""
    shown = {it.table for it in SOURCES}
    assert not shown & NOT_SHOWN.keys()
    assert shown | NOT_SHOWN.keys() == {it.table for it in HELD}
    assert all(NOT_SHOWN.values())


def test_each_word_is_said_by_one_table() -> None:
    said = [kind for source in SOURCES for kind, _, _ in source.moments]
    assert sorted(said) == sorted(get_args(Kind))
