"""What CloudFront answers to a viewer whose signature it does not take."""

from dataclasses import dataclass
from http import HTTPStatus

from werkzeug.datastructures import Headers


@dataclass(frozen=True, slots=True)
class AccessRefused(Exception):  # noqa: N818 - it is an answer more than a fault, and the name is an interface
    """A request that is not served.

    Attributes:
        code: CloudFront's error code.
        message: CloudFront's sentence.
        status: The HTTP status.
    """

    code: str
    message: str
    status: int = HTTPStatus.FORBIDDEN

    @property
    def headers(self) -> Headers:
        """The headers that CloudFront sends with it, besides those of every answer."""
        return Headers([("Server", "CloudFront"), ("Content-Type", "text/xml")])

    @property
    def body(self) -> bytes:
        """CloudFront's XML."""
        return (
            f'<?xml version="1.0" encoding="UTF-8"?><Error><Code>{self.code}</Code>'
            f"<Message>{self.message}</Message></Error>"
        ).encode()


def missing_key() -> AccessRefused:
    """Nothing names a key."""
    return AccessRefused("MissingKey", "Missing Key-Pair-Id query parameter or cookie value")


def unknown_key() -> AccessRefused:
    """The key is not one of the behaviour's key groups."""
    return AccessRefused("InvalidKey", "Unknown Key")


def malformed_policy() -> AccessRefused:
    """The policy is no policy, or not the one that was signed."""
    return AccessRefused("MalformedPolicy", "Malformed Policy")


def malformed_signature() -> AccessRefused:
    """The signature is not in CloudFront's base64."""
    return AccessRefused("MalformedSignature", "Could not unencode Signature")


def access_denied() -> AccessRefused:
    """The signature does not fit, or its policy does not admit this request."""
    return AccessRefused("AccessDenied", "Access denied")
