"""IP addresses: of the sender or in a header, IP sets, and countries."""

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any, Final

from thumbpipe_localstack.wafv2.judging.inspected import Inspected, to_utf8

Address = IPv4Address | IPv6Address
_MOST_FORWARDED: Final = 10


@lru_cache(maxsize=4096)
def parse_address(text: str) -> Address | None:
    """Parse an IP address; None if it is invalid."""
    try:
        address = ip_address(text.strip())
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


class AddressSet:
    """A set of networks; the time of a look-up grows with the number of different prefix lengths only."""

    def __init__(self, cidrs: Iterable[str]) -> None:
        self._networks: dict[tuple[int, int], set[int]] = {}
        for cidr in cidrs:
            network = ip_network(cidr, strict=False)
            shift = network.max_prefixlen - network.prefixlen
            self._networks.setdefault((network.version, shift), set()).add(int(network.network_address) >> shift)

    def __contains__(self, address: Address) -> bool:
        number = int(address)
        return any(
            version == address.version and number >> shift in prefixes
            for (version, shift), prefixes in self._networks.items()
        )


def forwarded_addresses(inspected: Inspected, header: str, position: str) -> list[Address | None]:
    """Return the addresses in a header at a position, None for invalid ones; an empty list without the header."""
    lines = inspected.header_values.get(to_utf8(header).lower())
    if not lines:
        return []
    texts = b",".join(lines).decode("latin-1").split(",")
    chosen = {"FIRST": texts[:1], "LAST": texts[-1:]}.get(position, texts[-_MOST_FORWARDED:])
    return [parse_address(text) for text in chosen]


def compile_ip_set(cidrs: Iterable[str], forwarded: Mapping[str, Any] | None) -> Callable[[Inspected], bool]:
    """Compile an `IPSetReferenceStatement`."""
    addresses = AddressSet(cidrs)
    if not forwarded:
        return lambda inspected: _holds(addresses, parse_address(inspected.request.source_ip))
    header, position = forwarded["HeaderName"], forwarded["Position"]
    fallback = bool(forwarded["FallbackBehavior"] == "MATCH")

    def matches(inspected: Inspected) -> bool:
        found = forwarded_addresses(inspected, header, position)
        if found and all(address is None for address in found):
            return fallback
        return any(_holds(addresses, address) for address in found)

    return matches


def _holds(addresses: AddressSet, address: Address | None) -> bool:
    return address is not None and address in addresses


def compile_geo(codes: Iterable[str], forwarded: Mapping[str, Any] | None) -> Callable[[Inspected], bool]:
    """Compile a `GeoMatchStatement`, which labels each request with its country, as on AWS.

    Countries of addresses are unknown: the request's own country is used for an address in a header, too.
    """
    wanted = frozenset(codes)
    header = forwarded["HeaderName"] if forwarded else None
    fallback = bool(forwarded and forwarded["FallbackBehavior"] == "MATCH")
    kind = "forwardedip" if header else "clientip"

    def matches(inspected: Inspected) -> bool:
        if header is not None:
            found = forwarded_addresses(inspected, header, "FIRST")
            if not found or found[0] is None:
                return bool(found) and fallback
        country = inspected.request.country or "XX"
        inspected.labels[f"awswaf:{kind}:geo:country:{country}"] = None
        return country in wanted

    return matches
