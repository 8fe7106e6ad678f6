"""The edge location, distributions' domain names, and their Via header."""

from typing import Final

POP: Final = "LOCAL50-P1"  # on AWS an airport code
HTTP_VERSIONS: Final = ("HTTP/1.1", "HTTP/1.0", "HTTP/2")
"""The HTTP versions that viewers may use."""


def domain_name_of(distribution_id: str) -> str:
    """Return a distribution's domain name."""
    return f"{distribution_id.lower()}.cloudfront.localhost"


def via(distribution_id: str, http_version: str) -> str:
    """Return a distribution's Via header.

    Args:
        distribution_id: The distribution's id.
        http_version: The version of the received message, for example `HTTP/1.1`.
    """
    version = http_version.partition("/")[2] if http_version in HTTP_VERSIONS else "1.1"
    return f"{version} {domain_name_of(distribution_id)} (CloudFront)"
