"""What the catalogue may say so that published figures give nothing away together."""

from collections import Counter

from indicators.domain.catalogue import Catalogue, Count


def numbers(catalogue: Catalogue) -> list[str]:
    """What each number of patients counts, without its breakdown."""
    counts: list[Count | None] = []
    for it in catalogue.indicators:
        if it.counts_patients:
            counts += [it.numerator, it.denominator, *(item.count for item in it.apart)]
    return [f"{it.count} of {it.of} where {sorted(it.where.items())}" for it in counts if it is not None]


def test_no_two_indicators_share_a_number_of_patients(catalogue: Catalogue) -> None:
    """Each is protected by itself: what one of them hides, another one must not show (docs/adr/0053)."""
    found = numbers(catalogue)
    assert len(found) > 15
    assert [number for number, times in Counter(found).items() if times > 1] == []


def test_a_shared_number_would_be_seen(catalogue: Catalogue) -> None:
    stays = catalogue.find("I-21")
    assert stays is not None
    twice = catalogue.model_copy(
        update={"indicators": (*catalogue.indicators, stays.model_copy(update={"id": "I-99"}))}
    )
    assert len(set(numbers(twice))) < len(numbers(twice))
