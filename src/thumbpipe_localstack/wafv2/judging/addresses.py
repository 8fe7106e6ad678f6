"""Addresses: of the sender or of a header, and sets of them."""

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any, Final

from thumbpipe_localstack.wafv2.judging.inspected import Inspected, to_bytes

Address = IPv4Address | IPv6Address
_MOST_FORWARDED: Final = 10


@lru_cache(maxsize=4096)
def parse_address(text: str) -> Address | None:
    """Return the address that a text is, or None."""
    try:
        address = ip_address(text.strip())
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


class AddressSet:
    """Addresses and networks; how long a look-up takes depends on how many lengths of prefix there are."""

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
    """Return the addresses of a header at a position, None for what is no address; nothing without the header."""
    lines = inspected.header_values.get(to_bytes(header.lower()))
    if not lines:
        return []
    texts = b",".join(lines).decode("latin-1").split(",")
    chosen = {"FIRST": texts[:1], "LAST": texts[-1:]}.get(position, texts[-_MOST_FORWARDED:])
    return [parse_address(text) for text in chosen]


def compile_ip_set(cidrs: Iterable[str], forwarded: Mapping[str, Any] | None) -> Callable[[Inspected], bool]:
    """Return the test of an `IPSetReferenceStatement`."""
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
    """Return the test of a `GeoMatchStatement`; it labels each request with its country, as AWS does.

    No table of countries is here: the request's own country counts for an address in a header, too.
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
