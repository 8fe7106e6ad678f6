"""The host that a request is for, and the engine's own hosts."""

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

import pytest
from werkzeug.routing import Rule

from thumbpipe_localstack.gateway.hosts import (
    Authority,
    OwnNames,
    allowed_hosts,
    is_ambiguous,
    own_names,
    parse_authority,
    refusal_of,
)
from thumbpipe_localstack.gateway.registered import is_listed, routed_hosts


def _names(*listen: str, given: Sequence[str] = (), allowed: str = "", everywhere: bool = False) -> OwnNames:
    good, bad = allowed_hosts(allowed)
    assert not bad
    return own_names(listen or ["127.0.0.1"], given, good, everywhere=everywhere)


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("localhost", "localhost", None),
        ("LocalHost:4566", "localhost", 4566),
        ("a.b-c_d.localhost:1", "a.b-c_d.localhost", 1),
        ("127.0.0.1:4566", "127.0.0.1", 4566),
        ("[::1]", "::1", None),
        ("[0:0:0:0:0:0:0:1]:4566", "::1", 4566),
        ("example.org.", "example.org.", None),
        ("2130706433", "2130706433", None),
        ("0x7f.1", "0x7f.1", None),
    ],
)
def test_an_authority_is_a_host_in_one_spelling_and_perhaps_a_port(text: str, host: str, port: int | None) -> None:
    assert parse_authority(text) == Authority(host, port)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        ":4566",
        "localhost:",
        "localhost:x",
        "localhost:-1",
        "localhost:65536",
        "localhost:4566:4566",
        "user@localhost",
        "user:secret@localhost",
        "localhost@evil.example",
        "localhost/",
        "localhost?x",
        "localhost#x",
        "localhost, evil.example",
        "local host",
        "localhost\t",
        "localhost\x00",
        "localhost\x80",
        "lo\u0441alhost",
        "localhost\r\nX: y",
        "..",
        ".localhost",
        "a..localhost",
        "localhost..",
        "::1",
        "[::1",
        "::1]",
        "[]",
        "[::1]4566",
        "[::1%25lo]",
        "[fe80::1%eth0]",
        "[127.0.0.1]",
        "[v1.x]",
        "%6cocalhost",
        "*.localhost",
        "a" * 64,
        ".".join(["a" * 60] * 5),
    ],
)
def test_a_malformed_authority_is_none(text: str) -> None:
    assert parse_authority(text) is None


OWN: Final = [
    "localhost",
    "a.localhost",
    "e1.cloudfront.localhost",
    "localhost.localstack.cloud",
    "bucket.s3.eu-central-1.localhost.localstack.cloud",
    "127.0.0.1",
    "127.0.0.2",
    "127.255.255.254",
    "::1",
    "::ffff:127.0.0.1",
    "::ffff:7f00:1",
]
FOREIGN: Final = [
    "evil.example",
    "localhost.evil.example",
    "evillocalhost",
    "localhost.",
    "a.localhost.",
    "127.0.0.1.evil.example",
    "127.0.0.1.nip.io",
    "localstack.cloud",
    "evil.localstack.cloud",
    "localhost.localstack.cloud.evil.example",
    "s3.amazonaws.com",
    "128.0.0.1",
    "192.0.2.7",
    "0.0.0.0",  # noqa: S104 - an address to compare with
    "::",
    "::2",
    "fe80::1",
    "::ffff:192.0.2.7",
    "2130706433",
    "0x7f000001",
    "0x7f.1",
    "0177.0.0.1",
    "127.0.0.01",
    "127.1",
    "127.0.1",
    "localdomain",
    "host.docker.internal",
]


@pytest.mark.parametrize("host", OWN)
def test_a_name_that_always_refers_to_this_machine_is_the_engines_own(host: str) -> None:
    assert _names().has(host)


@pytest.mark.parametrize("host", FOREIGN)
def test_any_other_is_not(host: str) -> None:
    assert not _names().has(host)


def test_the_gateways_addresses_are_its_own_names() -> None:
    names = _names("192.0.2.7", "2001:DB8:0::7", "Workstation")
    assert all(map(names.has, ["192.0.2.7", "2001:db8::7", "workstation"]))
    assert not any(map(names.has, ["192.0.2.8", "a.workstation"]))


@pytest.mark.parametrize("listen", ["0.0.0.0", "::"])  # noqa: S104
def test_if_it_listens_everywhere_all_addresses_of_this_machine_are_its_own(listen: str) -> None:
    names = _names(listen, everywhere=True)
    assert names.has("127.0.0.1")
    assert not any(map(names.has, ["198.51.100.7", "2001:db8::7", "0.0.0.0", "::", "224.0.0.1", "evil.example"]))  # noqa: S104


