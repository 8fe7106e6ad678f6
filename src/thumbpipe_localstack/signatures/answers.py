"""Error responses as AWS sends them: each kind of API has its own codes, statuses and documents."""

import json
from dataclasses import dataclass
from typing import Any, Final
from xml.etree import ElementTree as ET

from localstack.aws.api import CommonServiceException, RequestContext
from localstack.aws.protocol.serializer import create_serializer
from localstack.http import Response
from localstack.services.s3.constants import S3_HOST_ID

from thumbpipe_localstack.signatures.refusals import Reason, RefusedError

_FORBIDDEN: Final = 403
_BAD_REQUEST: Final = 400
_UNAUTHORIZED: Final = 401

_BAD_KEY: Final = "The security token included in the request is invalid."
_BAD_SIGNATURE: Final = (
    "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key "
    "and signing method. Consult the service documentation for details."
)
_NO_HOST: Final = "'Host' or ':authority' and all 'x-amz-' headers must be 'SignedHeaders' in the AWS Authorization."


@dataclass(frozen=True, slots=True)
class _S3Words:
    code: str
    status: int
    message: str


_S3: Final = {
    Reason.UNSIGNED: _S3Words("AccessDenied", _FORBIDDEN, "Access Denied"),
    Reason.MALFORMED: _S3Words("AuthorizationHeaderMalformed", _BAD_REQUEST, "The authorization header is malformed."),
    Reason.UNKNOWN_KEY: _S3Words(
        "InvalidAccessKeyId", _FORBIDDEN, "The AWS Access Key Id you provided does not exist in our records."
    ),
    Reason.INVALID_TOKEN: _S3Words(
        "InvalidToken", _BAD_REQUEST, "The provided token is malformed or otherwise invalid."
    ),
    Reason.EXPIRED_TOKEN: _S3Words("ExpiredToken", _BAD_REQUEST, "The provided token has expired."),
    Reason.MISMATCH: _S3Words(
        "SignatureDoesNotMatch",
        _FORBIDDEN,
        "The request signature we calculated does not match the signature you provided. Check your key and signing "
        "method.",
    ),
    Reason.EXPIRED: _S3Words("AccessDenied", _FORBIDDEN, "Request has expired"),
    Reason.UNSIGNED_HEADERS: _S3Words(
        "AccessDenied", _FORBIDDEN, "There were headers present in the request which were not signed"
    ),
    Reason.WRONG_BODY: _S3Words("XAmzContentSHA256Mismatch", _BAD_REQUEST, ""),
    Reason.FORBIDDEN: _S3Words("AccessDenied", _FORBIDDEN, "Access Denied"),
}
_S3_SKEWED: Final = _S3Words(
    "RequestTimeTooSkewed",
    _FORBIDDEN,
    "The difference between the request time and the current time is too large.",
)


@dataclass(frozen=True, slots=True)
class _Words:
    """The error that services other than S3 answer with.

    Attributes:
        query: The error code of the query and rest-xml protocols.
        json: The error code of the JSON protocols.
        message: The message, unless the refusal has one.
    """

    query: str
    json: str
    message: str = ""


_MISMATCH: Final = _Words("SignatureDoesNotMatch", "InvalidSignatureException", _BAD_SIGNATURE)
_UNKNOWN: Final = _Words("InvalidClientTokenId", "UnrecognizedClientException", _BAD_KEY)
_OTHERS: Final = {
    Reason.UNSIGNED: _Words(
        "MissingAuthenticationToken", "MissingAuthenticationTokenException", "Request is missing Authentication Token"
    ),
    Reason.MALFORMED: _Words("IncompleteSignature", "IncompleteSignatureException"),
    Reason.UNKNOWN_KEY: _UNKNOWN,
    Reason.INVALID_TOKEN: _UNKNOWN,
    Reason.EXPIRED_TOKEN: _Words(
        "ExpiredToken", "ExpiredTokenException", "The security token included in the request is expired"
    ),
    Reason.MISMATCH: _MISMATCH,
    Reason.SKEWED: _MISMATCH,
    Reason.EXPIRED: _MISMATCH,
    Reason.UNSIGNED_HEADERS: _Words("SignatureDoesNotMatch", "InvalidSignatureException", _NO_HOST),
    Reason.WRONG_BODY: _MISMATCH,
    Reason.FORBIDDEN: _Words("AccessDenied", "AccessDeniedException"),
}

