"""CloudFront's errors for missing and invalid signatures."""

from dataclasses import dataclass
from http import HTTPStatus

from werkzeug.datastructures import Headers


@dataclass(frozen=True, slots=True)
class AccessRefused(Exception):  # noqa: N818 - a response rather than an error
    """A request that is denied.

    Attributes:
        code: CloudFront's error code.
        message: CloudFront's text.
        status: The HTTP status.
    """

    code: str
    message: str
    status: int = HTTPStatus.FORBIDDEN

    @property
    def headers(self) -> Headers:
        """The headers that CloudFront sends with it, besides those of all responses."""
        return Headers([("Server", "CloudFront"), ("Content-Type", "text/xml")])

    @property
    def body(self) -> bytes:
        """The response body, in XML."""
        return (
            f'<?xml version="1.0" encoding="UTF-8"?><Error><Code>{self.code}</Code>'
            f"<Message>{self.message}</Message></Error>"
        ).encode()


def missing_key() -> AccessRefused:
    """The request names no key."""
    return AccessRefused("MissingKey", "Missing Key-Pair-Id query parameter or cookie value")


def unknown_key() -> AccessRefused:
    """The key is not in the behaviour's key groups."""
    return AccessRefused("InvalidKey", "Unknown Key")


def malformed_policy() -> AccessRefused:
    """The policy is malformed."""
    return AccessRefused("MalformedPolicy", "Malformed Policy")


def malformed_signature() -> AccessRefused:
    """The signature is not in CloudFront's variant of base64."""
    return AccessRefused("MalformedSignature", "Could not unencode Signature")


def access_denied() -> AccessRefused:
    """The signature does not match, or its policy does not allow the request."""
    return AccessRefused("AccessDenied", "Access denied")
