"""The access key whose signature was verified, where signatures are: it counts, whatever else a request names."""

from typing import Final

from localstack.http import Request

_PLACE: Final = "thumbpipe_localstack.verified_key"


def remember_key(request: Request, access_key: str) -> None:
    """Keep the key with its request."""
    request.environ[_PLACE] = access_key


def find_key(request: Request) -> str | None:
    """Return the key; None where nobody has verified anything."""
    found: str | None = request.environ.get(_PLACE)
    return found
