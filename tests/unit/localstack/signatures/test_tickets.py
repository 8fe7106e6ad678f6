"""A ticket is valid for exactly one request."""

from thumbpipe_localstack.signatures.tickets import Tickets


def test_a_ticket_is_good_once_and_for_its_request() -> None:
    tickets = Tickets()
    ticket = tickets.issue("GET", "/a%20b?c=d", "signature")
    assert tickets.redeem(ticket, "GET", "/a b?c=d", "signature")
    assert not tickets.redeem(ticket, "GET", "/a b?c=d", "signature")


def test_a_ticket_of_another_request_is_invalid_and_used_up() -> None:
    tickets = Tickets()
    for other in (("PUT", "/a", "s"), ("GET", "/b", "s"), ("GET", "/a", "t"), ("GET", "/a?b", "s")):
        ticket = tickets.issue("GET", "/a", "s")
        assert not tickets.redeem(ticket, *other)
        assert not tickets.redeem(ticket, "GET", "/a", "s")


def test_an_invented_ticket_is_invalid() -> None:
    tickets = Tickets()
    assert not tickets.redeem("", "GET", "/", "")
    assert not tickets.redeem("invented", "GET", "/", "")


def test_tickets_differ_and_those_that_never_arrived_are_forgotten() -> None:
    tickets = Tickets()
    issued = [tickets.issue("GET", "/", "") for _ in range(10_001)]
    assert len(set(issued)) == len(issued)
    assert not tickets.redeem(issued[0], "GET", "/", "")
    assert tickets.redeem(issued[-1], "GET", "/", "")
