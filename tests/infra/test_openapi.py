"""openapi.yaml is a valid document, and documents what it configures API Gateway with."""

import json
import re
from pathlib import Path
from typing import Any, Final

import pytest
import yaml
from jsonschema import Draft4Validator
from openapi_spec_validator import validate

INFRA: Final = Path(__file__).resolve().parents[2] / "infra"
Document = dict[str, Any]
METHODS: Final = ("get", "post", "delete", "options", "x-amazon-apigateway-any-method")


@pytest.fixture(scope="module")
def document() -> Document:
    document: Document = yaml.safe_load(INFRA.joinpath("openapi.yaml").read_text(encoding="utf-8"))
    return document


def _operations(document: Document) -> list[tuple[str, str, Document]]:
    return [(path, method, operation) for path, item in document["paths"].items() for method, operation in item.items()]


def test_the_file_is_valid_openapi(document: Document) -> None:
    validate(document)


def test_every_operation_has_an_integration(document: Document) -> None:
    for path, method, operation in _operations(document):
        assert method in METHODS
        assert operation["x-amazon-apigateway-integration"]["type"] in ("aws_proxy", "mock"), (path, method)


def test_headers_of_a_mock_are_declared_where_api_gateway_looks_for_them(document: Document) -> None:
    for _, _, operation in _operations(document):
        for answer in operation["x-amazon-apigateway-integration"].get("responses", {}).values():
            declared = operation["responses"][answer["statusCode"]]["headers"]
            for name in answer["responseParameters"]:
                assert name.removeprefix("method.response.header.") in declared


def test_preflight_names_the_methods_of_its_path(document: Document) -> None:
    for item in document["paths"].values():
        if "options" in item:
            answer = item["options"]["x-amazon-apigateway-integration"]["responses"]["default"]
            allowed = answer["responseParameters"]["method.response.header.Access-Control-Allow-Methods"].strip("'")
            assert set(allowed.split(",")) == {method.upper() for method in item if method in METHODS[:3]}


def test_responses_of_the_gateway_itself_are_problems_with_cors(document: Document) -> None:
    for kind, answer in document["x-amazon-apigateway-gateway-responses"].items():
        headers = answer["responseParameters"]
        assert headers["gatewayresponse.header.Content-Type"] == "'application/problem+json'"
        assert headers["gatewayresponse.header.Access-Control-Allow-Origin"] == "'${primary_origin}'"
        # API Gateway puts a quoted string in place of this variable.
        template = answer["responseTemplates"]["application/json"].replace("$context.error.messageString", '"why"')
        problem = json.loads(template)
        assert set(problem) == {"type", "title", "status", "detail"}
        assert problem["status"] == answer.get("statusCode", problem["status"]), kind


def _validated(document: Document, operation: Document) -> Document:
    name = operation.get("x-amazon-apigateway-request-validator", document["x-amazon-apigateway-request-validator"])
    validator: Document = document["x-amazon-apigateway-request-validators"][name]
    return validator


def test_api_gateway_validates_the_parameters_of_every_operation_and_every_body(document: Document) -> None:
    for path, method, operation in _operations(document):
        validator = _validated(document, operation)
        assert validator["validateRequestParameters"], (path, method)
        assert validator["validateRequestBody"] == ("requestBody" in operation), (path, method)


@pytest.mark.parametrize(
    ("body", "passes"),
    [
        ({"filename": "a.jpg", "content_type": "image/jpeg", "size_bytes": 10}, True),
        ({"size_bytes": "10", "acl": "public"}, True),
        ({}, True),
        ([], False),
        ("text", False),
        (None, False),
    ],
)
def test_api_gateway_passes_only_json_objects_to_the_function(
    document: Document, body: object, *, passes: bool
) -> None:
    (media,) = document["paths"]["/api/uploads"]["post"]["requestBody"]["content"].values()
    schema = {**media["schema"], "components": document["components"]}
    assert Draft4Validator(schema).is_valid(body) == passes


def test_the_refusal_of_a_body_names_each_accepted_field(document: Document) -> None:
    refusal = document["x-amazon-apigateway-gateway-responses"]["BAD_REQUEST_BODY"]["responseTemplates"]
    for field in document["components"]["schemas"]["UploadRequest"]["required"]:
        assert field in refusal["application/json"]


def test_terraform_leaves_no_placeholder(plan: dict[str, Any], planned: dict[str, Document]) -> None:
    assert plan["planned_values"]["outputs"]["stage_name"]["value"] == "live"
    body = planned["aws_api_gateway_rest_api.this"]["body"]
    assert not re.search(r"\$\{", body)
    integration = json.loads(body)["paths"]["/api/uploads"]["post"]["x-amazon-apigateway-integration"]
    assert integration["uri"].endswith(":function:photos-uploads/invocations")


def test_every_method_but_a_preflight_requires_the_distributions_key(planned: dict[str, Document]) -> None:
    body = json.loads(planned["aws_api_gateway_rest_api.this"]["body"])
    assert body["components"]["securitySchemes"] == {
        "distribution": {"type": "apiKey", "name": "x-api-key", "in": "header"}
    }
    for path, method, operation in _operations(body):
        assert operation.get("security") == (None if method == "options" else [{"distribution": []}]), (path, method)


def test_the_document_for_callers_mentions_no_key(document: Document) -> None:
    assert "securitySchemes" not in document["components"]
    assert all("security" not in operation for _, _, operation in _operations(document))


@pytest.mark.parametrize("status", ["403", "413", "429", "500", "502", "503", "504"])
def test_what_any_request_may_get_is_a_response_of_every_operation(document: Document, status: str) -> None:
    for path, method, operation in _operations(document):
        assert status in operation["responses"], (path, method)


def test_the_responses_of_the_firewall_are_documented_with_their_type(document: Document) -> None:
    firewall = INFRA.joinpath("waf.tf").read_text(encoding="utf-8")
    statuses = set(re.findall(r"response_code\s+= (\d+)", firewall))

    assert statuses == {"403", "413", "429"}
    assert 'content_type = "APPLICATION_JSON"' in firewall
    for path, method, operation in _operations(document):
        for status in statuses:
            name = operation["responses"][status]["$ref"].rpartition("/")[2]
            assert "application/json" in document["components"]["responses"][name]["content"], (path, method, status)


def test_each_status_of_the_gateway_itself_is_documented(document: Document) -> None:
    upload = document["paths"]["/api/uploads"]["post"]["responses"]
    described = {*upload, *document["paths"]["/{path+}"]["x-amazon-apigateway-any-method"]["responses"]}

    answers = document["x-amazon-apigateway-gateway-responses"].values()
    assert {str(answer["statusCode"]) for answer in answers} <= described
