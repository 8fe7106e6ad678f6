"""Where distributions are reached: by name at LocalStack's own port, and each at a loopback port of its own."""

import functools
import logging
import threading
import time
from typing import Any

from localstack import config
from localstack.aws.chain import HandlerChain
from localstack.http import Request, Response
from rolo.gateway import Gateway, RequestContext
from rolo.serving.twisted import TwistedGateway
from twisted.internet import reactor
from twisted.internet.threads import blockingCallFromThread

from thumbpipe_localstack.cloudfront import registry
from thumbpipe_localstack.cloudfront.edge import compiling
from thumbpipe_localstack.cloudfront.edge.cache import Cache
from thumbpipe_localstack.cloudfront.edge.pipeline import serve
from thumbpipe_localstack.cloudfront.edge.viewers import host_of, viewer_request, write_response
from thumbpipe_localstack.cloudfront.store import Distribution

LOG = logging.getLogger(__name__)

_LOOPBACK = "127.0.0.1"


class EdgeServer:
    """Serves all distributions."""

    def __init__(self, cache: Cache) -> None:
        """Make a server with a cache, which all distributions share."""
        self._cache = cache
        self._lock = threading.Lock()
        self._ports: dict[str, Any] = {}
        registry.on_invalidation(cache.invalidate)
        registry.on_change(self.follow_changes)

    def handle(self, chain: HandlerChain, context: RequestContext, response: Response) -> None:
        """Answer requests whose host is a distribution's; the rest goes on through LocalStack's chain."""
        distribution = registry.find_distribution(host_of(context.request))
        if distribution is not None:
            self._serve(distribution, context.request, response)
            chain.terminate()

    def _serve(self, distribution: Distribution, request: Request, response: Response) -> None:
        received_at = time.time()
        edge = compiling.edge_of(distribution)
        write_response(serve(self._cache, edge, viewer_request(request, received_at)), response)

    def list_distributions(self, _request: Request) -> list[dict[str, Any]]:
        """Return where each distribution is reached."""
        self.follow_changes()
        return [self._describe(distribution) for distribution in _all_distributions().values()]

    def serve_unserved_network(self) -> None:
        """Run Twisted where LocalStack runs on another server."""
        if config.GATEWAY_SERVER != "twisted":
            run = functools.partial(reactor.run, installSignalHandlers=False)
            threading.Thread(target=run, name="cloudfront-reactor", daemon=True).start()

    def _describe(self, distribution: Distribution) -> dict[str, Any]:
        name = f"{distribution.id.lower()}.cloudfront.localhost"
        return {
            "id": distribution.id,
            "domain_name": distribution.domain_name,
            "aliases": list((distribution.config.get("Aliases") or {}).get("Items") or []),
            "urls": [
                f"http://{name}:{config.GATEWAY_LISTEN[0].port}",
                f"http://{_LOOPBACK}:{self._ports[distribution.id].getHost().port}",
            ],
        }

    def follow_changes(self) -> None:
        """Listen for distributions that are new, and for those no longer that are gone."""
        if not reactor.running:
            return  # LocalStack loads what it saved before it serves: that is listened for when it is asked for
        with self._lock:
            distributions = _all_distributions()
            for gone in self._ports.keys() - distributions.keys():
                self._close(gone)
            for new in distributions.keys() - self._ports.keys():
                self._ports[new] = blockingCallFromThread(reactor, self._listen, new)
            self._cache.keep_only(distributions)

    def _listen(self, distribution_id: str) -> Any:  # noqa: ANN401 - Twisted's port
        def handle(chain: HandlerChain, context: RequestContext, response: Response) -> None:
            distribution = _all_distributions().get(distribution_id)
            if distribution is not None:
                self._serve(distribution, context.request, response)
            chain.terminate()

        return reactor.listenTCP(0, TwistedGateway(Gateway([handle])), interface=_LOOPBACK)

    def _close(self, distribution_id: str) -> None:
        blockingCallFromThread(reactor, self._ports.pop(distribution_id).stopListening)
        compiling.forget(distribution_id)


def _all_distributions() -> dict[str, Distribution]:
    return {each.id: each for each in registry.all_distributions()}
