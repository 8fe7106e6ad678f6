"""Identify the client of a loopback connection: any program of any local user may open one."""

from collections.abc import Iterator

import psutil


def is_held_by(pid: int, peer_port: int, own_port: int) -> bool:
    """Return whether a process or one of its children is the client of a connection.

    Args:
        pid: The process.
        peer_port: The connection's port at the other end.
        own_port: Its port at this one.
    """
    return any((peer_port, own_port) in _connections(process) for process in _family(pid))


def _family(pid: int) -> Iterator[psutil.Process]:
    try:
        process = psutil.Process(pid)
        # The process first: finding its children requires a scan of all processes.
        yield process
        yield from process.children(recursive=True)
    except psutil.Error:
        return


def _connections(process: psutil.Process) -> set[tuple[int, int]]:
    try:
        found = process.net_connections("tcp")
    except psutil.Error:
        return set()
    return {(each.laddr.port, each.raddr.port) for each in found if each.raddr}
