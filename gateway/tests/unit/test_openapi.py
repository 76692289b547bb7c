"""Several OpenAPI documents become one."""

import json
from typing import Any

from gateway.openapi import BODY_ANSWERS, GATEWAY_ANSWERS, merge

OWN: dict[str, Any] = {"openapi": "3.1.0", "info": {"title": "All"}, "paths": {"/livez": {"get": {}}}}


def document(noun: str, schemas: dict[str, Any], **operation: Any) -> dict[str, Any]:
    first = next(iter(schemas), "None")
    answer = {"content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{first}"}}}}
    get = {"responses": {"200": answer}, "security": [{"HTTPBearer": ["x:read"]}], **operation}
    paths = {f"/v1/{noun}": {"get": get, "parameters": []}, "/livez": {"get": {}}}
    return {"info": {"description": f"About {noun}"}, "paths": paths, "components": {"schemas": schemas}}


def merged(**documents: dict[str, Any]) -> dict[str, Any]:
    return merge(OWN, documents, lambda service, path: path.startswith("/v1"), "/")


def reference(result: dict[str, Any], path: str) -> str:
    answer = result["paths"][path]["get"]["responses"]["200"]
    return str(answer["content"]["application/json"]["schema"]["$ref"]).rpartition("/")[2]


def refers_to(name: str) -> dict[str, Any]:
    return {"properties": {"x": {"$ref": f"#/components/schemas/{name}"}}}


def test_equal_schemas_stay_one() -> None:
    place = {"Place": {"type": "object"}}
    result = merged(a=document("a", place), b=document("b", place))
    assert reference(result, "/v1/a") == reference(result, "/v1/b") == "Place"


def test_different_schemas_of_one_name_take_their_services_name() -> None:
    result = merged(a=document("a", {"Place": {"type": "object"}}), b=document("b", {"Place": {"type": "string"}}))
    assert (reference(result, "/v1/a"), reference(result, "/v1/b")) == ("APlace", "BPlace")
    assert result["components"]["schemas"]["APlace"] == {"type": "object"}
    assert "Place" not in result["components"]["schemas"]


def test_a_schema_that_refers_to_a_different_one_is_different_too() -> None:
    left = {"Page": refers_to("List"), "List": refers_to("Item"), "Item": {"type": "object"}}
    right = {"Page": refers_to("List"), "List": refers_to("Item"), "Item": {"type": "string"}}
    result = merged(a=document("a", left), b=document("b", right))
    assert reference(result, "/v1/b") == "BPage"
    assert result["components"]["schemas"]["BPage"] == refers_to("BList")
    assert result["components"]["schemas"]["BList"] == refers_to("BItem")


def test_a_schema_that_refers_to_itself_ends() -> None:
    tree = {"Tree": refers_to("Tree")}
    result = merged(a=document("a", tree), b=document("b", tree))
    assert reference(result, "/v1/a") == "Tree"


def test_every_reference_leads_somewhere() -> None:
    left, right = {"Place": {"type": "object"}}, {"Place": {"type": "string"}, "Other": refers_to("Place")}
    result = merged(a=document("a", left), b=document("b", right))
    names = {part.split('"')[0] for part in json.dumps(result).split("#/components/schemas/")[1:]}
    assert names <= result["components"]["schemas"].keys()


def test_every_operation_documents_the_gateways_answers() -> None:
    own = {"200": {"description": "ok"}, "403": {"description": "mine"}}
    operation = merged(a=document("a", {}, responses=own))["paths"]["/v1/a"]["get"]
    assert operation["responses"].keys() == {"200", *GATEWAY_ANSWERS}
    assert operation["responses"]["403"] == {"description": "mine"}
    assert "Retry-After" in operation["responses"]["429"]["headers"]
    assert (operation["tags"], operation["security"]) == (["a"], [{"bearer": ["x:read"]}])


def test_routes_with_a_body_document_what_may_be_wrong_with_it() -> None:
    operation = merged(a=document("a", {}, requestBody={}))["paths"]["/v1/a"]["get"]
    assert operation["responses"].keys() == {"200", *GATEWAY_ANSWERS, *BODY_ANSWERS}


def test_operation_ids_of_two_services_do_not_clash() -> None:
    result = merged(a=document("a", {}, operationId="list"), b=document("b", {}, operationId="list"))
    assert [result["paths"][path]["get"]["operationId"] for path in ("/v1/a", "/v1/b")] == ["list", "B_list"]


def test_paths_of_nobody_and_the_sources_are_left_alone() -> None:
    source = document("a", {"Place": {"type": "object"}})
    before = json.dumps(source)
    result = merged(a=source)
    assert result["paths"].keys() == {"/livez", "/v1/a"}
    assert result["paths"]["/v1/a"]["parameters"] == []
    assert json.dumps(source) == before
