"""GetObject and HeadObject of LocalStack's S3, called without HTTP; S3 evaluates conditions and ranges."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any, Final

from localstack.aws.api import RequestContext, ServiceException
from localstack.aws.skeleton import Skeleton
from werkzeug.datastructures import Headers

from thumbpipe_localstack.cloudfront.edge.clock import parse_date
from thumbpipe_localstack.cloudfront.edge.origins.exchange import OriginResponse

SERVER: Final = "AmazonS3"

_OVERRIDES: Final = {
    "response-cache-control": "ResponseCacheControl",
    "response-content-disposition": "ResponseContentDisposition",
    "response-content-encoding": "ResponseContentEncoding",
    "response-content-language": "ResponseContentLanguage",
    "response-content-type": "ResponseContentType",
    "response-expires": "ResponseExpires",
    "versionId": "VersionId",
}
_CONDITIONS: Final = {"If-Match": "IfMatch", "If-None-Match": "IfNoneMatch", "Range": "Range"}
_DATES: Final = {"If-Modified-Since": "IfModifiedSince", "If-Unmodified-Since": "IfUnmodifiedSince"}
_NOT_MODIFIED: Final = 304
_NOT_OF_304: Final = ("Content-Type", "Content-Encoding", "Content-Length")


def parameters(bucket: str, key: str, headers: Headers, query: Mapping[str, str]) -> dict[str, Any]:
    """Return the parameters of GetObject or HeadObject."""
    return {"Bucket": bucket, "Key": key, **dict(_find_parameters(headers, query))}


def _find_parameters(headers: Headers, query: Mapping[str, str]) -> Iterator[tuple[str, Any]]:
    for name, parameter in _OVERRIDES.items():
        if name in query:
            yield parameter, query[name]
    for name, parameter in _CONDITIONS.items():
        if name in headers:
            yield parameter, headers[name]
    for name, parameter in _DATES.items():
        if (moment := parse_date(headers.get(name))) is not None:  # an invalid date is ignored
            yield parameter, moment


def read(skeleton: Skeleton, context: RequestContext) -> OriginResponse:
    """Get an object or its headers.

    Raises:
        ServiceException: S3's error.
    """
    operation = context.operation
    try:
        output = skeleton.dispatch_table[operation.name](context, context.service_request)
    except ServiceException as error:
        if error.status_code != _NOT_MODIFIED:
            raise
        return _confirm(skeleton, context)
    return OriginResponse(
        status=int(output.get("StatusCode") or 200),
        headers=_write_headers(operation.output_shape, output),
        body=_read_body(output.get("Body")),
    )


def _confirm(skeleton: Skeleton, context: RequestContext) -> OriginResponse:
    """Return 304 with the object's headers."""
    asked = {name: context.service_request[name] for name in ("Bucket", "Key")}
    output = skeleton.dispatch_table["HeadObject"](context, asked)
    headers = _write_headers(context.operation.output_shape, output)
    for name in _NOT_OF_304:
        headers.remove(name)
    return OriginResponse(status=_NOT_MODIFIED, headers=headers, body=b"")


def _read_body(stream: Any) -> bytes:  # noqa: ANN401 - LocalStack ships no types
    if stream is None:
        return b""
    try:
        return b"".join(stream)
    finally:
        stream.close()  # it holds the object's read lock


def _write_headers(shape: Any, output: Mapping[str, Any]) -> Headers:  # noqa: ANN401
    """Convert an operation's output to headers, by the service model."""
    headers = Headers([("Server", SERVER)])
    members = shape.members
    for name, value in output.items():
        member = members.get(name)
        place = member.serialization.get("location") if member is not None and value is not None else None
        if place == "headers":
            headers.extend([(member.serialization["name"] + key, text) for key, text in value.items()])
        elif place == "header":
            headers.add(member.serialization.get("name", name), _as_text(value))
    return headers


def _as_text(value: Any) -> str:  # noqa: ANN401
    if isinstance(value, bool):
        return "true" if value else "false"
    return format_datetime(value.astimezone(UTC), usegmt=True) if isinstance(value, datetime) else str(value)
