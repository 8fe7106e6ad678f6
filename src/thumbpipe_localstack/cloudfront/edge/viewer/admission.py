"""Access rules: geo restriction, and a behaviour's viewer protocol and methods."""

from typing import Final

from thumbpipe_localstack.cloudfront.edge.model.distribution import Behaviour, Edge
from thumbpipe_localstack.cloudfront.error_pages import (
    EdgeError,
    bad_method,
    blocked,
    blocked_country,
    redirect_response,
)
from thumbpipe_localstack.cloudfront.messages import EdgeResponse, ViewerRequest

_READING: Final = ("GET", "HEAD")


def admit(edge: Edge, behaviour: Behaviour, request: ViewerRequest, country: str) -> EdgeResponse | None:
    """Check whether a request may be served, in CloudFront's order: country, scheme, method, body.

    Returns:
        A redirect to HTTPS if the behaviour requires one, or None: the request is admitted.

    Raises:
        EdgeError: 403.
    """
    _check_country(edge, country)
    if request.scheme == "http" and behaviour.viewer_protocol == "redirect-to-https":
        return _redirect(request)
    if request.method not in behaviour.methods:
        raise bad_method(cachable_only="POST" not in behaviour.methods)
    if request.scheme == "http" and behaviour.viewer_protocol == "https-only":
        raise EdgeError(403, "Bad request.")
    if request.body and request.method in _READING:
        raise blocked()
    return None


def _check_country(edge: Edge, country: str) -> None:
    listed = country in edge.countries
    restriction = edge.geo_restriction
    if country and ((restriction == "whitelist" and not listed) or (restriction == "blacklist" and listed)):
        raise blocked_country()


def _redirect(request: ViewerRequest) -> EdgeResponse:
    query = f"?{request.query}" if request.query else ""
    response = redirect_response(f"https://{request.authority}{request.path}{query}")
    if request.method not in _READING:
        response.status = 307
    return response