def test_the_engines_published_names_are_its_own_with_their_subdomains() -> None:
    names = _names(given=["Engine.Example", "192.0.2.9", ""])
    assert all(map(names.has, ["engine.example", "s3.engine.example", "192.0.2.9", "sqs.us-east-1.192.0.2.9"]))
    assert not any(map(names.has, ["example", "fakeengine.example", "1192.0.2.9", ""]))


def test_a_setting_adds_names() -> None:
    names = _names(allowed="one.example, *.Two.example,192.0.2.5,[2001:db8::5],2001:db8::6,three:80")
    added = ["one.example", "a.two.example", "b.a.two.example", "192.0.2.5", "2001:db8::5", "2001:db8::6", "three"]
    assert all(map(names.has, added))
    assert not any(map(names.has, ["a.one.example", "two.example", "atwo.example", "192.0.2.6"]))


@pytest.mark.parametrize(
    "entry",
    ["*", "*.", "*.*.example", "a.*.example", ".example", "http://a.example", "a b", "*.192.0.2.1", "*.a:80", "a@b"],
)
def test_an_invalid_name_adds_nothing(entry: str) -> None:
    assert allowed_hosts(f"good.example,{entry},,") == (["good.example"], [entry])


@dataclass(frozen=True)
class Asked:
    hosts: Sequence[str]
    target: str = "/"


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        (Asked(["localhost:4566"]), None),
        (Asked(["LOCALHOST"]), None),
        (Asked(["localhost"], "*"), None),
        (Asked(["localhost"], "http://localhost/x"), None),
        (Asked(["localhost"], "http://127.0.0.1:4566"), None),  # which is ambiguous, and not foreign
        (Asked(["localhost", "localhost"]), None),
        (Asked(["localhost"], "http://[::1/x"), None),
        (Asked(["evil.example"]), 421),
        (Asked(["evil.example:4566"]), 421),
        (Asked(["localhost."]), 421),
        (Asked(["2130706433"]), 421),
        (Asked(["localhost"], "http://evil.example/x"), 421),
        (Asked(["localhost"], "HTTP://EVIL.example"), 421),
        (Asked(["localhost"], "gopher://evil.example/x"), 421),
        (Asked(["evil.example"], "http://localhost/"), 421),
        (Asked([]), 400),
        (Asked([""]), 400),
        (Asked(["user@localhost"]), 400),
        (Asked(["localhost:"]), 400),
        (Asked(["localhost", ""]), 400),
        (Asked(["localhost", "evil.example"]), 400),
        (Asked(["evil.example", "evil.example"]), 400),
        (Asked(["[fe80::1%25eth0]"]), 400),
    ],
)
def test_a_request_for_another_host_is_refused(asked: Asked, status: int | None) -> None:
    refusal = refusal_of(asked.hosts, asked.target, _names().has)

    assert (refusal.status if refusal else None) == status
    if status == HTTPStatus.MISDIRECTED_REQUEST:
        assert refusal is not None
        assert "ALLOWED_HOSTS" in refusal.reason


@pytest.mark.parametrize(
    ("asked", "ambiguous"),
    [
        (Asked(["localhost"]), False),
        (Asked(["localhost"], "*"), False),
        (Asked(["localhost"], "/http://evil.example/"), False),
        (Asked(["localhost"], "http://LOCALHOST/x"), False),
        (Asked(["localhost"], "http://localhost:80/x"), False),
        (Asked(["localhost:443"], "https://localhost"), False),
        (Asked(["localhost:4566"], "http://localhost:4566?x"), False),
        (Asked(["localhost:4566"], "http://localhost/x"), True),
        (Asked(["localhost"], "http://a.localhost/x"), True),
        (Asked(["localhost"], "http://user@localhost/x"), True),
        (Asked(["localhost"], "http:///x"), True),
        (Asked(["localhost"], "http://[::1/x"), True),
        (Asked(["localhost", "localhost"]), True),
        (Asked([]), True),
    ],
)
def test_one_host_is_named_or_it_is_ambiguous(asked: Asked, *, ambiguous: bool) -> None:
    assert is_ambiguous(asked.hosts, asked.target) is ambiguous


@pytest.mark.parametrize(
    ("host", "listed"),
    [
        ("api.example.org", True),
        ("a.wild.example.org", True),
        ("wild.example.org", False),
        ("b.a.wild.example.org", False),
        ("example.org", False),
    ],
)
def test_a_custom_domain_is_listed_by_its_name_or_by_a_wildcard_for_one_label(host: str, *, listed: bool) -> None:
    assert is_listed(host, ["API.example.org", "*.wild.example.org"]) is listed


def test_a_host_with_its_own_route_is_found_but_a_pattern_is_not() -> None:
    rules = [
        Rule("/", host="Search.example<port:port>"),
        Rule("/", host="plain.example"),
        Rule("/", host="<__host__>"),
        Rule("/", host="<api>.execute-api.<server>"),
        Rule("/", host="sqs.<domain><port:port>"),
        Rule("/"),
    ]
    assert routed_hosts(rules) == {"search.example", "plain.example"}
