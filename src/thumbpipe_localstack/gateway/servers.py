"""LocalStack's servers on the sockets of `GATEWAY_LISTEN`.

LocalStack's Twisted server ignores the host of an IPv4 address and listens on all of them. Neither server reports that
a port is in use: LocalStack then says that it is ready, while another process answers.
"""

import copy
import functools
import os
import socket
from collections.abc import Callable, Sequence
from typing import Any, Final

from thumbpipe_localstack.gateway.listening import (
    CannotListenError,
    Listen,
    in_url,
    listens_everywhere,
    open_sockets,
    reachable_host,
)

_Register = Callable[..., None]
_LOOPBACK: Final = "127.0.0.1"


def listen_as_told(runtime: Any) -> None:  # noqa: ANN401 - LocalStack ships no types
    """Make a runtime's server listen on the addresses of `GATEWAY_LISTEN`, or stop LocalStack with an error message.

    Args:
        runtime: LocalStack's runtime, before the gateway is registered with its server.
    """
    register = _REGISTER.get(runtime.config.GATEWAY_SERVER)
    if register is None:
        return  # another package's server listens where it chooses
    server = runtime.components.runtime_server
    server.register = functools.partial(_register, functools.partial(register, server.register))
    # LocalStack's health check only tries 127.0.0.1. It is not needed: a registered server's sockets listen already.
    runtime._wait_for_gateway = lambda: None  # noqa: SLF001


def _register(
    register: _Register,
    gateway: Any,  # noqa: ANN401
    listen: Sequence[Listen],
    ssl_creds: tuple[str, str] | None = None,
) -> None:
    from localstack.runtime.exceptions import LocalstackExit  # noqa: PLC0415 - imported where it is needed

    try:
        sockets = open_sockets(listen)
    except CannotListenError as error:
        raise LocalstackExit(f"{error}\n", code=1) from error
    register(gateway, sockets, ssl_creds)


def _register_twisted(
    _original: _Register,
    gateway: Any,  # noqa: ANN401
    sockets: Sequence[socket.socket],
    ssl_creds: tuple[str, str] | None,
) -> None:
    """Serve as LocalStack's server does, on sockets that are already open."""
    from localstack.aws.serving.twisted import TLSMultiplexerFactory  # noqa: PLC0415
    from twisted.internet import reactor, ssl  # noqa: PLC0415

    from thumbpipe_localstack.gateway.twisted_requests import make_site  # noqa: PLC0415

    factory: Any = make_site(gateway)
    if ssl_creds:
        certificate, key = ssl_creds
        context = ssl.DefaultOpenSSLContextFactory(key, certificate)
        context.getContext().use_certificate_chain_file(certificate)
        factory = TLSMultiplexerFactory(context, isClient=False, wrappedFactory=factory)
    for each in sockets:
        with each:  # Twisted duplicates the file descriptor
            reactor.adoptStreamPort(each.fileno(), each.family, factory)


def _register_hypercorn(
    original: _Register,
    gateway: Any,  # noqa: ANN401
    sockets: Sequence[socket.socket],
    ssl_creds: tuple[str, str] | None,
) -> None:
    original(gateway, [f"fd://{each.detach()}" for each in sockets], ssl_creds)


_REGISTER: Final[dict[str, Callable[..., None]]] = {"twisted": _register_twisted, "hypercorn": _register_hypercorn}


def reach_own_gateway(config: Any) -> None:  # noqa: ANN401 - LocalStack's module of settings
    """Send LocalStack's calls to itself to an address that it listens on, if `localhost` does not resolve to one."""
    host = reachable_host(config.GATEWAY_LISTEN)
    if host in (_LOOPBACK, "localhost"):
        return
    original: Callable[..., str] = config.internal_service_url

    def internal_service_url(host_: str | None = None, *args: Any, **kwargs: Any) -> str:  # noqa: ANN401
        return original(host_ or in_url(host), *args, **kwargs)

    config.internal_service_url = internal_service_url
    if ":" in host:
        _take_ipv6_urls(in_url(host))


def _take_ipv6_urls(host: str) -> None:
    """Make LocalStack's internal clients accept URLs with an IPv6 address, which they would split at every colon."""
    from localstack.aws import client  # noqa: PLC0415

    original: Callable[[Any], Any] = client.create_http_request

    def create_http_request(request: Any) -> Any:  # noqa: ANN401
        named = copy.copy(request)
        named.url = request.url.replace(host, "localhost", 1)
        return original(named)

    client.create_http_request = create_http_request


def keep_beside_gateway(config: Any, constants: Any) -> None:  # noqa: ANN401 - LocalStack's modules
    """Restrict LocalStack's DNS server and debugger to the gateway's address, unless it listens on all addresses.

    By default they listen on all addresses. In a container that is intended, and `DNS_ADDRESS` always takes
    precedence.
    """
    if config.is_in_docker or listens_everywhere(config.GATEWAY_LISTEN):
        return
    constants.BIND_HOST = _LOOPBACK  # of the debugger (`DEVELOP=1`)
    if not os.environ.get("DNS_ADDRESS"):
        # The variable, too: if LocalStack may not bind port 53, it starts another process with sudo, which reads it.
        config.DNS_ADDRESS = os.environ["DNS_ADDRESS"] = _LOOPBACK
