"""Figures of what waits, for Prometheus: by territory and channel, of nobody in particular. A job of the worker."""

from prometheus_client import Gauge

from directory.store import messages
from kit.work import Work

WAITING = Gauge("cpts_deliveries", "Deliveries that wait or were given up", ["territory", "channel", "state"])
OLDEST = Gauge("cpts_deliveries_oldest_seconds", "Age of the oldest of them", ["territory", "channel", "state"])


async def watch_deliveries(work: Work) -> int:
    """Sets the figures; what waits no more is counted no more."""
    rows = await messages.waiting_everywhere(work)
    WAITING.clear()
    OLDEST.clear()
    for row in rows:
        labels = (row["territory"], row["lane"], row["state"])
        WAITING.labels(*labels).set(row["count"])
        OLDEST.labels(*labels).set((work.now - row["oldest"]).total_seconds())
    return 0
