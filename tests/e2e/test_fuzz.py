"""Schemathesis over the merged OpenAPI, through the gateway: no 5xx and no undocumented answer."""

import asyncio
import sys
from pathlib import Path

import pytest

from local_stack.roles import load_roles
from local_stack.stack import Stack
from tests.e2e.calls import Token

CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"


@pytest.mark.timeout(900)
async def test_no_5xx_and_no_undocumented_answer(stack: Stack, token: Token, tmp_path: Path) -> None:
    everything = " ".join(sorted({scope for role in load_roles().values() for scope in role.scopes}))
    fuzz = await asyncio.create_subprocess_exec(
        *(str(Path(sys.executable).with_name("schemathesis")), "run", f"{stack.gateway_url}/openapi.json"),
        *("--header", f"Authorization: Bearer {token('ed', scope=everything)}"),
        *("--checks", CHECKS, "--phases", "examples,coverage,fuzzing", "--max-examples", "5"),
        *("--generation-deterministic", "--continue-on-failure"),
        # These answer for as long as one listens.
        *("--exclude-operation-id", "followCall", "--exclude-operation-id", "followCalls"),
        # 503 is its true answer while a service takes longer than it waits; gateway/tests/integration has its tests.
        *("--exclude-path", "/readyz"),
        *("--warnings", "off", "--no-color", "--request-timeout", "30"),
        cwd=tmp_path,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    told, _ = await asyncio.wait_for(fuzz.communicate(), 870)
    assert fuzz.returncode == 0, told.decode()[-6000:]
