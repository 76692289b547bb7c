"""Event contracts: the only thing one service knows of another.

`registry.EVENTS` is the binding list of names; each module holds the payloads of one owner service.
Changes are additive (new optional fields); anything else is a new version beside the old one.
"""
