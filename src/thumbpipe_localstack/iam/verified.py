"""The access key of a verified signature, which takes precedence over any other key that a request names."""

from typing import Final

from localstack.http import Request

_PLACE: Final = "thumbpipe_localstack.verified_key"


def remember_key(request: Request, access_key: str) -> None:
    """Attach the key to its request."""
    request.environ[_PLACE] = access_key


def find_key(request: Request) -> str | None:
    """Return the key, or None if no signature was verified."""
    found: str | None = request.environ.get(_PLACE)
    return found
