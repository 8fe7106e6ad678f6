"""Sockets that listen on exactly the addresses of `GATEWAY_LISTEN`."""

import errno
import ipaddress
import socket
import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final, Protocol

EVERY_ADDRESS: Final = frozenset({"0.0.0.0", "::"})  # noqa: S104 - recognised; bound only on request
_LOOPBACK: Final = "127.0.0.1"
_BACKLOG: Final = 128
# A name may also resolve to an address of a family that this machine does not support: it is skipped.
_MISSING_HERE: Final = frozenset({errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT})

_Address = tuple[Any, ...]  # a socket's address: host and port; for IPv6 also flow info and scope id


class Listen(Protocol):
    """One address of `GATEWAY_LISTEN` as LocalStack parses it: IPv6 without brackets."""

    @property
    def host(self) -> str:
        """An IP address or a name."""

    @property
    def port(self) -> int:
        """The TCP port."""


class CannotListenError(Exception):
    """An address of `GATEWAY_LISTEN` is in use, is not this machine's, or is not an address."""

    def __init__(self, host: str, port: int, reason: str) -> None:
        super().__init__(f"Cannot listen on {in_url(host)}:{port} from GATEWAY_LISTEN: {reason}")


def open_sockets(wanted: Iterable[Listen]) -> list[socket.socket]:
    """Open a listening socket for each address, or none if one of them fails.

    A name stands for all its addresses; an address that is given twice gets one socket.

    Raises:
        CannotListenError: Listening on an address failed; the message says which and why.
    """
    opened: dict[_Address, socket.socket] = {}
    try:
        for each in wanted:
            _open(each, opened)
    except CannotListenError:
        for one in opened.values():
            one.close()
        raise
    return list(opened.values())


def _open(wanted: Listen, opened: dict[_Address, socket.socket]) -> None:
    addresses = list(_resolve(wanted))
    failures: list[OSError] = []
    for family, address in addresses:
        if address not in opened:
            try:
                opened[address] = _listen(family, address)
            except OSError as error:
                failures.append(error)
    final = [err for err in failures if err.errno not in _MISSING_HERE]
    if len(failures) == len(addresses):
        final = final or failures
    if final:
        raise CannotListenError(wanted.host, wanted.port, final[0].strerror or str(final[0])) from final[0]


def _resolve(wanted: Listen) -> Iterator[tuple[socket.AddressFamily, _Address]]:
    try:
        found = socket.getaddrinfo(
            wanted.host, wanted.port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP, flags=socket.AI_PASSIVE
        )
    except (OSError, UnicodeError) as error:  # UnicodeError: a label that is empty or too long
        raise CannotListenError(wanted.host, wanted.port, "the name has no address") from error
    for family, _, _, _, address in found:
        yield family, address


def _listen(family: socket.AddressFamily, address: _Address) -> socket.socket:
    opened = socket.socket(family, socket.SOCK_STREAM)
    try:
        if sys.platform != "win32":  # on Windows it would share a port that is in use
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            # `::` must accept IPv4 as well, whatever the system's default: LocalStack drops the port's other addresses.
            opened.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        opened.bind(address)
        opened.listen(_BACKLOG)
        opened.setblocking(False)  # noqa: FBT003 - its only argument
    except OSError:
        opened.close()
        raise
    return opened


def listens_everywhere(listen: Sequence[Listen]) -> bool:
    """Return whether an address is a wildcard, which means every address of this machine."""
    return any(each.host in EVERY_ADDRESS for each in listen)


def reachable_host(listen: Sequence[Listen]) -> str:
    """Return the host by which local processes reach the gateway, at the port of its first address.

    It is 127.0.0.1 wherever possible.
    """
    hosts = sorted(each.host for each in listen if each.port == listen[0].port)
    if _LOOPBACK in hosts or EVERY_ADDRESS.intersection(hosts):
        return _LOOPBACK
    return next(filter(_is_loopback, hosts), hosts[0])


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def in_url(host: str) -> str:
    """Return a host as in a URL: an IPv6 address in brackets."""
    return f"[{host}]" if ":" in host else host
