"""Sockets for the addresses of `GATEWAY_LISTEN`."""

import contextlib
import socket
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pytest

from thumbpipe_localstack.gateway.listening import (
    CannotListenError,
    in_url,
    listens_everywhere,
    open_sockets,
    reachable_host,
)


@dataclass(frozen=True)
class At:
    host: str
    port: int = 4566


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        found: int = probe.getsockname()[1]
        return found


@contextlib.contextmanager
def _opened(*wanted: At) -> Iterator[list[tuple[str, int]]]:
    sockets = open_sockets(wanted)
    try:
        yield [each.getsockname()[:2] for each in sockets]
    finally:
        for each in sockets:
            each.close()


def _accepts(host: str, port: int) -> bool:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as connection:
        return connection.connect_ex((host, port)) == 0


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "0:0:0:0:0:0:0:1"])
def test_only_the_given_address_is_opened(port: int, host: str) -> None:
    with _opened(At(host, port)) as addresses:
        (found, _), other = addresses[0], "::1" if "." in host else "127.0.0.1"
        assert len(addresses) == 1
        assert found == ("127.0.0.1" if "." in host else "::1")
        assert _accepts(found, port)
        assert not _accepts(other, port)


def test_several_addresses_are_opened_in_their_order(port: int) -> None:
    with _opened(At("::1", port), At("127.0.0.1", port)) as addresses:
        assert addresses == [("::1", port), ("127.0.0.1", port)]


def test_an_address_given_twice_is_opened_once(port: int) -> None:
    with _opened(At("localhost", port), At("127.0.0.1", port), At("localhost", port)) as addresses:
        assert addresses.count(("127.0.0.1", port)) == 1
        assert len(addresses) == len(set(addresses))


def test_a_name_is_opened_at_all_its_addresses(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: _infos(("::1", port, 0, 0), ("127.0.0.1", port)))
    with _opened(At("here.example", port)) as addresses:
        assert addresses == [("::1", port), ("127.0.0.1", port)]


def test_a_name_listens_on_its_addresses_of_supported_families(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: _infos(("198.51.100.7", port), ("127.0.0.1", port)))
    with _opened(At("here.example", port)) as addresses:
        assert addresses == [("127.0.0.1", port)]


def _infos(*addresses: tuple[object, ...]) -> list[tuple[object, ...]]:
    families = [socket.AF_INET6 if len(each) > 2 else socket.AF_INET for each in addresses]
    return [(family, socket.SOCK_STREAM, 6, "", each) for family, each in zip(families, addresses, strict=True)]


def test_ipv6s_every_address_takes_ipv4_too(port: int) -> None:
    with _opened(At("::", port)):
        assert _accepts("127.0.0.1", port)
        assert _accepts("::1", port)


def test_a_port_in_use_is_an_error_that_says_so_and_no_socket_stays_open(port: int) -> None:
    with (
        socket.create_server(("::1", 0), family=socket.AF_INET6) as other,
        pytest.raises(CannotListenError, match=r"\[::1\]:\d+ from GATEWAY_LISTEN: .* in use"),
    ):
        open_sockets([At("127.0.0.1", port), At("::1", other.getsockname()[1])])
    assert not _accepts("127.0.0.1", port)


@pytest.mark.parametrize(
    ("host", "reason"),
    [("198.51.100.7", "assign"), ("2001:db8::7", "assign"), ("nowhere.invalid", "the name has no address")],
)
def test_an_address_that_is_not_this_machines_is_an_error_that_names_it(port: int, host: str, reason: str) -> None:
    with pytest.raises(CannotListenError, match=reason) as raised:
        open_sockets([At(host, port)])
    assert f"{in_url(host)}:{port}" in str(raised.value)


def test_an_address_in_use_of_a_name_is_an_error_even_if_another_is_free(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: _infos(("::1", port, 0, 0), ("127.0.0.1", port)))
    with socket.create_server(("127.0.0.1", port)), pytest.raises(CannotListenError, match="in use"):
        open_sockets([At("here.example", port)])
    assert not _accepts("::1", port)


@pytest.mark.parametrize(
    ("listen", "host"),
    [
        ([At("127.0.0.1")], "127.0.0.1"),
        ([At("0.0.0.0")], "127.0.0.1"),  # noqa: S104 - an address to compare with
        ([At("::")], "127.0.0.1"),
        ([At("192.0.2.1"), At("127.0.0.1")], "127.0.0.1"),
        ([At("192.0.2.1"), At("127.0.0.1", 80)], "192.0.2.1"),
        ([At("192.0.2.1"), At("::1")], "::1"),
        ([At("192.0.2.1"), At("127.0.0.9")], "127.0.0.9"),
        ([At("localhost")], "localhost"),
        ([At("here.example")], "here.example"),
        ([At("192.0.2.2"), At("192.0.2.1")], "192.0.2.1"),
    ],
)
def test_the_engine_reaches_itself_on_loopback_where_it_listens_there(listen: Sequence[At], host: str) -> None:
    assert reachable_host(listen) == host


@pytest.mark.parametrize(
    ("hosts", "everywhere"),
    [(["127.0.0.1"], False), (["0.0.0.0"], True), (["127.0.0.1", "::"], True), (["localhost"], False)],  # noqa: S104
)
def test_every_address_is_recognized(hosts: Sequence[str], *, everywhere: bool) -> None:
    assert listens_everywhere([At(host) for host in hosts]) is everywhere


def test_an_ipv6_address_is_in_brackets_in_a_url() -> None:
    assert [in_url(host) for host in ("::1", "127.0.0.1", "localhost")] == ["[::1]", "127.0.0.1", "localhost"]
