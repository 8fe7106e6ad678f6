"""The engine's own host names: from its settings, and registered with one of its services."""

import functools
import logging
import os
from collections.abc import Callable, Iterator
from typing import Final

from thumbpipe_localstack.clients import is_running
from thumbpipe_localstack.gateway.hosts import OwnNames, allowed_hosts, own_names
from thumbpipe_localstack.gateway.listening import listens_everywhere
from thumbpipe_localstack.gateway.registered import is_listed, routed_hosts

LOG: Final = logging.getLogger(__name__)

_served_apart: list[Callable[[str], bool]] = []


def serve_apart(has_host: Callable[[str], bool]) -> None:
    """Count hosts as the engine's own for which a part of the plugin answers every request.

    Args:
        has_host: Returns whether a host, in lower case and without a port, is one of them.
    """
    _served_apart.append(has_host)


def is_served_apart(host: str) -> bool:
    """Return whether a part of the plugin answers every request for a host."""
    return any(has_host(host) for has_host in _served_apart)


@functools.cache
def names_of_settings() -> OwnNames:
    """Return the engine's names from LocalStack's settings and `ALLOWED_HOSTS`; log invalid entries."""
    from localstack import config  # noqa: PLC0415 - imported where it is needed

    allowed, refused = allowed_hosts(os.environ.get("ALLOWED_HOSTS", ""))
    for each in refused:
        LOG.warning("Ignored invalid entry of ALLOWED_HOSTS: %r", each)
    return own_names(
        [each.host for each in config.GATEWAY_LISTEN],
        [config.LOCALSTACK_HOST.host, config.HOSTNAME_FROM_LAMBDA],
        allowed,
        everywhere=listens_everywhere(config.GATEWAY_LISTEN),
    )


def is_own(host: str) -> bool:
    """Return whether a host is one of the engine's names.

    Args:
        host: In lower case; an IPv6 address without brackets.
    """
    return names_of_settings().has(host) or _is_registered(host)


def _is_registered(host: str) -> bool:
    if is_served_apart(host) or is_listed(host, _domains_of_apis()):
        return True
    from localstack.services.edge import ROUTER  # noqa: PLC0415

    return host in routed_hosts(ROUTER.url_map.iter_rules())


def _domains_of_apis() -> Iterator[str]:
    """Yield API Gateway's custom domain names of all accounts and regions."""
    if is_running("apigateway"):
        from localstack.services.apigateway.models import apigateway_stores  # noqa: PLC0415

        for regions in list(apigateway_stores.values()):
            for store in list(regions.values()):
                yield from list(store.domain_names)
