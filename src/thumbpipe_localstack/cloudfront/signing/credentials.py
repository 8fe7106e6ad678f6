"""The signature in a viewer's request: in the query string, or in cookies."""

from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote

from werkzeug.datastructures import Headers

PARAMETERS: Final = frozenset({"Expires", "Policy", "Signature", "Key-Pair-Id", "Hash-Algorithm"})
_COOKIE_PREFIX: Final = "CloudFront-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """A signature and its parameters; absent ones are empty."""

    key_id: str
    signature: str
    policy: str
    expires: str
    hash_name: str


def split_query(query: str) -> tuple[str, dict[str, str]]:
    """Split CloudFront's own parameters from a query string.

    Returns:
        The query string without them, otherwise unchanged, and the parameters. The first of repeated ones counts.
    """
    kept: list[str] = []
    own: dict[str, str] = {}
    for pair in query.split("&"):
        name, _, value = pair.partition("=")
        if name in PARAMETERS:
            own.setdefault(name, unquote(value))
        else:
            kept.append(pair)
    return "&".join(kept), own


def read_cookies(headers: Headers) -> dict[str, str]:
    """Return the values of CloudFront's cookies, by the names of the query parameters."""
    own: dict[str, str] = {}
    for header in headers.getlist("Cookie"):
        for pair in header.split(";"):
            name, _, value = pair.strip().partition("=")
            parameter = name.removeprefix(_COOKIE_PREFIX)
            if name.startswith(_COOKIE_PREFIX) and parameter in PARAMETERS:
                own.setdefault(parameter, unquote(value))
    return own


def find_credentials(parameters: dict[str, str], headers: Headers) -> Credentials:
    """Return the request's signature: a signed URL takes precedence over signed cookies."""
    shown = parameters if parameters.get("Signature") or parameters.get("Key-Pair-Id") else read_cookies(headers)
    return Credentials(
        key_id=shown.get("Key-Pair-Id", ""),
        signature=shown.get("Signature", ""),
        policy=shown.get("Policy", ""),
        expires=shown.get("Expires", ""),
        hash_name=shown.get("Hash-Algorithm", "SHA1"),
    )
