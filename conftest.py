"""Gives every test of the repository the real servers of `kit.testing`, and shares the tests out to processes."""

from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

pytest_plugins = ("kit.testing.plugin",)

ON_A_STACK = "tests/e2e/"
"""Tests on one whole stack: eleven processes, the longest group."""


class Files(LoadScopeScheduling):
    """A file stays in one process; so do all tests on the stack, which is started once."""

    def _split_scope(self, nodeid: str) -> str:
        return ON_A_STACK if nodeid.startswith(ON_A_STACK) else nodeid.partition("::")[0]


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Files:
    """Called with several processes only."""
    return Files(config, log)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest group starts first, so that no process is left alone with it at the end."""
    items.sort(key=lambda item: not item.nodeid.startswith(ON_A_STACK))
