"""Gateway responses and body validation of a small API, on a real LocalStack with the plugin."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import httpx
import pytest
from botocore.exceptions import ClientError

from support.plugin_engine import Engine

Definition = dict[str, Any]
GATEWAY_RESPONSES: Final = "x-amazon-apigateway-gateway-responses"
JSON_TYPE: Final = "application/json"
TEXT_TYPE: Final = "text/plain"
DETAILS: Final = {
    "message": "$context.error.message",
    "string": "MESSAGE_STRING",
    "type": "$context.error.responseType",
    "invalid": "$context.error.validationErrorString",
    "request": "$context.requestId",
    "path": "$context.resourcePath",
    "agent": "$context.identity.userAgent",
    "stage": "$context.stage is $stageVariables.colour",
    "nothing": "$context.authorizer.claims.email",
}
# The variable brings its quotation marks along.
TEMPLATE: Final = json.dumps(DETAILS).replace('"MESSAGE_STRING"', "$context.error.messageString")


def _mock(template: str = '{"statusCode": 200}') -> Definition:
    types = (JSON_TYPE, TEXT_TYPE)
    return {
        "responses": {"200": {"description": "Done."}},
        "x-amazon-apigateway-integration": {
            "type": "mock",
            "passthroughBehavior": "never",
            "requestTemplates": dict.fromkeys(types, template),
            "responses": {"default": {"statusCode": "200", "responseTemplates": {JSON_TYPE: '{"passed": true}'}}},
        },
    }


def _define(**responses: Definition) -> Definition:
    body = {"content": {JSON_TYPE: {"schema": {"$ref": "#/components/schemas/Pet"}}}}
    word = [{"name": "word", "in": "query", "required": True, "schema": {"type": "string"}}]
    return {
        "openapi": "3.0.1",
        "info": {"title": "pets", "version": "1"},
        "x-amazon-apigateway-request-validators": {
            "all": {"validateRequestBody": True, "validateRequestParameters": True}
        },
        "x-amazon-apigateway-request-validator": "all",
        "paths": {
            "/pets": {"post": {**_mock(), "requestBody": body}, "put": _mock()},
            "/search": {"get": {**_mock(), "parameters": word}},
            "/broken": {"get": _mock("this is no JSON")},
        },
        "components": {
            "schemas": {
                "Pet": {
                    "type": "object",
                    "required": ["name"],
                    "properties": {"name": {"$ref": "#/components/schemas/Name"}},
                },
                "Name": {"type": "string"},
            }
        },
        GATEWAY_RESPONSES: responses,
    }


@dataclass(frozen=True)
class Api:
    """A deployed API."""

    id: str
    url: str
    client: Any

    def deploy(self) -> None:
        self.client.create_deployment(restApiId=self.id, stageName="live", variables={"colour": "blue"})

    def replace(self, definition: Definition, mode: str) -> None:
        self.client.put_rest_api(restApiId=self.id, mode=mode, body=json.dumps(definition).encode())
        self.deploy()

    def add_pet(self, content: bytes, content_type: str | None = JSON_TYPE, **headers: str) -> httpx.Response:
        types = {"Content-Type": content_type} if content_type else {}
        return httpx.post(f"{self.url}/pets", content=content, headers={**types, **headers})


Import = Callable[[Definition], Api]


@pytest.fixture(scope="module")
def import_api(engine: Engine) -> Iterator[Import]:
    client = engine.client("apigateway")
    imported: list[str] = []

    def create(definition: Definition) -> Api:
        api_id = client.import_rest_api(body=json.dumps(definition).encode())["id"]
        imported.append(api_id)
        api = Api(api_id, f"{engine.url}/_aws/execute-api/{api_id}/live", client)
        api.deploy()
        return api

    yield create
    for api_id in imported:
        client.delete_rest_api(restApiId=api_id)


@pytest.fixture(scope="module")
def api(import_api: Import) -> Api:
    """An API with its own response for bad bodies, and defaults for everything else."""
    return import_api(
        _define(
            BAD_REQUEST_BODY={
                "statusCode": 422,
                "responseParameters": {
                    "gatewayresponse.header.Content-Type": "'application/problem+json'",
                    "gatewayresponse.header.X-Static": "'as it is'",
                    "gatewayresponse.header.X-From-Header": "method.request.header.x-sent",
                    "gatewayresponse.header.X-From-Context": "context.error.responseType",
                    "gatewayresponse.header.X-From-Stage": "stageVariables.colour",
                    "gatewayresponse.header.X-Not-Sent": "method.request.header.x-not-sent",
                },
                "responseTemplates": {JSON_TYPE: TEMPLATE},
            },
            BAD_REQUEST_PARAMETERS={"responseTemplates": {JSON_TYPE: TEMPLATE, TEXT_TYPE: "$context.error.message"}},
            DEFAULT_4XX={
                "statusCode": "418",
                "responseParameters": {
                    "gatewayresponse.header.X-From-Query": "method.request.querystring.word",
                    "gatewayresponse.header.X-From-Path": "method.request.path.none",
                },
                "responseTemplates": {TEXT_TYPE: "$context.error.responseType"},
            },
            DEFAULT_5XX={"responseTemplates": {JSON_TYPE: '{"broken": "$context.error.message"}'}},
        )
    )


def test_an_answer_has_the_defined_status_and_variables_in_its_body(api: Api) -> None:
    response = api.add_pet(b'{"name": 7}', **{"User-Agent": "tests"})

    assert response.status_code == 422
    assert response.json() == {
        "message": "Invalid request body",
        "string": "Invalid request body",
        "type": "BAD_REQUEST_BODY",
        "invalid": "[7 is not of type 'string']",
        "request": response.headers["x-amzn-requestid"],
        "path": "/pets",
        "agent": "tests",
        "stage": "live is blue",
        "nothing": "",
    }


def test_headers_come_from_texts_the_request_and_variables(api: Api) -> None:
    headers = api.add_pet(b"[]", **{"X-Sent": "sent"}).headers

    assert headers["Content-Type"] == "application/problem+json"
    assert headers["X-Static"] == "as it is"
    assert headers["X-From-Header"] == "sent"
    assert headers["X-From-Context"] == "BAD_REQUEST_BODY"
    assert headers["X-From-Stage"] == "blue"
    assert "X-Not-Sent" not in headers
    assert headers["x-amzn-ErrorType"] == "BadRequestException"


@pytest.mark.parametrize(
    ("body", "invalid"),
    [
        (b'{"name": ', "[the body is not valid JSON]"),
        (b'{"name": "\xff"}', "[the body is not valid JSON]"),
        (b"[" * 200_000, "[the body is not valid JSON]"),
        (b"{}", "['name' is a required property]"),
        (b"", "['name' is a required property]"),
        (b'["\\""]', "[['\"'] is not of type 'object']"),
    ],
    ids=["cut", "no-utf-8", "nested", "incomplete", "none", "quotation-mark"],
)
def test_the_validation_error_says_what_is_wrong(api: Api, body: bytes, invalid: str) -> None:
    assert api.add_pet(body).json()["invalid"] == invalid


def test_parameters_that_are_missing_are_named(api: Api) -> None:
    response = httpx.get(f"{api.url}/search")

    assert response.status_code == 400
    assert response.json()["message"] == "Missing required request parameters: [word]"


def test_the_accept_header_chooses_the_template(api: Api) -> None:
    response = httpx.get(f"{api.url}/search", headers={"Accept": TEXT_TYPE})

    assert response.headers["Content-Type"] == TEXT_TYPE
    assert response.text == "Missing required request parameters: [word]"


def test_what_is_not_defined_falls_back_to_the_default_of_its_class(api: Api) -> None:
    unknown = httpx.get(f"{api.url}/nothing", params={"word": "a\r\nX-Injected: b"})
    broken = httpx.get(f"{api.url}/broken")

    assert (unknown.status_code, unknown.text) == (418, "MISSING_AUTHENTICATION_TOKEN")
    assert unknown.headers["X-From-Query"] == "a X-Injected: b"
    assert "X-From-Path" not in unknown.headers
    assert (broken.status_code, broken.json()) == (500, {"broken": "Internal server error"})


def test_an_api_that_defines_nothing_answers_as_ever(import_api: Import) -> None:
    response = import_api(_define()).add_pet(b"[]")

    assert response.status_code == 400
    assert response.headers["Content-Type"] == JSON_TYPE
    assert response.json() == {"message": "Invalid request body"}


def test_a_response_without_template_keeps_the_message(import_api: Import) -> None:
    response = import_api(_define(DEFAULT_4XX={"statusCode": "499"})).add_pet(b"[]")

    assert (response.status_code, response.json()) == (499, {"message": "Invalid request body"})


def test_responses_that_are_put_count_from_the_next_deployment(import_api: Import) -> None:
    api = import_api(_define())
    api.client.put_gateway_response(
        restApiId=api.id, responseType="BAD_REQUEST_BODY", responseTemplates={JSON_TYPE: '{"put": true}'}
    )
    before = api.add_pet(b"[]").json()
    api.deploy()

    assert (before, api.add_pet(b"[]").json()) == ({"message": "Invalid request body"}, {"put": True})


def test_imported_responses_are_listed_and_merged_or_replaced(import_api: Import) -> None:
    api = import_api(_define(BAD_REQUEST_BODY={"statusCode": 422}))
    api.replace(_define(THROTTLED={"statusCode": 503}), "merge")
    merged = api.client.get_gateway_responses(restApiId=api.id)["items"]
    status_when_merged = api.add_pet(b"[]").status_code
    api.replace(_define(), "overwrite")

    defined = {item["responseType"]: item["statusCode"] for item in merged if not item["defaultResponse"]}
    assert defined == {"BAD_REQUEST_BODY": "422", "THROTTLED": "503"}
    assert (status_when_merged, api.add_pet(b"[]").status_code) == (422, 400)


def test_a_misspelt_response_type_is_refused(engine: Engine) -> None:
    with pytest.raises(ClientError, match="BAD_BODY"):
        engine.client("apigateway").import_rest_api(body=json.dumps(_define(BAD_BODY={})).encode())


def test_a_valid_body_passes(api: Api) -> None:
    assert api.add_pet(b'{"name": "Rex"}').json() == {"passed": True}


@pytest.mark.parametrize("content_type", ["application/json; charset=utf-8", "Application/JSON", None])
def test_a_body_is_validated_by_its_content_type_which_is_json_if_none_is_stated(
    api: Api, content_type: str | None
) -> None:
    assert api.add_pet(b"{}", content_type).status_code == 422


def test_a_body_with_a_content_type_without_model_passes(api: Api) -> None:
    assert api.add_pet(b"name=Rex", TEXT_TYPE).json() == {"passed": True}
    assert httpx.put(f"{api.url}/pets", content=b"no JSON", headers={"Content-Type": JSON_TYPE}).is_success


def test_a_default_model_is_for_every_content_type(import_api: Import) -> None:
    api = import_api(_define())
    resources = {item["path"]: item["id"] for item in api.client.get_resources(restApiId=api.id)["items"]}
    api.client.update_method(
        restApiId=api.id,
        resourceId=resources["/pets"],
        httpMethod="POST",
        patchOperations=[{"op": "add", "path": "/requestModels/$default", "value": "Pet"}],
    )
    api.deploy()

    assert api.add_pet(b"name=Rex", TEXT_TYPE).status_code == 400
    assert api.add_pet(b'{"name": "Rex"}', TEXT_TYPE).is_success
