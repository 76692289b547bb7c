"""The page and the document that describe the whole API."""

import re
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

import httpx

Start = Callable[..., AbstractAsyncContextManager[httpx.AsyncClient]]


async def test_one_document_for_all_services(gateway: Start) -> None:
    async with gateway("", public_url="https://api.example") as http:
        document = (await http.get("/openapi.json")).json()
    assert document["servers"] == [{"url": "https://api.example"}]
    assert {"/readyz", "/livez", "/v1/calls/{id}", "/v1/professionals/{id}"} == document["paths"].keys()
    assert [tag["name"] for tag in document["tags"]] == ["directory", "snp-dispatch"]
    assert document["paths"]["/v1/calls/{id}"]["get"]["security"] == [{"bearer": ["calls:read"]}]


async def test_the_page_needs_no_other_host(gateway: Start) -> None:
    async with gateway("") as http:
        landed = await http.get("/", follow_redirects=True)
        page = landed.text
        assets = re.findall(r'(?:src|href)="([^"]+)"', page)
        for asset in assets:
            assert (await http.get(asset)).status_code == 200
    assert landed.url.path == "/docs"
    assert len(assets) == 3
    assert "://" not in re.sub(r"<!--.*?-->", "", page)


async def test_metrics_name_routes_and_never_paths(gateway: Start) -> None:
    async with gateway() as http:
        await http.get("/v1/calls/secret-id")
        await http.get("/v1/nothing")
        text = (await http.get("/metrics")).text
    assert 'cpts_http_request_seconds_count{method="GET",route="/v1/calls/{id}",status="200"}' in text
    assert 'cpts_gateway_refusals_total{code="not_found"}' in text
    assert "secret-id" not in text
