"""The sockets of running programs: where they listen, and from where they can be reached."""

import contextlib
import ipaddress
import socket
from collections.abc import Iterator
from dataclasses import dataclass

import psutil


@dataclass(frozen=True, slots=True, order=True)
class Listening:
    """A socket that accepts connections, or datagrams from any sender.

    Attributes:
        kind: `tcp` or `udp`.
    """

    address: str
    port: int
    kind: str
    process: str

    @property
    def is_loopback(self) -> bool:
        address = ipaddress.ip_address(self.address)
        plain = getattr(address, "ipv4_mapped", None) or address
        return bool(plain.is_loopback)


def family_of(pid: int) -> list[psutil.Process]:
    """Return a process and all that descend from it."""
    process = psutil.Process(pid)
    return [process, *process.children(recursive=True)]


def listening(pid: int) -> list[Listening]:
    """Return every listening socket of a process and of all that descend from it."""
    return sorted(found for process in family_of(pid) for found in listening_of(process))


def listening_of(process: psutil.Process) -> Iterator[Listening]:
    """Yield the listening sockets of one process."""
    with contextlib.suppress(psutil.NoSuchProcess, psutil.ZombieProcess):
        command = " ".join(process.cmdline()[:4])
        for each in process.net_connections(kind="inet"):
            if each.status == psutil.CONN_LISTEN:
                yield Listening(each.laddr.ip, each.laddr.port, "tcp", command)
            elif each.type == socket.SOCK_DGRAM and each.laddr and not each.raddr:
                yield Listening(each.laddr.ip, each.laddr.port, "udp", command)


def other_addresses() -> list[str]:
    """Return addresses of this machine beside 127.0.0.1 and ::1: of its interfaces, and another of loopback."""
    found = {
        address.address
        for addresses in psutil.net_if_addrs().values()
        for address in addresses
        if address.family in (socket.AF_INET, socket.AF_INET6) and "%" not in address.address
    }
    return sorted(each for each in found | {"127.0.0.2"} if each not in {"127.0.0.1", "::1"} and _can_be_bound(each))


def _can_be_bound(address: str) -> bool:
    """Return whether an address is this machine's: macOS has 127.0.0.2 only if it was added."""
    with socket.socket(_family(address)) as probe:
        try:
            probe.bind((address, 0))
        except OSError:
            return False
        return True


def _family(address: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def gets_through(address: str, port: int) -> bool:
    """Tell whether a connection to an address is accepted."""
    with socket.socket(_family(address)) as connection:
        connection.settimeout(5)
        return connection.connect_ex((address, port)) == 0


def assert_on_loopback_alone(pid: int, least: int = 1) -> list[Listening]:
    """Assert that nothing of a family of processes can be reached from anywhere but this machine.

    Args:
        pid: Of the oldest process.
        least: How many sockets there have to be, so that the right processes were looked at.

    Returns:
        The sockets.
    """
    sockets = listening(pid)
    assert len(sockets) >= least, sockets
    assert not [each for each in sockets if not each.is_loopback]
    for each in sockets:
        reached = [address for address in other_addresses() if each.kind == "tcp" and gets_through(address, each.port)]
        # Another program may listen at this port of another address: ours is only at fault if it is its socket.
        assert not reached, (each, reached)
    return sockets
