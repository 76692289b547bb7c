"""Gives every test of the repository the real servers of `kit.testing`."""

pytest_plugins = ("kit.testing.plugin",)
