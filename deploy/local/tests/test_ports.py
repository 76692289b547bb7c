"""One variable moves a whole stack; each port can be named on its own."""

import pytest

from local_stack.ports import Ports, StackError, free_ports_environment


def test_the_default_ports_are_those_of_the_documentation() -> None:
    ports = Ports.from_environment({})
    assert ports.gateway == 8000
    assert dict(ports.services) == {"directory": 8001, "snp-dispatch": 8002, "pathways": 8003, "indicators": 8004}
    assert dict(ports.workers) == {"directory": 8011, "snp-dispatch": 8012, "pathways": 8013, "indicators": 8014}


def test_the_gateway_port_moves_all_but_those_that_are_named() -> None:
    ports = Ports.from_environment({"GATEWAY_PORT": "9100", "SNP_DISPATCH_WORKER_PORT": "7777"})
    assert ports.services["indicators"] == 9104
    assert ports.workers["snp-dispatch"] == 7777
    assert len(set(ports.by_variable(postgres=True, nats=True).values())) == 11


@pytest.mark.parametrize("value", ["http", "-1", "70000", "0"])
def test_what_is_no_port_is_named(value: str) -> None:
    with pytest.raises(StackError, match="PATHWAYS_PORT"):
        Ports.from_environment({"PATHWAYS_PORT": value})


def test_free_ports_differ_from_one_another() -> None:
    assert len(set(free_ports_environment().values())) == 11
