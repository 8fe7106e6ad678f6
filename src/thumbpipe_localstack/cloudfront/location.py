"""The edge location, distributions' domain names, and their Via header."""

from typing import Final

POP: Final = "LOCAL50-P1"  # on AWS the code of an airport


def domain_name_of(distribution_id: str) -> str:
    """Return a distribution's domain name."""
    return f"{distribution_id.lower()}.cloudfront.localhost"


def via(distribution_id: str, http_version: str) -> str:
    """Return a distribution's Via header.

    Args:
        distribution_id: The distribution's id.
        http_version: `HTTP/1.1` or `HTTP/2`, of the message that it received.
    """
    version = http_version.partition("/")[2] or "1.1"
    return f"{version} {domain_name_of(distribution_id)} (CloudFront)"
