"""Validation of the response that a function returned: a generated one, or a changed one."""

import base64
import binascii
from collections.abc import Mapping
from typing import Any, Final

from thumbpipe_localstack.cloudfront.js.returned_fields import (
    InvalidValueError,
    Returned,
    read_fields,
    require_object,
)
from thumbpipe_localstack.cloudfront.js.returned_headers import READ_ONLY_IN_RESPONSE, merge_headers, put_set_cookies
from thumbpipe_localstack.cloudfront.messages import EdgeResponse

_LARGEST_BODY: Final = 40_960
_FIRST_STATUS: Final = 200
_LAST_STATUS: Final = 599


def read_generated_response(returned: Returned) -> EdgeResponse:
    """Return the response that a viewer-request function generated.

    Raises:
        InvalidValueError: It is invalid.
    """
    nothing = EdgeResponse(status=0, result="FunctionGeneratedResponse")
    return read_response(returned, {"headers": {}, "cookies": {}}, nothing)


def read_response(value: object, shown: Mapping[str, Any], response: EdgeResponse) -> EdgeResponse:
    """Return a response with a function's changes.

    Args:
        value: What the function returned.
        shown: The response in the function's event.
        response: The response itself.

    Raises:
        InvalidValueError: It is invalid.
    """
    returned = require_object(value, "the returned value")
    asked = read_fields(returned.get("headers"), shown["headers"], "response.headers")
    headers = merge_headers(asked, shown["headers"], response.headers, "response", READ_ONLY_IN_RESPONSE)
    cookies = read_fields(returned.get("cookies"), shown["cookies"], "response.cookies")
    put_set_cookies(headers, cookies)
    body = _read_body(returned["body"]) if returned.get("body") is not None else response.body
    return EdgeResponse(status=_read_status(returned), headers=headers, body=body, result=response.result)


def _read_status(returned: Returned) -> int:
    status = returned.get("statusCode")
    if status is None:
        raise InvalidValueError("response.statusCode is missing")
    if not isinstance(status, int) or isinstance(status, bool) or not _FIRST_STATUS <= status <= _LAST_STATUS:
        raise InvalidValueError("response.statusCode is not a status that a function may answer with")
    return status


def _read_body(body: object) -> bytes:
    if isinstance(body, str):
        body = {"encoding": "text", "data": body}
    fields = require_object(body, "response.body")
    data, encoding = fields.get("data"), fields.get("encoding", "text")
    if not isinstance(data, str):
        raise InvalidValueError("response.body.data is missing")
    if encoding not in ("text", "base64"):
        raise InvalidValueError("response.body.encoding is neither text nor base64")
    decoded = data.encode("utf-8", "replace") if encoding == "text" else _decode(data)
    if len(decoded) > _LARGEST_BODY:
        raise InvalidValueError("response.body is too large")
    return decoded


def _decode(data: str) -> bytes:
    try:
        return base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError) as error:
        raise InvalidValueError("response.body.data is not base64") from error
