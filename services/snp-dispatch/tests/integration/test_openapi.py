"""The contract as a document: every route said in full; and the tables as the migrations make them."""

from typing import Any

import pytest
from dispatch_stage import Dispatch

from kit.testing.migrations import assert_migrations_make_the_tables
from snp_dispatch.settings import MIGRATIONS


@pytest.fixture
def document(running: Dispatch) -> dict[str, Any]:
    found: dict[str, Any] = running.app.openapi()
    return found


def operations(document: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [(path, method, it) for path, item in document["paths"].items() for method, it in item.items()]


CHANGES_NOTHING = {"/v1/policies/dry-run", "/v1/effectors/{number}/closures/preview"}


def test_every_operation_is_said_in_full(document: dict[str, Any]) -> None:
    ids = [it["operationId"] for _, _, it in operations(document)]
    assert len(set(ids)) == len(ids)
    for path, method, operation in operations(document):
        assert operation["summary"], path
        assert operation["description"], path
        assert operation["tags"], path
        assert {"401", "403", "422", "429", "503"} <= set(operation["responses"]), path
        if method == "post" and path not in CHANGES_NOTHING:
            assert "400" in operation["responses"], path
            assert "Idempotency-Key" in {it["name"] for it in operation["parameters"]}, path
        if "{" in path:
            assert "404" in operation["responses"], path


def test_codes_are_enums(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    assert schemas["CallIn"]["properties"]["origin"]["enum"] == ["ed", "single_number", "sas", "professional"]
    assert schemas["SlotIn"]["properties"]["audience"]["items"]["enum"] == ["PUBLIC", "PRO", "SNP", "CPTS"]
    assert "red_flags" in schemas["NeedStated"]["required"]


def test_the_main_job_has_examples(document: dict[str, Any]) -> None:
    assert [it["mode"] for it in document["components"]["schemas"]["CallIn"]["examples"]] == ["propose", "book"]


async def test_the_migrations_make_the_tables(running: Dispatch) -> None:
    await assert_migrations_make_the_tables(running.settings, MIGRATIONS)
