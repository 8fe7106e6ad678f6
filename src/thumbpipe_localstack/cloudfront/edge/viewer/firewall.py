"""A distribution's web ACL, evaluated before the cache."""

from werkzeug.datastructures import Headers

from thumbpipe_localstack.cloudfront.edge.model.distribution import Edge
from thumbpipe_localstack.cloudfront.error_pages import EdgeError, error_response
from thumbpipe_localstack.cloudfront.messages import EdgeResponse, ViewerRequest
from thumbpipe_localstack.wafv2.verdict import Verdict, WebRequest, judge


def refusal(edge: Edge, request: ViewerRequest, country: str) -> EdgeResponse | None:
    """Evaluate the web ACL for a request.

    Returns:
        The response to a blocked request, or None; then the headers that rules insert are added to the request.
    """
    verdict = judge(
        edge.web_acl,
        WebRequest(
            source_ip=request.client_ip,
            method=request.method,
            uri_path=request.path,
            query_string=request.query,
            headers=list(request.headers),
            body=request.body,
            http_version=request.http_version,
            received_at=request.received_at,
            country=country or None,
            source_name="CF",
            source_id=edge.distribution.id,
            request_id=request.request_id,
        ),
    )
    if not verdict.allowed:
        return _blocked(verdict, request)
    for name, value in verdict.inserted_headers:
        request.headers[name] = value
    return None


def _blocked(verdict: Verdict, request: ViewerRequest) -> EdgeResponse:
    if not verdict.headers and not verdict.body:
        return error_response(EdgeError(verdict.status, "Request blocked."), request.request_id)
    headers = Headers([("Server", "CloudFront"), *verdict.headers])
    return EdgeResponse(status=verdict.status, headers=headers, body=verdict.body, result="Error")
