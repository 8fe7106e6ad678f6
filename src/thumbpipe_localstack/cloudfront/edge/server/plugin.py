"""The hook by which LocalStack starts the edge."""

import functools
import os
import threading
from typing import TYPE_CHECKING, Any, Final

from localstack.runtime import hooks

if TYPE_CHECKING:
    from thumbpipe_localstack.cloudfront.edge.server.listening import EdgeServer

_DEFAULT_CACHE_MB: Final = 256
_MIB: Final = 1 << 20
_lock = threading.Lock()  # two concurrent first requests must not create two servers


def _cache_bytes() -> int:
    return int(float(os.environ.get("CLOUDFRONT_CACHE_MB") or _DEFAULT_CACHE_MB) * _MIB)


@functools.cache
def _make_server() -> "EdgeServer":
    """Make the server."""
    # Imported here: it takes most of a second, which only distributions need.
    from thumbpipe_localstack.cloudfront.edge.cache.entries import Cache  # noqa: PLC0415
    from thumbpipe_localstack.cloudfront.edge.server.listening import EdgeServer  # noqa: PLC0415
    from thumbpipe_localstack.cloudfront.edge.server.twisted_limits import let_edge_decide  # noqa: PLC0415

    let_edge_decide()
    return EdgeServer(Cache(_cache_bytes()))


def _server() -> "EdgeServer":
    with _lock:
        return _make_server()


@hooks.on_infra_start()  # type: ignore[untyped-decorator] # LocalStack ships no types
def serve_distributions() -> None:
    """Serve distributions before LocalStack's own handlers see a request.

    LocalStack's CORS checks, decoding of bodies and detection of services are for its APIs only.
    """
    # Imported here: LocalStack loads plugins just to list them.
    from localstack.runtime import get_current_runtime  # noqa: PLC0415
    from localstack.services.edge import ROUTER  # noqa: PLC0415

    from thumbpipe_localstack.cloudfront import registry  # noqa: PLC0415
    from thumbpipe_localstack.cloudfront.edge.server.viewer_requests import host_of  # noqa: PLC0415
    from thumbpipe_localstack.gateway import names  # noqa: PLC0415
    from thumbpipe_localstack.wafv2 import protected_resources  # noqa: PLC0415

    # LocalStack ships no types: its requests, contexts and chains are `Any` here.
    def handle(chain: Any, context: Any, response: Any) -> None:  # noqa: ANN401
        distribution = registry.find_distribution(host_of(context.request))
        if distribution is not None:
            _server().serve(distribution, context.request, response)
            chain.terminate()

    def list_distributions(_request: Any) -> list[dict[str, Any]]:  # noqa: ANN401
        return _server().list_distributions()

    def follow_changes() -> None:
        if _make_server.cache_info().currsize or any(True for _ in registry.all_distributions()):
            _server().follow_changes()

    get_current_runtime().components.gateway.request_handlers.insert(0, handle)
    ROUTER.add("/_aws/cloudfront/distributions", list_distributions, methods=["GET"])
    registry.on_change(follow_changes)
    names.serve_apart(lambda host: registry.find_distribution(host) is not None)
    protected_resources.register(registry.arns_behind)
