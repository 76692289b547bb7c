"""What a slot offers beyond a time and a place: acts, limits of the patient, and audiences that change with time."""

from dataclasses import dataclass
from datetime import datetime, timedelta


class OfferRefused(Exception):
    """What is stated contradicts itself. `field` is that of the request, `code` is stable."""

    def __init__(self, field: str, code: str, detail: str) -> None:
        super().__init__(detail)
        self.field, self.code, self.detail = field, code, detail


@dataclass(frozen=True)
class Terms:
    """What is done there and for whom. Ages in years, both included; None is no limit."""

    acts: tuple[str, ...] = ()
    min_age: int | None = None
    max_age: int | None = None
    own_patients_only: bool = False
    accessibility: tuple[str, ...] = ()


@dataclass(frozen=True)
class Release:
    """From `minutes_before` the start on, the slot is open to `audience` too."""

    minutes_before: int
    audience: tuple[str, ...]


@dataclass(frozen=True)
class Opening:
    """Whom a slot is open to, in time. See `store/audience.py` for the same in SQL."""

    audience: tuple[str, ...]
    embargo_until: datetime | None = None
    release_at: datetime | None = None
    release_audience: tuple[str, ...] = ()

    def audience_at(self, now: datetime) -> frozenset[str]:
        """To whom it is open at this instant."""
        if self.embargo_until is not None and self.embargo_until > now:
            return frozenset()
        released = self.release_at is not None and self.release_at <= now
        return frozenset(self.audience) | (frozenset(self.release_audience) if released else frozenset())


def opening(
    audience: tuple[str, ...], starts_at: datetime, embargo_until: datetime | None, release: Release | None
) -> Opening:
    """The opening of one slot. Raises OfferRefused when a rule could never open it to anyone more."""
    if embargo_until is not None and embargo_until >= starts_at:
        raise OfferRefused("embargo_until", "embargo_after_start", "The embargo must end before the slot starts")
    if release is None:
        return Opening(tuple(sorted(set(audience))), embargo_until)
    added = release_audience(audience, release)
    released_at = starts_at - timedelta(minutes=release.minutes_before)
    return Opening(tuple(sorted(set(audience))), embargo_until, released_at, added)


def release_audience(audience: tuple[str, ...], release: Release) -> tuple[str, ...]:
    """Those that the release adds. Raises OfferRefused when it adds nobody."""
    added = tuple(sorted(set(release.audience) - set(audience)))
    if not added:
        raise OfferRefused("release.audience", "release_adds_nobody", "The slot is open to these audiences already")
    return added


def check_ages(terms: Terms) -> None:
    """Raises OfferRefused when no age fits."""
    if terms.min_age is not None and terms.max_age is not None and terms.min_age > terms.max_age:
        raise OfferRefused("max_age", "ages_crossed", "max_age is lower than min_age")
