"""Runs the functions that are associated with a behaviour."""

import html
import json
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from thumbpipe_localstack.cloudfront.error_pages import EdgeError, error_response
from thumbpipe_localstack.cloudfront.js.engine import FunctionFailedError, Run, execute
from thumbpipe_localstack.cloudfront.js.events import show_event
from thumbpipe_localstack.cloudfront.js.logs import log_run
from thumbpipe_localstack.cloudfront.js.returned_fields import InvalidValueError
from thumbpipe_localstack.cloudfront.js.returned_request import read_result
from thumbpipe_localstack.cloudfront.js.returned_response import read_response
from thumbpipe_localstack.cloudfront.messages import EdgeResponse, ViewerRequest

if TYPE_CHECKING:  # the store imports LocalStack, which this module does not need
    from thumbpipe_localstack.cloudfront.store import Distribution, Function

_COULD_NOT_RUN: Final = (
    "The CloudFront function associated with the CloudFront distribution is invalid or could not run."
)


def run_viewer_request(
    function: "Function", distribution: "Distribution", request: ViewerRequest
) -> ViewerRequest | EdgeResponse:
    """Run the LIVE stage of a viewer-request function.

    Returns:
        The request as the function changed it, or a response: the function's own, or CloudFront's error page.
    """
    event = show_event("viewer-request", distribution, request)
    run = execute(*_live_code(function), json.dumps(event))
    result: ViewerRequest | EdgeResponse
    try:
        result = read_result(run.require_value(), event["request"], request)
    except (InvalidValueError, FunctionFailedError) as error:
        result = _refuse(error, request)
        run = _with_error(run, str(error))
    log_run(function, distribution, request.request_id, run)
    return result


def run_viewer_response(
    function: "Function", distribution: "Distribution", request: ViewerRequest, response: EdgeResponse
) -> EdgeResponse:
    """Run the LIVE stage of a viewer-response function, unless the response is an error.

    Returns:
        The response as the function changed it, or CloudFront's error page.
    """
    if response.status >= HTTPStatus.BAD_REQUEST:
        return response
    event = show_event("viewer-response", distribution, request, response)
    run = execute(*_live_code(function), json.dumps(event))
    try:
        result = read_response(run.require_value(), event["response"], response)
    except (InvalidValueError, FunctionFailedError) as error:
        result = _refuse(error, request)
        run = _with_error(run, str(error))
    log_run(function, distribution, request.request_id, run)
    return result


def _live_code(function: "Function") -> tuple[bytes, str]:
    config = function.live_config or function.config
    return function.live_code or b"", config["Runtime"]


def _with_error(run: Run, error: str) -> Run:
    return Run(value=None, error=error, logs=run.logs, utilization=run.utilization)


def _refuse(err: InvalidValueError | FunctionFailedError, request: ViewerRequest) -> EdgeResponse:
    if isinstance(err, InvalidValueError):
        # The text may hold names that the viewer chose, and the page is HTML in Latin-1.
        value = html.escape(str(err)).encode("ascii", "xmlcharrefreplace").decode()
        reason = f"The CloudFront function returned an invalid value: {value}."
        return error_response(EdgeError(502, reason, "FunctionValidationError"), request.request_id)
    return error_response(EdgeError(503, _COULD_NOT_RUN, "FunctionExecutionError"), request.request_id)
