"""Web ACLs of REST API stages, evaluated before API Gateway handles a request."""

import time
from typing import Any

from localstack.http import Request, Response
from localstack.runtime import hooks


@hooks.on_infra_start()  # type: ignore[untyped-decorator] # LocalStack ships no types
def judge_requests_to_stages() -> None:
    """Patch LocalStack's REST APIs."""
    # Imported here: it takes time, and LocalStack loads plugins just to list them.
    from localstack.services.apigateway.next_gen.execute_api.router import ApiGatewayEndpoint  # noqa: PLC0415
    from localstack.utils.patch import patch  # noqa: PLC0415

    patch(ApiGatewayEndpoint.prepare_rest_api_invocation)(_prepare)
    patch(ApiGatewayEndpoint.__call__)(_serve)


class _BlockedError(Exception):
    """A request is blocked; holds the response."""

    def __init__(self, response: Response) -> None:
        super().__init__()
        self.response = response


# LocalStack ships no types: its endpoints and contexts are `Any` here.
def _serve(original: Any, endpoint: Any, request: Request, **arguments: Any) -> Response:  # noqa: ANN401
    try:
        return original(endpoint, request, **arguments)
    except _BlockedError as error:
        return error.response


def _prepare(original: Any, endpoint: Any, request: Request, api_id: str, stage: str) -> Any:  # noqa: ANN401
    context, response = original(endpoint, request, api_id, stage)
    _judge(request, context)
    return context, response


def _judge(request: Request, context: Any) -> None:  # noqa: ANN401
    """Evaluate the web ACL, and insert its headers into an allowed request.

    Raises:
        _BlockedError: The request is blocked.
    """
    from thumbpipe_localstack.wafv2 import state  # noqa: PLC0415 - see above
    from thumbpipe_localstack.wafv2.verdict import judge  # noqa: PLC0415

    deployment = context.deployment
    arn = f"arn:aws:apigateway:{deployment.region}::/restapis/{context.api_id}/stages/{context.stage}"
    acl = state.associations().get(arn)
    if acl is None:
        return
    source = f"{deployment.account_id}:{context.api_id}:{context.stage}"
    verdict = judge(acl, _web_request(request, context.stage, source))
    if not verdict.allowed:
        raise _BlockedError(_answer(verdict))
    for name, value in verdict.inserted_headers:
        request.headers[name] = value


def _web_request(request: Request, stage: str, source: str) -> Any:  # noqa: ANN401
    from thumbpipe_localstack.wafv2.verdict import WebRequest  # noqa: PLC0415 - see above

    path, _, query = (request.environ.get("RAW_URI") or request.full_path).partition("?")
    headers = list(request.headers)
    country = request.headers.get("CloudFront-Viewer-Country")
    return WebRequest(
        source_ip=request.remote_addr or "127.0.0.1",
        method=request.method,
        uri_path=_path_at_aws(path, stage),
        query_string=query,
        headers=headers,
        body=request.get_data(),
        http_version=request.environ.get("SERVER_PROTOCOL", "HTTP/1.1"),
        received_at=time.time(),
        country=country,
        source_name="APIGW",
        source_id=source,
    )


def _path_at_aws(path: str, stage: str) -> str:
    """Return the path as on AWS: in LocalStack's own URLs the API's id precedes the stage."""
    for prefix in ("/_aws/execute-api/", "/restapis/"):
        if path.startswith(prefix):
            rest = path.removeprefix(prefix).partition("/")[2]
            return f"/{rest.replace('/_user_request_', '', 1)}" if rest else f"/{stage}"
    return path


def _answer(verdict: Any) -> Response:  # noqa: ANN401
    """Return the custom response, or API Gateway's own for blocked requests."""
    response = Response(verdict.body, status=verdict.status)
    if not verdict.body and not verdict.headers and verdict.status == 403:  # noqa: PLR2004 - Forbidden
        response = Response('{"message":"Forbidden"}', status=403)
        response.headers["Content-Type"] = "application/json"
        response.headers["x-amzn-ErrorType"] = "ForbiddenException"
    for name, value in verdict.headers:
        response.headers[name] = value
    return response
