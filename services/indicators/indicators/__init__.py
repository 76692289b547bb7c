"""Indicators: every event kept as a fact, and the figures that a CPTS owes its funders, provable to the event."""
