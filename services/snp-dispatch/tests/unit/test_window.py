"""The 48 h rule and the times that a caller may ask for."""

from datetime import UTC, datetime, timedelta

import pytest

from snp_dispatch.domain.window import WindowRefused, window

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
LONGEST = timedelta(hours=48)


def hours(count: float) -> datetime:
    return NOW + timedelta(hours=count)


ACCEPTED = [
    # not_before, deadline, earliest, latest
    (None, None, NOW, hours(48)),
    (None, hours(48), NOW, hours(48)),
    (None, hours(5), NOW, hours(5)),
    (hours(4), None, hours(4), hours(48)),
    (hours(4), hours(4), hours(4), hours(4)),
    (hours(-4), hours(5), NOW, hours(5)),
]
REFUSED = [
    # not_before, deadline, field, code
    (None, NOW, "constraints.deadline", "deadline_past"),
    (None, hours(-1), "constraints.deadline", "deadline_past"),
    (None, hours(48) + timedelta(seconds=1), "constraints.deadline", "deadline_too_late"),
    (None, hours(72), "constraints.deadline", "deadline_too_late"),
    (hours(6), hours(5), "constraints.not_before", "not_before_after_deadline"),
    (hours(49), None, "constraints.not_before", "not_before_after_deadline"),
]


@pytest.mark.parametrize(("not_before", "deadline", "earliest", "latest"), ACCEPTED)
def test_window(not_before: datetime | None, deadline: datetime | None, earliest: datetime, latest: datetime) -> None:
    found = window(NOW, LONGEST, not_before, deadline)
    assert (found.earliest, found.deadline) == (earliest, latest)


@pytest.mark.parametrize(("not_before", "deadline", "field", "code"), REFUSED)
def test_refused_window(not_before: datetime | None, deadline: datetime | None, field: str, code: str) -> None:
    with pytest.raises(WindowRefused) as refused:
        window(NOW, LONGEST, not_before, deadline)
    assert (refused.value.field, refused.value.code) == (field, code)
