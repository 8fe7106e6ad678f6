"""The flow of a request through a distribution, in CloudFront's order."""

import dataclasses
import logging
import time
from email.utils import formatdate
from typing import Final

from werkzeug.datastructures import Headers

from thumbpipe_localstack.cloudfront.edge.cache.entries import Cache
from thumbpipe_localstack.cloudfront.edge.cache.fetching import fetch
from thumbpipe_localstack.cloudfront.edge.model.distribution import Behaviour, Edge
from thumbpipe_localstack.cloudfront.edge.origins.headers import CONDITIONS
from thumbpipe_localstack.cloudfront.edge.viewer.admission import admit
from thumbpipe_localstack.cloudfront.edge.viewer.cloudfront_headers import set_cloudfront_headers
from thumbpipe_localstack.cloudfront.edge.viewer.firewall import refusal
from thumbpipe_localstack.cloudfront.edge.viewer.request_syntax import check_request, is_path
from thumbpipe_localstack.cloudfront.edge.viewer.response_policy import apply_policy
from thumbpipe_localstack.cloudfront.error_pages import EdgeError, blocked, error_response, internal_error
from thumbpipe_localstack.cloudfront.js.invoke import run_viewer_request, run_viewer_response
from thumbpipe_localstack.cloudfront.location import POP, via
from thumbpipe_localstack.cloudfront.messages import EdgeResponse, ViewerRequest
from thumbpipe_localstack.cloudfront.signing.check import AccessRefused, check_access
from thumbpipe_localstack.cloudfront.telemetry.record import record

LOG: Final = logging.getLogger(__name__)

_OK: Final = 200
_COUNTRY: Final = "CloudFront-Viewer-Country"
_BODILESS: Final = (204, 304)
# Viewer-response functions run for these results only.
_FROM_ORIGIN: Final = ("Hit", "Miss", "RefreshHit")


def serve(cache: Cache, edge: Edge, request: ViewerRequest) -> EdgeResponse:
    """Serve a viewer's request, and record it in logs and metrics. Errors become responses."""
    waf_action = None
    try:
        check_request(request)
        country = request.headers.get(_COUNTRY, "")  # replaceable in tests
        refused = refusal(edge, request, country) if edge.web_acl else None
        if edge.web_acl:
            waf_action = "BLOCK" if refused else "ALLOW"
        if refused:
            response = _replace_error(cache, edge, request, refused)
            _apply_policy_of(_behaviour_of(edge, request), request, response)
        else:
            response = _serve(cache, edge, request, country)
    except EdgeError as error:
        response = _answer_error(edge, request, error)
    except Exception:
        LOG.exception("Request to distribution %s failed", edge.distribution.id)
        response = _answer_error(edge, request, internal_error())
    return _complete(edge, request, response, waf_action)


def refuse(edge: Edge, request: ViewerRequest, error: EdgeError) -> EdgeResponse:
    """Respond with an error to a request that could not be parsed beyond its distribution."""
    return _complete(edge, request, _answer_error(edge, request, error))


def _answer_error(edge: Edge, request: ViewerRequest, error: EdgeError) -> EdgeResponse:
    response = error_response(error, request.request_id)
    _apply_policy_of(_behaviour_of(edge, request), request, response)
    return response


def _behaviour_of(edge: Edge, request: ViewerRequest) -> Behaviour:
    """Return the behaviour for a request's path, or the default behaviour if the path is malformed."""
    return edge.choose(request.path) if is_path(request.path) else edge.behaviours[-1]


def _apply_policy_of(behaviour: Behaviour, request: ViewerRequest, response: EdgeResponse) -> None:
    if behaviour.response_headers is not None:
        apply_policy(behaviour.response_headers, request, response)


def _complete(
    edge: Edge, request: ViewerRequest, response: EdgeResponse, waf_action: str | None = None
) -> EdgeResponse:
    """Add CloudFront's own headers, and record the request in logs and metrics."""
    _finish(edge, request, response)
    record(
        edge.distribution,
        request,
        response,
        started=request.received_at,
        ended=time.time(),
        edge_result=response.result,
        waf_action=waf_action,
    )
    return response


def _serve(cache: Cache, edge: Edge, request: ViewerRequest, country: str) -> EdgeResponse:
    if not edge.enabled:
        raise blocked()
    behaviour = edge.choose(request.path)
    set_cloudfront_headers(request, behaviour.caching, country)
    try:
        redirect = admit(edge, behaviour, request, country)
        response = redirect or _serve_behaviour(cache, edge, behaviour, request)
    except EdgeError as error:
        response = error_response(error, request.request_id)
    except AccessRefused as error:
        response = EdgeResponse(status=error.status, headers=error.headers, body=error.body, result="Error")
    response = _replace_error(cache, edge, request, response)
    _apply_policy_of(behaviour, request, response)
    if behaviour.viewer_response is not None and response.result in _FROM_ORIGIN:
        response = run_viewer_response(behaviour.viewer_response, edge.distribution, request, response)
    return response


def _serve_behaviour(cache: Cache, edge: Edge, behaviour: Behaviour, request: ViewerRequest) -> EdgeResponse:
    if behaviour.signed:
        request = check_access(request, behaviour.keys, now=time.time())
    if behaviour.viewer_request is not None:
        changed = run_viewer_request(behaviour.viewer_request, edge.distribution, request)
        if isinstance(changed, EdgeResponse):
            return changed
        request = changed
    asked_path = request.path
    if asked_path == "/" and edge.root_object:
        request = dataclasses.replace(request, path=f"/{edge.root_object}")
    return fetch(cache, edge, behaviour, request, asked_path)


def _replace_error(cache: Cache, edge: Edge, request: ViewerRequest, response: EdgeResponse) -> EdgeResponse:
    """Replace an error by the distribution's custom error page, if there is one and it can be fetched."""
    rule = edge.errors.get(response.status)
    if rule is None or not rule.page:
        return response
    asked = dataclasses.replace(request, method="GET", path=rule.page, query="", body=b"", headers=_plain(request))
    page = fetch(cache, edge, edge.choose(rule.page), asked, rule.page)
    if page.status != _OK:
        return response
    return EdgeResponse(status=rule.status, headers=page.headers, body=page.body, result="Error")


def _plain(request: ViewerRequest) -> Headers:
    """Return the headers without conditions: error pages are always complete."""
    return Headers([(name, value) for name, value in request.headers if name.lower() not in CONDITIONS])


def _finish(edge: Edge, request: ViewerRequest, response: EdgeResponse) -> None:
    """Set CloudFront's own headers, and remove the body where none is allowed."""
    headers = response.headers
    headers["X-Cache"] = f"{response.result} from cloudfront"
    headers["Via"] = via(edge.distribution.id, request.http_version)
    headers["X-Amz-Cf-Pop"] = POP
    headers["X-Amz-Cf-Id"] = request.request_id
    if "Date" not in headers:
        headers["Date"] = formatdate(time.time(), usegmt=True)
    if response.status in _BODILESS:
        response.body = b""
        headers.remove("Content-Length")
    elif request.method != "HEAD" or response.body:
        headers["Content-Length"] = str(len(response.body))
        response.body = b"" if request.method == "HEAD" else response.body