# EC2 has its own error codes, and only a few.
_EC2_LATE: Final = (Reason.SKEWED, Reason.EXPIRED, Reason.EXPIRED_TOKEN)


def write_s3_error(refused: RefusedError, request_id: str, *, has_body: bool) -> Response:
    """Return S3's error response."""
    words = _S3_SKEWED if refused.reason is Reason.SKEWED else _S3[refused.reason]
    message = words.message if refused.reason is Reason.SKEWED else refused.message or words.message
    root = ET.Element("Error")
    status = refused.status or (_BAD_REQUEST if refused.code else words.status)
    texts = {"Code": refused.code or words.code, "Message": message, **refused.details}
    for name, text in {**texts, "RequestId": request_id, "HostId": S3_HOST_ID}.items():
        ET.SubElement(root, name).text = _printable(text)
    document = b'<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root)
    response = Response(document if has_body else b"", status=status)
    response.headers["Content-Type"] = "application/xml"
    response.headers["x-amz-request-id"] = request_id
    response.headers["x-amz-id-2"] = S3_HOST_ID
    return response


def _printable(text: str) -> str:
    """Remove characters that XML does not allow."""
    return "".join(char for char in text if char.isprintable() or char in "\t\n\r")


def words_of_query(refused: RefusedError) -> tuple[str, str, int]:
    """Return code, message and status of the query protocol."""
    words = _OTHERS[refused.reason]
    status = _BAD_REQUEST if refused.reason is Reason.MALFORMED else _FORBIDDEN
    return words.query, refused.message or words.message, status


def service_error(refused: RefusedError, context: RequestContext) -> CommonServiceException:
    """Return the error that a service other than S3 answers with."""
    words = _OTHERS[refused.reason]
    message = refused.message or words.message
    if context.service.service_name == "ec2":
        return _ec2_error(refused)
    if context.protocol in ("query", "rest-xml") or context.service.signing_name == "sqs":
        code, message, status = words_of_query(refused)
        return CommonServiceException(code, message, status_code=status, sender_fault=True)
    status = _FORBIDDEN if context.protocol == "rest-json" else _BAD_REQUEST
    return CommonServiceException(words.json, message, status_code=status, sender_fault=True)


def _ec2_error(refused: RefusedError) -> CommonServiceException:
    if refused.reason in _EC2_LATE:
        return CommonServiceException("RequestExpired", "Request has expired.", status_code=_BAD_REQUEST)
    message = "AWS was not able to validate the provided access credentials"
    return CommonServiceException("AuthFailure", message, status_code=_UNAUTHORIZED)


def write_json_error(refused: RefusedError) -> Response:
    """Return the response of a route that belongs to no service."""
    words = _OTHERS[refused.reason]
    response = Response(json.dumps({"message": refused.message or words.message}), status=_FORBIDDEN)
    response.headers["Content-Type"] = "application/json"
    response.headers["x-amzn-ErrorType"] = words.json
    return response


def write_error(refused: RefusedError, context: RequestContext) -> Response:
    """Return the error response of the service that a request is for."""
    service = context.service
    if service is None:
        return write_json_error(refused)
    if service.service_name == "s3":
        return write_s3_error(refused, context.request_id, has_body=context.request.method != "HEAD")
    error = service_error(refused, context)
    context.service_exception = error
    # Any operation of the service will do: LocalStack serialises an undeclared error the same way for all of them.
    operation: Any = context.operation or service.operation_model(service.operation_names[0])
    serializer = create_serializer(service, context.protocol)
    return serializer.serialize_error_to_response(error, operation, context.request.headers, context.request_id)
