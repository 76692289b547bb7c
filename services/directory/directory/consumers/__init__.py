"""What the directory does with events of others: it pays what a missed visit is worth; the worker relays the rest."""

from collections.abc import Sequence

from contracts.snp_dispatch import CompensationValued
from directory.consumers.on_compensation_valued import on_compensation_valued
from kit.consumer import Subscription

OWN = (Subscription("snp-dispatch", {CompensationValued: on_compensation_valued}),)


def together(subscriptions: Sequence[Subscription]) -> tuple[Subscription, ...]:
    """One subscription an owner: a service has one durable consumer on each stream."""
    merged: dict[str, Subscription] = {}
    for it in subscriptions:
        handlers = {**merged[it.owner].handlers, **it.handlers} if it.owner in merged else it.handlers
        merged[it.owner] = Subscription(it.owner, handlers)
    return tuple(merged.values())
