"""Names that somebody has registered with one of the engine's services."""

from collections.abc import Iterable
from typing import Any, Final

_ANY_PORT: Final = "<port:port>"


def is_listed(host: str, domains: Iterable[str]) -> bool:
    """Tell whether a host is one of some domains; `*.example.org` stands for one label before `example.org`."""
    wildcard = "*." + host.partition(".")[2]
    return any(each.lower() in (host, wildcard) for each in domains)


def routed_hosts(rules: Iterable[Any]) -> set[str]:
    """Return the hosts for which the engine has a route of their own, as of OpenSearch's custom endpoints.

    A host that is a pattern is none: those fit every domain.

    Args:
        rules: Werkzeug's.
    """
    hosts = (str(rule.host or "").removesuffix(_ANY_PORT).lower() for rule in rules)
    return {host for host in hosts if host and "<" not in host}
