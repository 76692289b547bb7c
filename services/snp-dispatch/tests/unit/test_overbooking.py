"""When one more patient may be added to a slot."""

import pytest

from snp_dispatch.domain.overbooking import refused


@pytest.mark.parametrize(
    ("free", "extra", "limit", "why"),
    [
        (0, 0, 1, None),
        (0, 1, 2, None),
        (0, 0, 0, "overbooking_limit"),
        (0, 1, 1, "overbooking_limit"),
        # The limit of the territory was lowered meanwhile.
        (0, 3, 1, "overbooking_limit"),
        (1, 0, 1, "slot_not_full"),
        # Whoever is told that a seat is free can have it, whatever the limit is.
        (2, 5, 0, "slot_not_full"),
    ],
)
def test_an_extra_patient(free: int, extra: int, limit: int, why: str | None) -> None:
    assert refused(free, extra, limit) == why
