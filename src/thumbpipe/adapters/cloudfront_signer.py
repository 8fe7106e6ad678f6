"""CloudFront's signed URLs: an ECDSA signature of a policy that says what may be read, and until when.

`cryptography` is imported with the first signature only: a public gallery never pays for it. Keys are ECDSA P-256. A
page of 100 images costs 100 signatures for their renditions, one policy with a wildcard for each image (2.4 ms on a
full vCPU, 8 ms at the function's 512 MB), where canned policies for 8 renditions each would cost 800 (19 ms and
66 ms). RSA 2048 keys work, too, but take ten times as long.
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
"""A rotated key thus reaches a warm function within a minute, at the cost of one or two reads a minute."""

RETRY_SECONDS: Final = 5.0
"""How long a key that could not be fetched again stays in use before the next attempt."""

# CloudFront's base64 replaces the characters that have a meaning in URLs.
_URL_SAFE: Final = bytes.maketrans(b"+=/", b"-_~")


class SigningKeyError(ThumbpipeError):
    """The parameter does not hold a valid signing key."""


@dataclass(frozen=True)
class SigningKey:
    """A private key, and the id under which CloudFront knows its public key."""

    key_id: str
    private_key: str = field(repr=False)

    @classmethod
    def parse(cls, text: str) -> "SigningKey":
        """Parse a parameter's value.

        Raises:
            SigningKeyError: It is not JSON with `key_id` and `private_key`.
        """
        try:
            value = json.loads(text)
            return cls(key_id=value["key_id"], private_key=value["private_key"])
        except (ValueError, KeyError, TypeError) as error:
            # The cause is left out: its message might contain the secret.
            raise SigningKeyError(f"Malformed signing key parameter ({type(error).__name__}).") from None

    def sign(self, message: bytes) -> bytes:
        """Sign with SHA-256. Equal messages have equal signatures, so that browsers can cache by URL."""
        return self._signature(message)

    @cached_property
    def _signature(self) -> Callable[[bytes], bytes]:
        # Imported here, because only signed delivery needs it.
        from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa  # noqa: PLC0415 - see above
        from cryptography.hazmat.primitives.hashes import SHA256  # noqa: PLC0415 - see above
        from cryptography.hazmat.primitives.serialization import load_pem_private_key  # noqa: PLC0415 - see above

        key = load_pem_private_key(self.private_key.encode(), password=None)
        if isinstance(key, ec.EllipticCurvePrivateKey):
            # RFC 6979: otherwise each signature is random, and each URL would be new to every browser.
            ecdsa = ec.ECDSA(SHA256(), deterministic_signing=True)
            return lambda message: key.sign(message, ecdsa)
        if isinstance(key, rsa.RSAPrivateKey):
            return lambda message: key.sign(message, padding.PKCS1v15(), SHA256())
        raise SigningKeyError("CloudFront supports RSA 2048 and ECDSA P-256 keys only.")


class KeyCache:
    """The signing key, fetched again after `KEY_KEPT_SECONDS`.

    A key that cannot be fetched again stays in use: CloudFront accepts it until it is retired, and a throttled read
    must not fail a listing.

    Args:
        fetch: Fetches it.
        clock: A monotonic clock, in seconds.
        on_error: Called with each error that left the last key in use.
    """

    def __init__(
        self,
        fetch: Callable[[], SigningKey],
        clock: Callable[[], float] = time.monotonic,
        on_error: Callable[[Exception], None] = lambda _error: None,
    ) -> None:
        self._fetch = fetch
        self._clock = clock
        self._on_error = on_error
        self._key: SigningKey | None = None
        self._due = 0.0

    def __call__(self) -> SigningKey:
        """Return the key; an error propagates only if no key was ever fetched."""
        if self._key is None:
            self._key = self._fetch()
            self._due = self._clock() + KEY_KEPT_SECONDS
        elif self._clock() >= self._due:
            self._key = self._refreshed(self._key)
        return self._key

    def _refreshed(self, last: SigningKey) -> SigningKey:
        try:
            fetched = self._fetch()
        except Exception as error:  # noqa: BLE001 - whatever the error is, the last key still works
            self._on_error(error)
            self._due = self._clock() + RETRY_SECONDS
            return last
        self._due = self._clock() + KEY_KEPT_SECONDS
        # An equal key is not replaced: it has parsed its private key already.
        return last if fetched == last else fetched


class CloudFrontSigner:
    """Signs URLs so that CloudFront grants access to them for a while.

    Expiry times are rounded: time is divided into windows of half the lifetime, and a URL that is signed within one
    expires one lifetime after its window's start. So a URL stays the same for up to half its lifetime, for the sake of
    browsers' caches, and is valid for more than half the lifetime and never for more than all of it.

    Args:
        key: Returns the key.
        lifetime_seconds: The longest time that a URL is valid.
        clock: Returns the time, in seconds since 1970.
    """

    def __init__(
        self, key: Callable[[], SigningKey], *, lifetime_seconds: int, clock: Callable[[], float] = time.time
    ) -> None:
        self._key = key
        self._lifetime_seconds = lifetime_seconds
        self._clock = clock

    def sign_folder(self, url: str) -> str:
        """Return the query for everything below a URL, which ends with a slash: a custom policy."""
        policy = _policy(f"{url}*", self._expires())
        return f"Policy={_encoded(policy)}&{self._signed(policy)}"

    def sign_file(self, url: str) -> str:
        """Return the query for one URL: a canned policy, of which the query contains only the expiry time."""
        expires = self._expires()
        return f"Expires={expires}&{self._signed(_policy(url, expires))}"

    def _expires(self) -> int:
        window = max(1, self._lifetime_seconds // 2)
        return int(self._clock()) // window * window + self._lifetime_seconds

    def _signed(self, policy: bytes) -> str:
        key = self._key()
        # Without the last parameter CloudFront would verify with SHA-1.
        return f"Signature={_encoded(key.sign(policy))}&Key-Pair-Id={key.key_id}&Hash-Algorithm=SHA256"


def _policy(resource: str, expires: int) -> bytes:
    """Write a policy, byte for byte as CloudFront derives it from a canned one's URL."""
    statement = {"Resource": resource, "Condition": {"DateLessThan": {"AWS:EpochTime": expires}}}
    return json.dumps({"Statement": [statement]}, separators=(",", ":")).encode()


def _encoded(value: bytes) -> str:
    return base64.b64encode(value).translate(_URL_SAFE).decode()


def signing_key_from_ssm(client: "SSMClient", parameter: str) -> SigningKey:
    """Read the key from a SecureString parameter.

    Raises:
        SigningKeyError: The parameter does not hold a valid signing key.
    """
    return SigningKey.parse(client.get_parameter(Name=parameter, WithDecryption=True)["Parameter"]["Value"])
