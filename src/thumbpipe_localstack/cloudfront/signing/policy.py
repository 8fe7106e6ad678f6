"""Signed policies: canned ones, which CloudFront rebuilds, and custom ones."""

import ipaddress
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

_EVERYONE: Final = ipaddress.ip_network("0.0.0.0/0")
_CONDITIONS: Final = frozenset({"DateLessThan", "DateGreaterThan", "IpAddress"})
_WILDCARDS: Final = {"*": ".*", "?": "."}
_MAPPED: Final = "::ffff:"  # an IPv4 address on an IPv6 socket


@dataclass(frozen=True, slots=True)
class Asked:
    """A request to be checked: its possible URLs, the viewer's address, and the time in seconds since the epoch."""

    urls: Sequence[str]
    client_ip: str
    now: float


@dataclass(frozen=True, slots=True)
class Policy:
    """What a signed policy allows.

    Attributes:
        resource: A pattern of complete URLs, or None for any.
        until: Seconds since the epoch; it is valid before then.
        since: Seconds since the epoch; it is valid from then on.
        network: The viewers' network, or None for any.
    """

    resource: re.Pattern[str] | None
    until: int
    since: int
    network: ipaddress.IPv4Network | ipaddress.IPv6Network | None

    def admits(self, asked: Asked) -> bool:
        """Tell whether it allows a viewer's request."""
        if not self.since <= asked.now < self.until:
            return False
        if self.resource is not None and not any(self.resource.fullmatch(url) for url in asked.urls):
            return False
        return self.network is None or _contains(self.network, asked.client_ip)


def _contains(network: ipaddress.IPv4Network | ipaddress.IPv6Network, client_ip: str) -> bool:
    try:
        return ipaddress.ip_address(client_ip.removeprefix(_MAPPED)) in network
    except ValueError:
        return False


def canned(url: str, expires: str) -> bytes:
    """Return the canned policy exactly as it is signed."""
    return (
        f'{{"Statement":[{{"Resource":"{url}","Condition":{{"DateLessThan":{{"AWS:EpochTime":{expires}}}}}}}]}}'
    ).encode("utf-8", "surrogatepass")


@lru_cache(maxsize=1024)
def parse(document: bytes) -> Policy:
    """Parse a custom policy.

    Raises:
        ValueError: It is not a valid policy.
    """
    try:
        (statement,) = json.loads(document)["Statement"]
        condition = statement["Condition"]
        if not condition.keys() <= _CONDITIONS:
            raise ValueError(condition)  # noqa: TRY301 - all errors are handled in one place
        return Policy(
            resource=_pattern(statement.get("Resource")),
            until=_epoch(condition["DateLessThan"]),
            since=_epoch(condition["DateGreaterThan"]) if "DateGreaterThan" in condition else 0,
            network=_network(condition["IpAddress"]) if "IpAddress" in condition else None,
        )
    except (AttributeError, KeyError, TypeError, ValueError, RecursionError) as error:
        message = "not a policy"
        raise ValueError(message) from error


def _epoch(condition: dict[str, Any]) -> int:
    value = condition["AWS:EpochTime"]
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(value)
    return value


def _network(condition: dict[str, Any]) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    value = condition["AWS:SourceIp"]
    if not isinstance(value, str):
        raise TypeError(value)
    network = ipaddress.ip_network(value, strict=False)
    return None if network == _EVERYONE else network  # documented as any address, IPv6 included


def _pattern(resource: object) -> re.Pattern[str] | None:
    if resource is None:
        return None
    if not isinstance(resource, str):
        raise TypeError(resource)
    parts = (_WILDCARDS.get(part) or re.escape(part) for part in re.split(r"(\*|\?)", resource))
    return re.compile("".join(parts), re.DOTALL)
