"""The host that a request is for, from `Host` and the request target, and the engine's own hosts.

In DNS rebinding, another site's name is made to resolve to this machine. For the browser, that site and the engine then
have the same origin: only the name in `Host` tells them apart.
"""

import ipaddress
import re
import socket
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_LABELS: Final = r"[A-Za-z0-9_-]{1,63}(?:\.[A-Za-z0-9_-]{1,63})*"
# No user info, IPv6 zone or empty port: no client sends any of these.
_AUTHORITY: Final = re.compile(rf"(?:\[(?P<ipv6>[0-9A-Fa-f:.]+)\]|(?P<name>{_LABELS}\.?))(?::(?P<port>[0-9]{{1,5}}))?")
_NAME: Final = re.compile(_LABELS)
_ABSOLUTE: Final = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?P<authority>[^/?#]*)")
_LONGEST_NAME: Final = 253
_LAST_PORT: Final = 65_535
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}
_LOCALHOST: Final = "localhost"
_LOCALSTACK: Final = "localhost.localstack.cloud"


@dataclass(frozen=True, slots=True)
class Authority:
    """A host and its port, if there is one.

    Attributes:
        host: In lower case; an IPv6 address in its shortest form, without brackets.
    """

    host: str
    port: int | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a request is refused.

    Attributes:
        status: 400 if no host is named, or more than one; 421 (Misdirected Request) if the host is not the engine's.
    """

    status: HTTPStatus
    reason: str


NOBODY: Final = Refusal(HTTPStatus.BAD_REQUEST, "A request must name exactly one host, in its Host header.\n")
UNREADABLE: Final = Refusal(HTTPStatus.BAD_REQUEST, "The request is malformed or ambiguous.\n")
FOREIGN: Final = Refusal(
    HTTPStatus.MISDIRECTED_REQUEST,
    "This server does not answer for the requested host. The setting ALLOWED_HOSTS adds hosts.\n",
)


def parse_authority(text: str) -> Authority | None:
    """Return the host and port of an authority, or None if it is malformed."""
    found = _AUTHORITY.fullmatch(text)
    if found is None:
        return None
    port = int(found["port"]) if found["port"] else None
    host = _shorten(found["ipv6"]) if found["ipv6"] else found["name"].lower()
    if host is None or len(host) > _LONGEST_NAME or (port or 0) > _LAST_PORT:
        return None
    return Authority(host, port)


def _shorten(address: str) -> str | None:
    try:
        return str(ipaddress.IPv6Address(address))
    except ValueError:
        return None


def refusal_of(hosts: Sequence[str], target: str, is_own: Callable[[str], bool]) -> Refusal | None:
    """Return why a request is refused for its hosts, or None.

    Args:
        hosts: The values of `Host`.
        target: The request target; in absolute form it names a host, too.
        is_own: Returns whether a host is the engine's own.
    """
    authorities = [parse_authority(each) for each in hosts]
    if not authorities or None in authorities:
        return NOBODY
    whole = _ABSOLUTE.match(target)
    named = parse_authority(whole["authority"]) if whole else None
    if all(is_own(each.host) for each in (*authorities, named) if each is not None):
        return None
    return FOREIGN if len(authorities) == 1 else NOBODY


def is_ambiguous(hosts: Sequence[str], target: str) -> bool:
    """Return whether servers might disagree about the host that a request is for."""
    if len(hosts) != 1:
        return True
    whole = _ABSOLUTE.match(target)
    if whole is None:
        return False
    default = _DEFAULT_PORTS.get(whole["scheme"].lower())
    return _with_port(hosts[0], default) != _with_port(whole["authority"], default)


def _with_port(text: str, default: int | None) -> Authority | str:
    found = parse_authority(text)
    if found is None:
        return text  # which equals no authority
    return Authority(found.host, default if found.port is None else found.port)


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnNames:
    """The engine's own names, without those that users register with a service.

    Attributes:
        exact: Hosts.
        below: Suffixes of hosts, each with a leading dot.
        addresses: IP addresses other than loopback.
        everywhere: Whether any IP address is accepted, because the gateway listens on all of them. An IP address in
                `Host` is safe, since it cannot be rebound.
    """

    exact: frozenset[str]
    below: tuple[str, ...]
    addresses: frozenset[_Address]
    everywhere: bool

    def has(self, host: str) -> bool:
        """Return whether a host, in the form of `Authority`, is one of these names."""
        if host in self.exact or host.endswith(self.below):
            return True
        address = _as_address(host)
        if address is None:
            return False
        plain = getattr(address, "ipv4_mapped", None) or address
        return plain.is_loopback or address in self.addresses or (self.everywhere and _is_of_this_machine(address))


def own_names(listen: Iterable[str], given: Iterable[str], allowed: Iterable[str], *, everywhere: bool) -> OwnNames:
    """Return the engine's own names.

    Args:
        listen: The hosts of `GATEWAY_LISTEN`.
        given: The hosts, IP addresses included, under which the engine is published; their subdomains are its own, too.
        allowed: The entries of `ALLOWED_HOSTS`, as `allowed_hosts` returns them.
        everywhere: See `OwnNames`.
    """
    names = {_LOCALHOST, _LOCALSTACK, *(_canonical(each) for each in given if each)}
    exact = names | {_canonical(each) for each in listen}
    # LocalStack also puts service names before an address (`sqs.us-east-1.127.0.0.1`). No DNS resolves such a name, and
    # browsers refuse a host that ends in a number but is not an IPv4 address.
    below = {f".{each}" for each in names}
    for each in allowed:
        (below if each.startswith(".") else exact).add(each)
    addresses = frozenset(each for each in map(_as_address, exact) if each is not None and not each.is_unspecified)
    hosts = frozenset(each for each in exact if _as_address(each) is None)
    return OwnNames(exact=hosts, below=tuple(sorted(below)), addresses=addresses, everywhere=everywhere)


def _canonical(host: str) -> str:
    address = _as_address(host)
    return str(address) if address else host.lower()


def allowed_hosts(setting: str) -> tuple[list[str], list[str]]:
    """Read the setting `ALLOWED_HOSTS`.

    Returns:
        The hosts, with `*.example.org` as `.example.org`, and the invalid entries.
    """
    good: list[str] = []
    bad: list[str] = []
    for entry in filter(None, map(str.strip, setting.split(","))):
        name = entry.removeprefix("*.")
        authority = parse_authority(f"[{name}]" if _is_bare_ipv6(name) else name)
        if authority is None or (name != entry and not _is_name(name)):
            bad.append(entry)
        else:
            good.append(authority.host if name == entry else f".{authority.host}")
    return good, bad


def _is_bare_ipv6(text: str) -> bool:
    return isinstance(_as_address(text), ipaddress.IPv6Address)


def _is_name(text: str) -> bool:
    return _NAME.fullmatch(text) is not None and _as_address(text) is None


def _as_address(host: str) -> _Address | None:
    """Return an IPv4 address in dotted decimal form; `0x7f.1` and `2130706433` do not count as addresses."""
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _is_of_this_machine(address: _Address) -> bool:
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6  # noqa: PLR2004 - self-explanatory
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.bind((str(address), 0))
    except OSError:
        return False
    return not address.is_unspecified and not address.is_multicast
