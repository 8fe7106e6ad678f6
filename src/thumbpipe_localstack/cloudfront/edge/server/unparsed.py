"""The edge's response to a malformed HTTP request for a distribution."""

import re
import time
from http import HTTPStatus
from typing import Final

from werkzeug.datastructures import Headers

from thumbpipe_localstack.cloudfront import registry
from thumbpipe_localstack.cloudfront.edge.compile.distribution import edge_of
from thumbpipe_localstack.cloudfront.edge.request_flow import refuse
from thumbpipe_localstack.cloudfront.edge.server.viewer_requests import make_id
from thumbpipe_localstack.cloudfront.edge.viewer.request_syntax import MAX_REQUEST
from thumbpipe_localstack.cloudfront.error_pages import bad_request, too_large
from thumbpipe_localstack.cloudfront.location import domain_name_of
from thumbpipe_localstack.cloudfront.messages import EdgeResponse, ViewerRequest
from thumbpipe_localstack.cloudfront.store import Distribution
from thumbpipe_localstack.gateway.hosts import parse_authority
from thumbpipe_localstack.gateway.twisted_channel import Unparsed

_HOST: Final = re.compile(r"^host[ \t]*:[ \t]*(\S*)", re.IGNORECASE | re.MULTILINE)
_END: Final = re.compile(r"\n\r?\n")
_METHOD: Final = re.compile(r"[A-Z]{1,16}(?= )")


def answer_unparsed(unparsed: Unparsed) -> bytes | None:
    """Return the response to a malformed request, or None if it is not for a distribution.

    It is for the distribution whose port it reached, else for the one that all its `Host` lines name.
    """
    head = _END.split(unparsed.head.decode("latin-1").lstrip("\r\n"), maxsplit=1)[0]
    hosts = sorted(set(_HOST.findall(head)))
    distribution = _distribution_of(getattr(unparsed.site, "distribution_id", None), hosts)
    if distribution is None:
        return None
    error = too_large() if len(unparsed.head) > MAX_REQUEST else bad_request()
    request = _request_of(head, ", ".join(hosts), unparsed.client_ip)
    return _written(refuse(edge_of(distribution), request, error))


def _distribution_of(distribution_id: str | None, hosts: list[str]) -> Distribution | None:
    if distribution_id is not None:
        return registry.find_distribution(domain_name_of(distribution_id))
    authority = parse_authority(hosts[0]) if len(hosts) == 1 else None
    return registry.find_distribution(authority.host) if authority else None


def _request_of(head: str, authority: str, client_ip: str) -> ViewerRequest:
    """Return what is known of the request, for the log."""
    method = _METHOD.match(head)
    return ViewerRequest(
        method=method[0] if method else "",
        scheme="http",
        host="",
        path="",
        query="",
        headers=Headers(),
        body=b"",
        client_ip=client_ip,
        http_version="HTTP/1.1",
        received_at=time.time(),
        request_id=make_id(),
        authority=authority,
    )


def _written(answer: EdgeResponse) -> bytes:
    lines = [f"HTTP/1.1 {answer.status} {HTTPStatus(answer.status).phrase}"]
    lines += [f"{name}: {value}" for name, value in [*answer.headers, ("Connection", "close")]]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + answer.body
