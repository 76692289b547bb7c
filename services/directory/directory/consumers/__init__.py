"""The directory listens to nobody: it is where national data enters."""

from kit.consumer import Subscription

SUBSCRIPTIONS: tuple[Subscription, ...] = ()
