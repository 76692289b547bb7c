"""What slots and availabilities state alike, checked against the codes."""

from collections.abc import Iterator
from contextlib import contextmanager

from kit.problems import field_problem
from snp_dispatch.domain.offer import OfferRefused, Terms, check_ages
from snp_dispatch.store.rules import Rules


@contextmanager
def offer_problems() -> Iterator[None]:
    """Turns a contradiction of an offer into a 422 that names the field."""
    try:
        yield
    except OfferRefused as refused:
        raise field_problem(refused.field, refused.code, refused.detail) from None


def check_terms(rules: Rules, terms: Terms) -> None:
    """Raises Problem 422 `code_unknown` or `ages_crossed`."""
    known = {"acts": rules.catalogue.acts, "accessibility": rules.catalogue.accessibility}
    for field, codes in (("acts", terms.acts), ("accessibility", terms.accessibility)):
        for code in codes:
            if code not in known[field]:
                raise field_problem(field, "code_unknown", f"{code!r}; see GET /v1/policies/current")
    with offer_problems():
        check_ages(terms)
