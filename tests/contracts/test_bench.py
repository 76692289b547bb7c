"""The bench is run by hand: what it takes from the services must still fit when they change."""

import re

from bench import baseline


def test_the_transaction_of_pgbench_fills_every_parameter() -> None:
    script = baseline.script("{}", "{}")
    assert script.count("INSERT INTO hold") == 1
    assert not re.search(r"\$\d", script)
