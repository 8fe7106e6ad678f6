"""Gateway responses and validation of request bodies for REST APIs, as in API Gateway.

LocalStack stores gateway responses but applies only their status codes, reads none from OpenAPI documents, and
validates every body as JSON against one model, whatever its content type is. With this fix

- a document's `x-amazon-apigateway-gateway-responses` are stored as by `PutGatewayResponse`;
- an API that defines gateway responses uses their status codes, headers and templates:
  https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-gatewayResponse-definition.html
- a body is validated against the model of its content type, else `$default`; without either it is valid:
  https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-method-request-validation.html
"""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from jsonschema import Draft4Validator
from localstack.aws.api.apigateway import BadRequestException, PutMode
from localstack.http import Response
from localstack.runtime import hooks
from localstack.services.apigateway.helpers import ModelResolver, get_apigateway_store
from localstack.services.apigateway.legacy import provider
from localstack.services.apigateway.next_gen.execute_api.gateway_response import (
    DEFAULT_GATEWAY_RESPONSES,
    BadRequestBodyError,
    build_gateway_response,
    get_gateway_response_or_default,
)
from localstack.services.apigateway.next_gen.execute_api.handlers.gateway_exception import GatewayExceptionHandler
from localstack.services.apigateway.next_gen.execute_api.handlers.method_request import MethodRequestHandler
from localstack.utils.patch import patch

_EXTENSION: Final = "x-amazon-apigateway-gateway-responses"
_HEADER: Final = "gatewayresponse.header."
_JSON: Final = "application/json"
_VARIABLE: Final = re.compile(r"\$(context|stageVariables)\.(\w+(?:\.\w+)*)")


@hooks.on_infra_start()  # type: ignore[untyped-decorator]
def answer_as_defined() -> None:
    """Patch LocalStack's REST APIs."""
    # The provider imports the function by name: a patch of the defining module would not affect it.
    provider.import_api_from_openapi_spec = _keeping_gateway_responses(provider.import_api_from_openapi_spec)
    patch(GatewayExceptionHandler.create_exception_response)(_answer)
    MethodRequestHandler._is_body_valid = staticmethod(_check_body)  # noqa: SLF001 - the one place that validates


def _keeping_gateway_responses(import_api: Callable[..., Any]) -> Callable[..., Any]:
    # LocalStack ships no types: its contexts, models and errors are `Any` here.
    def import_all(rest_api: Any, context: Any, open_api_spec: dict[str, Any], mode: str) -> Any:  # noqa: ANN401
        defined = open_api_spec.get(_EXTENSION) or {}
        if unknown := defined.keys() - DEFAULT_GATEWAY_RESPONSES.keys():
            raise BadRequestException(f"Invalid gateway response types: {', '.join(sorted(unknown))}")
        imported = import_api(rest_api, context, open_api_spec, mode)
        kept = get_apigateway_store(context=context).rest_apis[rest_api.id].gateway_responses
        if mode == PutMode.overwrite:
            kept.clear()
        for response_type, response in defined.items():
            kept[response_type] = build_gateway_response(
                response_type,
                status_code=str(response["statusCode"]) if "statusCode" in response else None,
                response_parameters=response.get("responseParameters"),
                response_templates=response.get("responseTemplates"),
                default_response=False,
            )
        return imported

    return import_all


def _answer(original: Callable[..., Any], handler: Any, error: Any, context: Any) -> Response:  # noqa: ANN401
    defined = context.deployment.rest_api.gateway_responses
    if not defined:
        return original(handler, error, context)
    response = get_gateway_response_or_default(error.type, defined)
    context.context_variables["error"] = _error_variables(error)
    content_type, template = _template(response.get("responseTemplates") or {}, context)
    answer = Response(
        _VARIABLE.sub(lambda found: _variable(context, *found.groups()), template),
        status=int(response.get("statusCode") or error.status_code or 500),
        headers={"Content-Type": content_type, "x-amzn-ErrorType": error.code},
    )
    for name, source in (response.get("responseParameters") or {}).items():
        if name.startswith(_HEADER) and (value := _parameter(context, source)):
            answer.headers[name.removeprefix(_HEADER)] = value
    return answer


def _error_variables(error: Any) -> dict[str, str]:  # noqa: ANN401
    # `messageString` includes quotation marks; `validationErrorString` is used between those of a template.
    invalid = getattr(error, "validation_errors", None)
    return {
        "message": error.message,
        "messageString": json.dumps(error.message),
        "responseType": str(error.type),
        "validationErrorString": json.dumps(f"[{', '.join(invalid)}]")[1:-1] if invalid else "",
    }


def _template(templates: Mapping[str, str], context: Any) -> tuple[str, str]:  # noqa: ANN401
    """Choose by the Accept header, else JSON, else the first, as LocalStack does for integration responses."""
    if not templates:
        return _JSON, '{"message":$context.error.messageString}'
    accepted = context.invocation_request["headers"].get("Accept")
    content_type = next((kind for kind in (accepted, _JSON) if kind in templates), next(iter(templates)))
    return content_type, templates[content_type]


def _variable(context: Any, scope: str, path: str) -> str:  # noqa: ANN401
    """Return the value of a template's variable; empty if it is not set."""
    value: Any = context.context_variables if scope == "context" else context.stage_variables
    for name in path.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return "" if value is None else str(value)


def _parameter(context: Any, source: str) -> str | None:  # noqa: ANN401
    """Return a header's value: a quoted text, a variable, or a parameter of the request."""
    if source.startswith("'"):
        return source.strip("'")
    scope, _, name = source.removeprefix("method.request.").partition(".")
    if scope in ("context", "stageVariables"):
        return _variable(context, scope, name)
    request = context.invocation_request
    places = {"header": "headers", "querystring": "query_string_parameters", "path": "path_parameters"}
    value = (request.get(places.get(scope, "")) or {}).get(name)
    return None if value is None else " ".join(value.split())  # a single line: the request must not inject headers


def _check_body(method: Any, rest_api: Any, request: Any) -> bool:  # noqa: ANN401
    """Validate a request body.

    Raises:
        BadRequestBodyError: It is invalid; `validation_errors` says why.
    """
    content_type = request["headers"].get("Content-Type", _JSON).partition(";")[0].strip().lower()
    models = method.get("requestModels") or {}
    model = models.get(content_type) or models.get("$default")
    if model and (invalid := _find_errors(ModelResolver(rest_api, model).get_resolved_model(), request["body"])):
        error = BadRequestBodyError("Invalid request body")
        error.validation_errors = invalid
        raise error
    return True


def _find_errors(schema: Mapping[str, Any] | None, body: bytes) -> list[str]:
    if schema is None:
        return ["the model cannot be resolved"]
    try:
        # LocalStack treats an absent body as an empty object. Deep nesting raises RecursionError.
        return [error.message for error in Draft4Validator(schema).iter_errors(json.loads(body or b"{}"))]
    except (ValueError, RecursionError):
        return ["the body is not valid JSON"]
