"""A request through a distribution, in CloudFront's order."""

import dataclasses
import logging
import time
from email.utils import formatdate

from werkzeug.datastructures import Headers

from thumbpipe_localstack.cloudfront.edge.cache import Cache
from thumbpipe_localstack.cloudfront.edge.checks import check_behaviour, check_country, check_request, is_path
from thumbpipe_localstack.cloudfront.edge.errors import (
    EdgeError,
    blocked,
    error_response,
    internal_error,
    redirect_response,
)
from thumbpipe_localstack.cloudfront.edge.fetching import fetch
from thumbpipe_localstack.cloudfront.edge.firewall import refusal
from thumbpipe_localstack.cloudfront.edge.headers import CONDITIONS, POP, set_cloudfront_headers, via
from thumbpipe_localstack.cloudfront.edge.model import Behaviour, Edge
from thumbpipe_localstack.cloudfront.edge.patterns import normalise
from thumbpipe_localstack.cloudfront.edge.response_policy import apply_policy
from thumbpipe_localstack.cloudfront.js.invoke import run_viewer_request, run_viewer_response
from thumbpipe_localstack.cloudfront.messages import EdgeResponse, ViewerRequest
from thumbpipe_localstack.cloudfront.signing.check import AccessRefused, check_access
from thumbpipe_localstack.cloudfront.telemetry.record import record

LOG = logging.getLogger(__name__)

_OK = 200
_READING = ("GET", "HEAD")
_COUNTRY = "CloudFront-Viewer-Country"
_BODILESS = (204, 304)
_FROM_ORIGIN = ("Hit", "Miss", "RefreshHit")  # no function of the viewer's response runs for errors and other answers


def serve(cache: Cache, edge: Edge, request: ViewerRequest) -> EdgeResponse:
    """Answer a viewer's request, whatever happens, and have it logged and counted."""
    waf_action = None
    try:
        check_request(request)
        country = request.headers.get(_COUNTRY, "")  # so that tests can choose it
        blocked_by_waf = refusal(edge, request, country) if edge.web_acl else None
        if edge.web_acl:
            waf_action = "BLOCK" if blocked_by_waf else "ALLOW"
        if blocked_by_waf:
            response = _replace_error(cache, edge, request, blocked_by_waf)
            _apply_policy_of(_behaviour_of(edge, request), request, response)
        else:
            response = _serve(cache, edge, request, country)
    except EdgeError as err:
        response = _answer_error(edge, request, err)
    except Exception:
        LOG.exception("a request to distribution %s failed", edge.distribution.id)
        response = _answer_error(edge, request, internal_error())
    return _complete(edge, request, response, waf_action)


def refuse(edge: Edge, request: ViewerRequest, error: EdgeError) -> EdgeResponse:
    """Answer a request of which nothing more than the distribution is to be known."""
    return _complete(edge, request, _answer_error(edge, request, error))


def _answer_error(edge: Edge, request: ViewerRequest, error: EdgeError) -> EdgeResponse:
    response = error_response(error, request.request_id)
    _apply_policy_of(_behaviour_of(edge, request), request, response)
    return response


def _behaviour_of(edge: Edge, request: ViewerRequest) -> Behaviour:
    """Return whose rules hold for a request's path: those of the default behaviour where it is no path."""
    return edge.choose(normalise(request.path)) if is_path(request.path) else edge.behaviours[-1]


def _apply_policy_of(behaviour: Behaviour, request: ViewerRequest, response: EdgeResponse) -> None:
    if behaviour.response_headers is not None:
        apply_policy(behaviour.response_headers, request, response)


def _complete(
    edge: Edge, request: ViewerRequest, response: EdgeResponse, waf_action: str | None = None
) -> EdgeResponse:
    """Give an answer CloudFront's own headers, and have it logged and counted."""
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
    behaviour = edge.choose(normalise(request.path))
    set_cloudfront_headers(request, behaviour.caching, country)
    try:
        check_country(edge, country)
        response = _serve_behaviour(cache, edge, behaviour, request)
    except EdgeError as err:
        response = error_response(err, request.request_id)
    except AccessRefused as err:
        response = EdgeResponse(status=err.status, headers=err.headers, body=err.body, result="Error")
    response = _replace_error(cache, edge, request, response)
    _apply_policy_of(behaviour, request, response)
    if behaviour.viewer_response is not None and response.result in _FROM_ORIGIN:
        response = run_viewer_response(behaviour.viewer_response, edge.distribution, request, response)
    return response


def _serve_behaviour(cache: Cache, edge: Edge, behaviour: Behaviour, request: ViewerRequest) -> EdgeResponse:
    if request.scheme == "http" and behaviour.viewer_protocol == "redirect-to-https":
        return _redirect(request)
    check_behaviour(behaviour, request)
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


def _redirect(request: ViewerRequest) -> EdgeResponse:
    query = f"?{request.query}" if request.query else ""
    response = redirect_response(f"https://{request.authority}{request.path}{query}")
    if request.method not in _READING:
        response.status = 307
    return response


def _replace_error(cache: Cache, edge: Edge, request: ViewerRequest, response: EdgeResponse) -> EdgeResponse:
    """Put the distribution's own page in the place of an error, where it has one that can be fetched."""
    rule = edge.errors.get(response.status)
    if rule is None or not rule.page:
        return response
    asked = dataclasses.replace(request, method="GET", path=rule.page, query="", body=b"", headers=_plain(request))
    page = fetch(cache, edge, edge.choose(normalise(rule.page)), asked, rule.page)
    if page.status != _OK:
        return response
    return EdgeResponse(status=rule.status, headers=page.headers, body=page.body, result="Error")


def _plain(request: ViewerRequest) -> Headers:
    """Return the headers without conditions: an error page is sent whole."""
    return Headers([(name, value) for name, value in request.headers if name.lower() not in CONDITIONS])


def _finish(edge: Edge, request: ViewerRequest, response: EdgeResponse) -> None:
    """Set CloudFront's own headers, and take away the body where there must be none."""
    headers = response.headers
    headers["X-Cache"] = f"{response.result} from cloudfront"
    headers["Via"] = via(edge, request.http_version)
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
