"""The addresses of distributions: by name at LocalStack's port, and at one loopback port each."""

import functools
import logging
import threading
import time
from typing import Any, Final

from localstack import config
from localstack.aws.chain import HandlerChain
from localstack.http import Request, Response
from rolo.gateway import Gateway, RequestContext
from twisted.internet import reactor
from twisted.internet.threads import blockingCallFromThread

from thumbpipe_localstack.cloudfront import registry
from thumbpipe_localstack.cloudfront.edge.cache.entries import Cache
from thumbpipe_localstack.cloudfront.edge.compile import distribution as compiling
from thumbpipe_localstack.cloudfront.edge.request_flow import refuse, serve
from thumbpipe_localstack.cloudfront.edge.server.unparsed import answer_unparsed
from thumbpipe_localstack.cloudfront.edge.server.viewer_requests import viewer_request, write_response
from thumbpipe_localstack.cloudfront.error_pages import EdgeError
from thumbpipe_localstack.cloudfront.location import domain_name_of
from thumbpipe_localstack.cloudfront.store import Distribution
from thumbpipe_localstack.gateway.guard import guard
from thumbpipe_localstack.gateway.hosts import Refusal
from thumbpipe_localstack.gateway.twisted_channel import answer_unparsed_by
from thumbpipe_localstack.gateway.twisted_requests import make_site

LOG: Final = logging.getLogger(__name__)

_LOOPBACK: Final = "127.0.0.1"


class EdgeServer:
    """Serves all distributions, which share a cache."""

    def __init__(self, cache: Cache) -> None:
        """Make a server."""
        self._cache = cache
        self._lock = threading.Lock()
        self._ports: dict[str, Any] = {}
        registry.on_invalidation(cache.invalidate)
        answer_unparsed_by(answer_unparsed)
        _serve_unserved_network()

    def serve(self, distribution: Distribution, request: Request, response: Response) -> None:
        """Serve a request to a distribution."""
        received_at = time.time()
        try:
            edge = compiling.edge_of(distribution)
            write_response(serve(self._cache, edge, viewer_request(request, received_at)), response)
        except Exception:  # an invalid configuration, or a viewer that disconnected
            LOG.exception("Cannot serve distribution %s", distribution.id)
            response.status_code = 500

    def list_distributions(self) -> list[dict[str, Any]]:
        """Return the addresses of each distribution."""
        self.follow_changes()
        ports = dict(self._ports)
        return [_describe(each, ports[each.id]) for each in _all_distributions().values() if each.id in ports]

    def follow_changes(self) -> None:
        """Open ports for new distributions, and close those of deleted ones."""
        if not reactor.running:
            return  # before LocalStack serves, it loads saved state: its distributions get their ports on first use
        with self._lock:
            distributions = _all_distributions()
            for gone in self._ports.keys() - distributions.keys():
                self._close(gone)
            for new in distributions.keys() - self._ports.keys():
                self._ports[new] = blockingCallFromThread(reactor, self._listen, new)
            self._cache.keep_only(distributions)

    def _listen(self, distribution_id: str) -> Any:  # noqa: ANN401 - Twisted's port
        name = domain_name_of(distribution_id)

        def handle(chain: HandlerChain, context: RequestContext, response: Response) -> None:
            distribution = registry.find_distribution(name)
            if distribution is None:
                response.status_code = 404  # it was deleted in the meantime
            else:
                self.serve(distribution, context.request, response)
            chain.terminate()

        def refuse_as_edge(refusal: Refusal, request: Request, response: Response) -> None:
            distribution = registry.find_distribution(name)
            if distribution is not None:
                _refuse(distribution, refusal, request, response)

        gateway = Gateway([handle])
        guard(gateway, refuse=refuse_as_edge, reads_all=lambda _host: True)
        site = make_site(gateway)
        site.distribution_id = distribution_id
        return reactor.listenTCP(0, site, interface=_LOOPBACK)

    def _close(self, distribution_id: str) -> None:
        blockingCallFromThread(reactor, self._ports.pop(distribution_id).stopListening)
        compiling.forget(distribution_id)


def _all_distributions() -> dict[str, Distribution]:
    return {each.id: each for each in registry.all_distributions()}


def _refuse(distribution: Distribution, refusal: Refusal, request: Request, response: Response) -> None:
    """Answer a request with an unknown Host: it arrived at a distribution's port, so the edge answers it."""
    asked = viewer_request(request, time.time())
    asked.headers.remove("Origin")  # without CORS headers: no page may read the response
    error = EdgeError(refusal.status, refusal.reason)
    write_response(refuse(compiling.edge_of(distribution), asked, error), response)


def _describe(distribution: Distribution, port: Any) -> dict[str, Any]:  # noqa: ANN401 - Twisted's port
    return {
        "id": distribution.id,
        "domain_name": distribution.domain_name,
        "aliases": list((distribution.config.get("Aliases") or {}).get("Items") or []),
        "urls": [
            f"http://{domain_name_of(distribution.id)}:{config.GATEWAY_LISTEN[0].port}",
            f"http://{_LOOPBACK}:{port.getHost().port}",
        ],
    }


def _serve_unserved_network() -> None:
    """Run Twisted where LocalStack runs on another server."""
    if config.GATEWAY_SERVER == "twisted":
        return
    running = threading.Event()
    reactor.callWhenRunning(running.set)
    run = functools.partial(reactor.run, installSignalHandlers=False)
    threading.Thread(target=run, name="cloudfront-reactor", daemon=True).start()
    running.wait()
