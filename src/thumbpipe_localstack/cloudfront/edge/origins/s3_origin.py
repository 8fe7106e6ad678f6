"""S3 origins, called within this process, if the bucket's policy allows the distribution."""

import functools
from typing import Any, Final
from urllib.parse import parse_qsl, unquote_to_bytes

from localstack.aws.api import CommonServiceException, RequestContext, ServiceException
from localstack.aws.protocol.parser import ProtocolParserError, create_parser
from localstack.aws.protocol.serializer import create_serializer
from localstack.aws.spec import load_service
from localstack.http import Request, Response
from localstack.services.plugins import SERVICE_PLUGINS
from werkzeug.datastructures import Headers

from thumbpipe_localstack.cloudfront.edge.model.distribution import Origin
from thumbpipe_localstack.cloudfront.edge.origins import s3_objects
from thumbpipe_localstack.cloudfront.edge.origins.exchange import OriginRequest, OriginResponse
from thumbpipe_localstack.cloudfront.edge.origins.s3_access import find_bucket, require_access

_PROTOCOL: Final = "rest-xml"
_OF_OBJECT: Final = {"GET": "GetObject", "HEAD": "HeadObject"}
# Query parameters that turn GET of an object into another operation.
_SUBRESOURCES: Final = frozenset(
    {"acl", "attributes", "legal-hold", "partNumber", "retention", "tagging", "torrent", "uploadId"}
)
_NO_SUCH_METHOD: Final = "The specified method is not allowed against this resource."
_NO_URI: Final = "Couldn't parse the specified URI."


@functools.cache
def _model() -> Any:  # noqa: ANN401 - LocalStack ships no types
    return load_service("s3")


@functools.cache
def _operation(name: str) -> Any:  # noqa: ANN401
    return _model().operation_model(name)


def fetch_from_bucket(origin: Origin, request: OriginRequest) -> OriginResponse:
    """Send a request to a bucket."""
    context = _make_context(origin, request)
    skeleton = SERVICE_PLUGINS.require("s3").skeleton
    try:
        key = _read_key(request)
        query = dict(parse_qsl(request.query, keep_blank_values=True))
        if key and request.method in _OF_OBJECT and not _SUBRESOURCES & query.keys():
            context.operation = _operation(_OF_OBJECT[request.method])
            context.service_request = s3_objects.parameters(str(origin.bucket), key, request.headers, query)
            require_access(origin, request, context)
            return s3_objects.read(skeleton, context)
        _parse(origin, request, context, key)
        require_access(origin, request, context)
        return _answer(request, skeleton.invoke(context))
    except ServiceException as error:
        operation = context.operation or _operation("GetObject")
        serializer = create_serializer(context.service, context.protocol)
        response = serializer.serialize_error_to_response(error, operation, Headers(), context.request_id)
        return _answer(request, response)


def _answer(request: OriginRequest, response: Response) -> OriginResponse:
    body = b"" if request.method == "HEAD" else response.get_data()
    response.close()
    headers = Headers([(name, value) for name, value in response.headers if name.lower() not in ("server", "date")])
    headers.remove("Content-Length")
    headers["Server"] = s3_objects.SERVER
    return OriginResponse(status=response.status_code, headers=headers, body=body)


def _make_context(origin: Origin, request: OriginRequest) -> RequestContext:
    found = find_bucket(origin.bucket or "")
    context = RequestContext(Request(request.method, path="/", remote_addr=request.client_ip))
    context.service, context.protocol = _model(), _PROTOCOL
    context.region = found.bucket_region if found else (origin.region or "us-east-1")
    context.account_id = found.bucket_account_id if found else request.account_id
    return context


def _read_key(request: OriginRequest) -> str:
    """Return the key: the path's exact bytes, not normalised.

    Raises:
        CommonServiceException: The path is not UTF-8.
    """
    try:
        return unquote_to_bytes(request.path[1:]).decode()
    except UnicodeDecodeError:
        raise CommonServiceException("InvalidURI", _NO_URI, 400) from None


def _parse(origin: Origin, request: OriginRequest, context: RequestContext, key: str) -> None:
    """Determine which S3 operation other than GetObject and HeadObject a request means.

    Raises:
        CommonServiceException: It means none.
    """
    headers = Headers([(name, value) for name, value in request.headers if name.lower() not in ("host", "origin")])
    headers["Host"] = f"s3.{context.region}.amazonaws.com"
    path = f"/{origin.bucket}{request.path}"
    context.request = Request(
        request.method,
        path=unquote_to_bytes(path).decode(),
        raw_path=path,
        query_string=request.query,
        headers=headers,
        body=request.body,
        remote_addr=request.client_ip,
    )
    try:
        operation, parameters = create_parser(_model(), _PROTOCOL).parse(context.request)
    except ProtocolParserError:
        raise CommonServiceException("MethodNotAllowed", _NO_SUCH_METHOD, 405) from None
    if key and "Key" in parameters:
        parameters["Key"] = key  # the parser drops repeated slashes
    context.operation, context.service_request = operation, parameters
