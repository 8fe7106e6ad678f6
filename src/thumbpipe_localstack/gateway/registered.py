"""Host names that users have registered with one of the engine's services."""

from collections.abc import Iterable
from typing import Any, Final

_ANY_PORT: Final = "<port:port>"


def is_listed(host: str, domains: Iterable[str]) -> bool:
    """Return whether a host is among domains; `*.example.org` stands for one label before `example.org`."""
    wildcard = "*." + host.partition(".")[2]
    return any(each.lower() in (host, wildcard) for each in domains)


def routed_hosts(rules: Iterable[Any]) -> set[str]:
    """Return the hosts that have their own routes in the engine, such as OpenSearch's custom endpoints.

    Host patterns are left out, since they match any domain.

    Args:
        rules: werkzeug's routing rules.
    """
    hosts = (str(rule.host or "").removesuffix(_ANY_PORT).lower() for rule in rules)
    return {host for host in hosts if host and "<" not in host}
