"""The hook by which LocalStack finds the distributions' server."""

import os

from localstack.runtime import hooks

_DEFAULT_CACHE_MB = 256
_MIB = 1 << 20


def _cache_bytes() -> int:
    return int(float(os.environ.get("CLOUDFRONT_CACHE_MB") or _DEFAULT_CACHE_MB) * _MIB)


@hooks.on_infra_start()  # type: ignore[untyped-decorator] # LocalStack ships no types
def serve_distributions() -> None:
    """Put the distributions before all that LocalStack does with a request.

    Their answers are the edge's own: LocalStack's checks of origins, its decoding of bodies and its search for the
    service that is meant are for its APIs.
    """
    # Here, not above: the imports take time, and plugins are loaded when their names are listed, too.
    from localstack.runtime import get_current_runtime  # noqa: PLC0415
    from localstack.services.edge import ROUTER  # noqa: PLC0415

    from thumbpipe_localstack.cloudfront.edge.cache import Cache  # noqa: PLC0415
    from thumbpipe_localstack.cloudfront.edge.listening import EdgeServer  # noqa: PLC0415
    from thumbpipe_localstack.cloudfront.edge.twisted_limits import let_edge_decide  # noqa: PLC0415

    let_edge_decide()
    server = EdgeServer(Cache(_cache_bytes()))
    server.serve_unserved_network()
    get_current_runtime().components.gateway.request_handlers.insert(0, server.handle)
    ROUTER.add("/_aws/cloudfront/distributions", server.list_distributions, methods=["GET"])
