"""Bodies in chunks (``aws-chunked``): each chunk's signature includes the one before it.

https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
"""

import re
from dataclasses import dataclass
from hashlib import sha256
from typing import BinaryIO, Final

from thumbpipe_localstack.signatures.body import Body
from thumbpipe_localstack.signatures.claim import Claim
from thumbpipe_localstack.signatures.key import Key
from thumbpipe_localstack.signatures.received import Received
from thumbpipe_localstack.signatures.refusals import Reason, RefusedError
from thumbpipe_localstack.signatures.signing import is_same, sign, string_to_sign

_SIGNED: Final = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
_SIGNED_TRAILER: Final = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"
_UNSIGNED_TRAILER: Final = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"

STREAMING: Final = (_SIGNED, _SIGNED_TRAILER, _UNSIGNED_TRAILER)
"""The values of ``x-amz-content-sha256`` for bodies in chunks."""

_LENGTH: Final = "x-amz-decoded-content-length"
_SIZE: Final = re.compile(r"[0-9]{1,19}")
_EMPTY: Final = sha256(b"").hexdigest()
_CHUNK: Final = 1 << 20
_LONGEST_LINE: Final = 4096
_TRAILER_SIGNATURE: Final = b"x-amz-trailer-signature"
_HEAD: Final = re.compile(rb"([0-9a-fA-F]{1,8})(?:;chunk-signature=([0-9a-f]{64}))?\r\n")


@dataclass(slots=True)
class _Chain:
    """The chain of a body's chunk signatures."""

    claim: Claim
    secret: str
    previous: str

    def require(self, signature: str, algorithm: str, *hashes: str) -> None:
        text = string_to_sign(
            self.claim.timestamp, self.claim.scope, "\n".join([self.previous, *hashes]), f"AWS4-HMAC-SHA256-{algorithm}"
        )
        if not is_same(sign(self.secret, self.claim.scope, text), signature):
            details = {"AWSAccessKeyId": self.claim.scope.access_key, "StringToSign": text}
            raise RefusedError(Reason.MISMATCH, details={**details, "SignatureProvided": signature})
        self.previous = signature


def check_chunks(received: Received, claim: Claim, key: Key, body: Body) -> None:
    """Verify a body's chunks and trailing headers.

    Raises:
        RefusedError: A chunk's signature does not match, the body is truncated, or its size is not the announced one.
    """
    length = received.header(_LENGTH) or ""
    if not _SIZE.fullmatch(length):
        message = f"You must provide the {_LENGTH} HTTP header."
        raise RefusedError(Reason.MALFORMED, message, code="MissingContentLength", status=411)
    if claim.payload == _UNSIGNED_TRAILER:
        return  # only the request itself is signed
    stream, position = body.open()
    stream.seek(0)
    try:
        chain = _Chain(claim, key.secret, claim.signature)
        size = sum(iter(lambda: _check_chunk(stream, chain), 0))  # an empty chunk ends the body
        if claim.payload == _SIGNED_TRAILER:
            _check_trailer(stream, chain)
        if size != int(length):
            raise _incomplete()
    finally:
        stream.seek(position)


def _incomplete() -> RefusedError:
    message = "The request body terminated unexpectedly"
    return RefusedError(Reason.WRONG_BODY, message, code="IncompleteBody")


def _read_head(stream: BinaryIO) -> re.Match[bytes]:
    head = _HEAD.fullmatch(stream.readline(_LONGEST_LINE))
    if head is None or head[2] is None:
        raise _incomplete()
    return head


def _check_chunk(stream: BinaryIO, chain: _Chain) -> int:
    """Verify the next chunk and return its size in bytes."""
    head = _read_head(stream)
    size = missing = int(head[1], 16)
    digest = sha256()
    while missing:
        data = stream.read(min(missing, _CHUNK))
        if not data:
            raise _incomplete()
        digest.update(data)
        missing -= len(data)
    chain.require(head[2].decode(), "PAYLOAD", _EMPTY, digest.hexdigest())
    if size and stream.read(2) != b"\r\n":
        raise _incomplete()
    return size


def _check_trailer(stream: BinaryIO, chain: _Chain) -> None:
    """Verify the trailing headers, which are signed together: one line each, with a line feed at its end."""
    signed, signature = b"", ""
    while line := stream.readline(_LONGEST_LINE).strip():
        name, _, value = line.partition(b":")
        if name.strip().lower() == _TRAILER_SIGNATURE:
            signature = value.strip().decode("latin-1")
        else:
            signed += name.strip().lower() + b":" + value.strip() + b"\n"
    chain.require(signature, "TRAILER", sha256(signed).hexdigest())
