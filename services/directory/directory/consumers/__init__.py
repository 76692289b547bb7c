"""The directory projects nobody's events: it is where national data enters. Its worker relays them (`on_any`)."""

from kit.consumer import Subscription

SUBSCRIPTIONS: tuple[Subscription, ...] = ()
