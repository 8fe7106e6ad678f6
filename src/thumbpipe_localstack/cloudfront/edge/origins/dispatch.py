"""Sends a request to an origin of its kind, with failover in origin groups."""

from typing import Final

from thumbpipe_localstack.cloudfront.edge.model.distribution import Behaviour, Edge, Origin
from thumbpipe_localstack.cloudfront.edge.origins.exchange import OriginRequest, OriginResponse
from thumbpipe_localstack.cloudfront.edge.origins.headers import origin_request
from thumbpipe_localstack.cloudfront.edge.origins.http_origin import UNRESOLVED, ask_server
from thumbpipe_localstack.cloudfront.error_pages import EdgeError
from thumbpipe_localstack.cloudfront.messages import ViewerRequest

_FAILOVER_METHODS: Final = ("GET", "HEAD", "OPTIONS")


def ask_origin(
    edge: Edge, behaviour: Behaviour, request: ViewerRequest, *, encoding: str, keep_conditions: bool
) -> OriginResponse:
    """Send a request to a behaviour's origin.

    Raises:
        EdgeError: The origin cannot be reached, or its response is invalid.
    """

    def ask(origin: Origin) -> OriginResponse:
        asked = origin_request(
            edge, origin, behaviour.caching, request, encoding=encoding, keep_conditions=keep_conditions
        )
        return _ask_by_kind(origin, asked)

    target = behaviour.target
    if target.failover is None or request.method not in _FAILOVER_METHODS:
        return ask(target.origin)
    try:
        answer = ask(target.origin)
    except EdgeError as error:
        if error.status not in target.failover_statuses:
            raise
        return ask(target.failover)
    return ask(target.failover) if answer.status in target.failover_statuses else answer


def _ask_by_kind(origin: Origin, request: OriginRequest) -> OriginResponse:
    # Buckets, their websites, APIs and functions need LocalStack; custom origins work without it.
    if origin.bucket:
        from thumbpipe_localstack.cloudfront.edge.origins.s3_origin import fetch_from_bucket  # noqa: PLC0415 - imported where it is needed

        return fetch_from_bucket(origin, request)
    if origin.api or origin.website or origin.function_url:
        from thumbpipe_localstack.cloudfront.edge.origins.engine_origin import ask_engine  # noqa: PLC0415

        return ask_engine(origin, request)
    if origin.is_nowhere:
        raise UNRESOLVED
    return ask_server(origin, request)
