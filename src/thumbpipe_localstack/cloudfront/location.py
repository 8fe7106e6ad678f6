"""How the edge names itself: its location, its distributions' domain names, and their Via."""

from typing import Final

POP: Final = "LOCAL50-P1"  # CloudFront names an airport; this is none


def domain_name_of(distribution_id: str) -> str:
    """Return the domain name by which a distribution is served."""
    return f"{distribution_id.lower()}.cloudfront.localhost"


def via(distribution_id: str, http_version: str) -> str:
    """Return what a distribution adds to the header Via.

    Args:
        distribution_id: Which one.
        http_version: Of the message that it received: `HTTP/1.1` or `HTTP/2`.
    """
    version = http_version.partition("/")[2] or "1.1"
    return f"{version} {domain_name_of(distribution_id)} (CloudFront)"
