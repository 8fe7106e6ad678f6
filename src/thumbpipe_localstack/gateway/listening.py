"""Sockets that listen where `GATEWAY_LISTEN` says, and nowhere else."""

import errno
import ipaddress
import socket
import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final, Protocol

EVERY_ADDRESS: Final = frozenset({"0.0.0.0", "::"})  # noqa: S104 - recognized, never bound to unasked
_LOOPBACK: Final = "127.0.0.1"
_BACKLOG: Final = 128
# A name may have an address of a family that this machine is without: its others have to do.
_MISSING_HERE: Final = frozenset({errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT})

_Address = tuple[Any, ...]  # of a socket: host and port, and of IPv6 flow and scope, too


class Listen(Protocol):
    """One address of `GATEWAY_LISTEN` as LocalStack has parsed it: of IPv6 without its brackets."""

    @property
    def host(self) -> str:
        """An address or a name."""

    @property
    def port(self) -> int:
        """The TCP port."""


class CannotListenError(Exception):
    """An address of `GATEWAY_LISTEN` is taken, is none of this machine, or is no address."""

    def __init__(self, host: str, port: int, reason: str) -> None:
        super().__init__(f"cannot listen on {in_url(host)}:{port}, which GATEWAY_LISTEN names: {reason}")


def open_sockets(wanted: Iterable[Listen]) -> list[socket.socket]:
    """Open a listening socket for each address: all of them, or none.

    A name stands for all its addresses; what is named twice gets one socket.

    Raises:
        CannotListenError: An address cannot be listened on; the message names it and says why.
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
        if sys.platform != "win32":  # there it would share a port that is taken
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            # `::` takes IPv4 as well, whatever the system's default: LocalStack drops the other addresses of its port.
            opened.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        opened.bind(address)
        opened.listen(_BACKLOG)
        opened.setblocking(False)  # noqa: FBT003 - its only argument
    except OSError:
        opened.close()
        raise
    return opened


def listens_everywhere(listen: Sequence[Listen]) -> bool:
    """Tell whether some address means every address of this machine."""
    return any(each.host in EVERY_ADDRESS for each in listen)


def reachable_host(listen: Sequence[Listen]) -> str:
    """Return the host by which a process of this machine reaches the gateway, at the port of its first address.

    It is 127.0.0.1 wherever that will do.
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
    """Return a host as it is written before a port: an IPv6 address in brackets."""
    return f"[{host}]" if ":" in host else host
