"""Records requests in access logs and metrics."""

from typing import TYPE_CHECKING, Final

from thumbpipe_localstack.cloudfront.messages import EdgeResponse, ViewerRequest
from thumbpipe_localstack.cloudfront.telemetry import access_logs, metrics
from thumbpipe_localstack.cloudfront.telemetry.background import BACKGROUND, Outlet
from thumbpipe_localstack.cloudfront.telemetry.served_request import Exchange

if TYPE_CHECKING:  # the store imports LocalStack, which this module does not need
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
    """Record a request that was served; it is written within seconds, in the background.

    Args:
        distribution: The distribution.
        request: The viewer's request, before a function changed it.
        response: The response as the viewer gets it.
        started: When the request was received, in seconds since the epoch.
        ended: When the response was ready, in seconds since the epoch.
        edge_result: CloudFront's result type.
        waf_action: The web ACL's action, if there is a web ACL.
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
