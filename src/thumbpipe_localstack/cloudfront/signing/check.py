"""Access to behaviours with trusted key groups."""

import dataclasses
import re
from collections.abc import Mapping
from typing import Final

from thumbpipe_localstack.cloudfront import scheme
from thumbpipe_localstack.cloudfront.messages import ViewerRequest
from thumbpipe_localstack.cloudfront.signing.credentials import Credentials, find_credentials, split_query
from thumbpipe_localstack.cloudfront.signing.encoding import decode
from thumbpipe_localstack.cloudfront.signing.policy import Asked, canned, parse
from thumbpipe_localstack.cloudfront.signing.refusals import (
    AccessRefused,
    access_denied,
    malformed_policy,
    malformed_signature,
    missing_key,
    unknown_key,
)
from thumbpipe_localstack.cloudfront.signing.verifying import is_signed

__all__ = ["AccessRefused", "check_access"]

PublicKeyPem = str

_EPOCH: Final = re.compile(r"[0-9]{1,15}", re.ASCII)


def check_access(request: ViewerRequest, keys: Mapping[str, PublicKeyPem], *, now: float) -> ViewerRequest:
    """Check that a trusted key signed a request.

    Args:
        request: The viewer's request.
        keys: The public keys of the behaviour's trusted key groups, by id.
        now: Seconds since the epoch.

    Returns:
        The request without CloudFront's own query parameters.

    Raises:
        AccessRefused: It is not signed, or not for this URL, time or IP address.
    """
    query, parameters = split_query(request.query)
    shown = find_credentials(parameters, request.headers)
    if not shown.key_id:
        raise missing_key()
    pem = keys.get(shown.key_id)
    if pem is None:
        raise unknown_key()
    signature = _decode_signature(shown.signature)
    asked = Asked(_urls(request, query), request.client_ip, now)
    check = _check_custom if shown.policy else _check_canned
    check(shown, pem, signature, asked)
    return dataclasses.replace(request, query=query)


def _decode_signature(text: str) -> bytes:
    if not text:
        raise access_denied()
    try:
        return decode(text)
    except ValueError as error:
        raise malformed_signature() from error


def _urls(request: ViewerRequest, query: str) -> list[str]:
    """Return the URLs that may have been signed: with both schemes, unless the viewer's scheme matters."""
    schemes = [request.scheme]
    if not scheme.counts():
        schemes.append("http" if request.scheme == "https" else "https")
    rest = f"{request.authority}{request.path}{'?' if query else ''}{query}"
    return [f"{name}://{rest}" for name in schemes]


def _check_canned(shown: Credentials, pem: str, signature: bytes, asked: Asked) -> None:
    if not _EPOCH.fullmatch(shown.expires):
        raise malformed_policy()
    if asked.now >= int(shown.expires):
        raise access_denied()
    if not any(is_signed(pem, canned(url, shown.expires), signature, shown.hash_name) for url in asked.urls):
        raise access_denied()


def _check_custom(shown: Credentials, pem: str, signature: bytes, asked: Asked) -> None:
    try:
        document = decode(shown.policy)
    except ValueError as error:
        raise malformed_policy() from error
    # Verified before it is parsed: unsigned input is not parsed at all.
    if not is_signed(pem, document, signature, shown.hash_name):
        raise access_denied()
    try:
        policy = parse(document)
    except ValueError as error:
        raise malformed_policy() from error
    if not policy.admits(asked):
        raise access_denied()
