"""CloudFront's signed URLs: an ECDSA signature over a policy that names what may be read, and until when.

`cryptography` is imported with the first signature only: a public gallery never pays for it. Of its two kinds of keys
CloudFront takes the gallery's is ECDSA P-256. A page of 100 images costs 100 signatures for their renditions, one
policy with a wildcard an image (2.4 ms of a whole processor, 8 ms at the function's 512 MB), where a canned policy for
each of 8 renditions would cost 800 (19 ms and 66 ms), and RSA 2048 ten times as much of either. An RSA key works, too.
"""

import base64
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Final

from thumbpipe.core.errors import ThumbpipeError

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient

KEY_KEPT_SECONDS: Final = 45.0
"""A rotated key reaches a warm function within a minute, and a minute costs one or two reads."""

# CloudFront's alphabet: base64 with other characters where a URL gives the usual ones a meaning.
_URL_SAFE: Final = bytes.maketrans(b"+=/", b"-_~")


class SigningKeyError(ThumbpipeError):
    """The parameter holds no signing key."""


@dataclass(frozen=True)
class SigningKey:
    """A pair's private half, and the id that CloudFront knows its public half by."""

    key_id: str
    private_key: str = field(repr=False)

    @classmethod
    def parse(cls, text: str) -> "SigningKey":
        """Read a parameter's value.

        Raises:
            SigningKeyError: It is not JSON with `key_id` and `private_key`.
        """
        try:
            value = json.loads(text)
            return cls(key_id=value["key_id"], private_key=value["private_key"])
        except (ValueError, KeyError, TypeError) as error:
            # Without the cause: its message might repeat the secret.
            raise SigningKeyError(f"The signing key's parameter cannot be read ({type(error).__name__}).") from None

    def sign(self, message: bytes) -> bytes:
        """Sign with SHA-256; the same message has the same signature, so that the URL stays what a browser keeps."""
        return self._signature(message)

    @cached_property
    def _signature(self) -> Callable[[bytes], bytes]:
        # Here, not above: only signed delivery has any use for it.
        from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa  # noqa: PLC0415
        from cryptography.hazmat.primitives.hashes import SHA256  # noqa: PLC0415
        from cryptography.hazmat.primitives.serialization import load_pem_private_key  # noqa: PLC0415

        key = load_pem_private_key(self.private_key.encode(), password=None)
        if isinstance(key, ec.EllipticCurvePrivateKey):
            # RFC 6979: by itself ECDSA draws a number for each signature, and each URL would be new to every browser.
            ecdsa = ec.ECDSA(SHA256(), deterministic_signing=True)
            return lambda message: key.sign(message, ecdsa)
        if isinstance(key, rsa.RSAPrivateKey):
            return lambda message: key.sign(message, padding.PKCS1v15(), SHA256())
        raise SigningKeyError("CloudFront takes RSA 2048 and ECDSA P-256 keys only.")


class KeyCache:
    """The signing key, read again when it has been kept for a while.

    Args:
        fetch: Reads it.
        clock: Tells seconds that only grow.
    """

    def __init__(self, fetch: Callable[[], SigningKey], clock: Callable[[], float] = time.monotonic) -> None:
        self._fetch = fetch
        self._clock = clock
        self._key: SigningKey | None = None
        self._fetched_at = 0.0

    def __call__(self) -> SigningKey:
        """Return the key."""
        now = self._clock()
        if self._key is None or now - self._fetched_at >= KEY_KEPT_SECONDS:
            fetched = self._fetch()
            # The same key keeps its place, and with it what was made of its text.
            self._key = self._key if fetched == self._key else fetched
            self._fetched_at = now
        return self._key or fetched


class CloudFrontSigner:
    """Signs addresses so that CloudFront admits to them for a while.

    The end is rounded: time is cut into windows of half the lifetime, and what is signed within one ends one lifetime
    after its window's beginning. So a URL stays the same for up to half its lifetime, and a browser's cache with it;
    and each one is good for more than half the lifetime, and never for more than all of it.

    Args:
        key: Gives the key.
        lifetime_seconds: How long a URL may be used at most.
        clock: Tells the time, in seconds since 1970.
    """

    def __init__(
        self, key: Callable[[], SigningKey], *, lifetime_seconds: int, clock: Callable[[], float] = time.time
    ) -> None:
        self._key = key
        self._lifetime_seconds = lifetime_seconds
        self._clock = clock

    def sign_folder(self, address: str) -> str:
        """The query that admits to everything below an address, which ends with a slash: a custom policy."""
        policy = _policy(f"{address}*", self._expires())
        return f"Policy={_encoded(policy)}&{self._signed(policy)}"

    def sign_file(self, address: str) -> str:
        """The query that admits to one address: a canned policy, of which the URL carries the end alone."""
        expires = self._expires()
        return f"Expires={expires}&{self._signed(_policy(address, expires))}"

    def _expires(self) -> int:
        window = max(1, self._lifetime_seconds // 2)
        return int(self._clock()) // window * window + self._lifetime_seconds

    def _signed(self, policy: bytes) -> str:
        key = self._key()
        # Without the last parameter CloudFront would check against SHA-1.
        return f"Signature={_encoded(key.sign(policy))}&Key-Pair-Id={key.key_id}&Hash-Algorithm=SHA256"


def _policy(resource: str, expires: int) -> bytes:
    """Write a policy byte for byte as CloudFront makes it up of a canned one."""
    statement = {"Resource": resource, "Condition": {"DateLessThan": {"AWS:EpochTime": expires}}}
    return json.dumps({"Statement": [statement]}, separators=(",", ":")).encode()


def _encoded(value: bytes) -> str:
    return base64.b64encode(value).translate(_URL_SAFE).decode()


def signing_key_from_ssm(client: "SSMClient", parameter: str) -> SigningKey:
    """Read the key from a SecureString parameter.

    Raises:
        SigningKeyError: It holds something else.
    """
    return SigningKey.parse(client.get_parameter(Name=parameter, WithDecryption=True)["Parameter"]["Value"])
