"""What a request leaves behind: a line in the access logs, and its part of the metrics."""

from typing import TYPE_CHECKING, Final

from thumbpipe_localstack.cloudfront.messages import EdgeResponse, ViewerRequest
from thumbpipe_localstack.cloudfront.telemetry import access_logs, metrics
from thumbpipe_localstack.cloudfront.telemetry.background import BACKGROUND, Outlet
from thumbpipe_localstack.cloudfront.telemetry.served_request import Exchange

if TYPE_CHECKING:  # LocalStack is in the store, and what is pure here is to be of use without it
    from thumbpipe_localstack.cloudfront.store import Distribution

_METRICS: Final = Outlet(BACKGROUND, metrics.write)
_LOGS: Final = Outlet(BACKGROUND, access_logs.write)


def record(  # noqa: PLR0913 - the interface of the edge
    distribution: "Distribution",
    request: ViewerRequest,
    response: EdgeResponse,
    *,
    started: float,
    ended: float,
    edge_result: str,
    waf_action: str | None = None,
) -> None:
    """Take note of a request that was answered; it is written within some seconds, in another thread.

    Args:
        distribution: Which one answered.
        request: As it came from the viewer: what a function made of it is not what is logged.
        response: As it goes to the viewer, its headers complete.
        started: When the request came, in seconds since the epoch.
        ended: When it was answered.
        edge_result: CloudFront's result type.
        waf_action: What the web ACL did with it, if there is one.
    """
    exchange = Exchange(
        distribution=distribution,
        method=request.method,
        scheme=request.scheme,
        authority=request.authority,
        path=request.path,
        query=request.query,
        headers=request.headers,
        client_ip=request.client_ip,
        http_version=request.http_version,
        request_id=request.request_id,
        status=response.status,
        answer_headers=response.headers,
        received_body=len(request.body),
        sent_body=len(response.body),
        started=started,
        ended=ended,
        result="Error" if waf_action == "BLOCK" else edge_result,
    )
    _METRICS.put(exchange)
    _LOGS.put(exchange)
