"""Helpers of tests: real servers, fresh databases. A pytest plugin, loaded by the conftest.py at the root."""
