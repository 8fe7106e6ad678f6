"""REST APIs, function URLs and websites of buckets as origins, called within this process."""

from urllib.parse import unquote

from localstack.http import Request, Response
from localstack.services.edge import ROUTER
from localstack.services.plugins import SERVICE_PLUGINS
from werkzeug.datastructures import Headers
from werkzeug.exceptions import HTTPException

from thumbpipe_localstack.cloudfront.edge.model.distribution import Origin
from thumbpipe_localstack.cloudfront.edge.origins.exchange import OriginRequest, OriginResponse


def ask_engine(origin: Origin, request: OriginRequest) -> OriginResponse:
    """Send a request to what LocalStack serves at a host name of its own."""
    service, host = _locate(origin)
    SERVICE_PLUGINS.require(service)
    # LocalStack's websites know no HEAD.
    method = "GET" if origin.website and request.method == "HEAD" else request.method
    response = _dispatch(request, method, host)
    headers = Headers(list(response.headers))
    try:
        body = b"" if method == "HEAD" else response.get_data()
    finally:
        response.close()
    if method != "HEAD":
        headers.remove("Content-Length")
    if method != request.method:
        headers["Content-Length"], body = str(len(body)), b""
    return OriginResponse(status=response.status_code, headers=headers, body=body)


def _locate(origin: Origin) -> tuple[str, str]:
    """Return the service, and the host under which LocalStack's routes know the origin."""
    region = origin.region or "us-east-1"
    if origin.website:
        return "s3", f"{origin.website}.s3-website.{region}.amazonaws.com"
    if origin.function_url:
        return "lambda", f"{origin.function_url}.lambda-url.{region}.on.aws"
    return "apigateway", f"{origin.api}.execute-api.{region}.amazonaws.com"


def _dispatch(request: OriginRequest, method: str, host: str) -> Response:
    headers = Headers(request.headers)
    headers["Host"] = host
    headers["Remote-Addr"] = request.client_ip  # where LocalStack's function URLs look for it
    asked = Request(
        method,
        path=unquote(request.path),
        raw_path=request.path,
        query_string=request.query,
        headers=headers,
        body=request.body,
        remote_addr=request.client_ip,
    )
    try:
        return ROUTER.dispatch(asked)
    except HTTPException as error:  # no route: nothing of that name, or a path that werkzeug redirects
        return error.get_response()
