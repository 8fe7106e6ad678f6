"""S3 origins: read inside this process, as the bucket's policy admits this distribution."""

import functools
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import parse_qsl, unquote_to_bytes

from localstack.aws.api import CommonServiceException, RequestContext
from localstack.aws.protocol.parser import ProtocolParserError, create_parser
from localstack.aws.protocol.serializer import create_serializer
from localstack.aws.spec import load_service
from localstack.http import Request, Response
from localstack.services.plugins import SERVICE_PLUGINS
from werkzeug.datastructures import Headers

from thumbpipe_localstack.cloudfront.edge.exchange import OriginRequest, OriginResponse
from thumbpipe_localstack.cloudfront.edge.model import Origin
from thumbpipe_localstack.cloudfront.edge.s3_access import find_bucket, require_access

_PROTOCOL = "rest-xml"
_OF_OBJECT = {"GET": "GetObject", "HEAD": "HeadObject"}
# Query parameters that make a GET of an object another operation.
_SUBRESOURCES = frozenset(
    {"acl", "attributes", "legal-hold", "partNumber", "retention", "tagging", "torrent", "uploadId"}
)
_PARAMETERS = {
    "response-cache-control": "ResponseCacheControl",
    "response-content-disposition": "ResponseContentDisposition",
    "response-content-encoding": "ResponseContentEncoding",
    "response-content-language": "ResponseContentLanguage",
    "response-content-type": "ResponseContentType",
    "response-expires": "ResponseExpires",
    "versionId": "VersionId",
}
# Conditions are parameters of the operation; dates are read as the parser reads them.
_CONDITIONS = {"If-Match": "IfMatch", "If-None-Match": "IfNoneMatch", "Range": "Range"}
_DATES = {"If-Modified-Since": "IfModifiedSince", "If-Unmodified-Since": "IfUnmodifiedSince"}


@functools.cache
def _model() -> Any:  # noqa: ANN401 - LocalStack ships no types
    return load_service("s3")


def fetch_from_bucket(origin: Origin, request: OriginRequest) -> OriginResponse:
    """Ask a bucket."""
    context = _make_context(origin, request)
    skeleton = SERVICE_PLUGINS.require("s3").skeleton
    try:
        context.operation, context.service_request = _describe(origin, request, context.request)
        require_access(origin, request, context)
    except CommonServiceException as err:
        serializer = create_serializer(context.service, context.protocol)
        context.operation = context.operation or _model().operation_model("GetObject")
        response = serializer.serialize_error_to_response(
            err, context.operation, context.request.headers, context.request_id
        )
    else:
        response = skeleton.invoke(context)
    return _read(request, response)


def _read(request: OriginRequest, response: Response) -> OriginResponse:
    try:
        body = b"" if request.method == "HEAD" else response.get_data()
    finally:
        response.close()  # the object's read lock
    headers = Headers([(name, value) for name, value in response.headers if name.lower() not in ("server", "date")])
    if request.method != "HEAD":
        headers.remove("Content-Length")
    headers["Server"] = "AmazonS3"
    return OriginResponse(status=response.status_code, headers=headers, body=body)


def _make_context(origin: Origin, request: OriginRequest) -> RequestContext:
    found = find_bucket(origin.bucket or "")
    region = found.bucket_region if found else (origin.region or "us-east-1")
    headers = Headers([(name, value) for name, value in request.headers if name.lower() not in ("host", "origin")])
    headers["Host"] = f"s3.{region}.amazonaws.com"
    path = f"/{origin.bucket}{request.path}"
    raw = Request(
        request.method,
        path=unquote_to_bytes(path).decode("utf-8", "replace"),
        raw_path=path,
        query_string=request.query,
        headers=headers,
        body=request.body,
        remote_addr=request.client_ip,
    )
    context = RequestContext(raw)
    context.service, context.protocol = _model(), _PROTOCOL
    context.region = region
    context.account_id = found.bucket_account_id if found else request.account_id
    return context


def _describe(origin: Origin, request: OriginRequest, raw: Request) -> tuple[Any, dict[str, Any]]:
    """Return S3's operation and its parameters.

    Objects are named by the exact bytes of the path: the parser would lose slashes.
    """
    try:
        key = unquote_to_bytes(request.path[1:]).decode()
    except UnicodeDecodeError:
        raise CommonServiceException("InvalidURI", "Couldn't parse the specified URI.", 400) from None
    query = dict(parse_qsl(request.query, keep_blank_values=True))
    if key and request.method in _OF_OBJECT and not _SUBRESOURCES & query.keys():
        parameters = {"Bucket": origin.bucket, "Key": key, **dict(_object_parameters(request.headers, query))}
        return _model().operation_model(_OF_OBJECT[request.method]), parameters
    try:
        operation, parameters = create_parser(_model(), _PROTOCOL).parse(raw)
    except ProtocolParserError:
        raise CommonServiceException(
            "MethodNotAllowed", "The specified method is not allowed against this resource.", 405
        ) from None
    if key and "Key" in parameters:
        parameters["Key"] = key
    return operation, parameters


def _object_parameters(headers: Headers, query: dict[str, str]) -> Iterator[tuple[str, Any]]:
    for name, parameter in _PARAMETERS.items():
        if name in query:
            yield parameter, query[name]
    for name, parameter in _CONDITIONS.items():
        if name in headers:
            yield parameter, headers[name]
    for name, parameter in _DATES.items():
        if name in headers:
            try:
                yield parameter, parsedate_to_datetime(headers[name])
            except ValueError:
                continue  # what is no date is no condition
