"""AWS's services on a LocalStack, and the credentials for them."""

import functools
import os
import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Self

import boto3
import botocore.credentials
import botocore.session
import httpx
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest

# LocalStack decodes the account from an access key id of this form. These eight characters, followed by one from the
# first half of the alphabet, are account 000000000000.
_PREFIX: Final = "LKIA" + "QAAAAAAA"
_BASE32: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_SECRET_BYTES: Final = 30  # 40 characters of base64, as in AWS


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """The access key of an account's root user on a LocalStack.

    Attributes:
        access_key_id: The key's id, which is not secret.
        secret_access_key: The secret; it appears in no command line and no log.
    """

    access_key_id: str
    secret_access_key: str = field(repr=False)

    @classmethod
    def make(cls) -> Self:
        """Make random credentials for account 000000000000."""
        return cls(
            access_key_id=_PREFIX + secrets.choice(_BASE32[:16]) + "".join(secrets.choice(_BASE32) for _ in range(7)),
            secret_access_key=secrets.token_urlsafe(_SECRET_BYTES),
        )

    @classmethod
    def of_endpoint(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """Return the root key of the user's own LocalStack, from the variables that LocalStack itself was given.

        A LocalStack that does not verify signatures accepts any key; its documentation uses "test". The user's
        `AWS_*` variables are never read: they belong to another account.
        """
        given = [environment.get(name) for name in ("ROOT_ACCESS_KEY_ID", "ROOT_SECRET_ACCESS_KEY")]
        key_id, secret = given if all(given) else ("test", "test")
        return cls(access_key_id=str(key_id), secret_access_key=str(secret))

    def as_environment(self) -> dict[str, str]:
        """The environment variables from which AWS's tools read the credentials."""
        return {"AWS_ACCESS_KEY_ID": self.access_key_id, "AWS_SECRET_ACCESS_KEY": self.secret_access_key}


# Instead of the user's own settings files; a missing profile would be an error, too.
_NOBODYS_SETTINGS: Final = {
    "profile": (None, None, None, None),
    "config_file": (None, None, os.devnull, None),
    "credentials_file": (None, None, os.devnull, None),
}
_MAKING: Final = threading.Lock()


def client(service: str, endpoint_url: str, region: str, credentials: Credentials) -> Any:  # noqa: ANN401 - boto3 makes its clients at run time
    """Make a client that signs with these credentials, regardless of the user's environment."""
    # A session is not thread-safe while it creates clients.
    with _MAKING:
        return _session().client(
            service,  # type: ignore[call-overload]
            endpoint_url=endpoint_url,
            region_name=region,
            aws_access_key_id=credentials.access_key_id,
            aws_secret_access_key=credentials.secret_access_key,
        )


@functools.cache
def _session() -> boto3.Session:
    return boto3.Session(botocore_session=botocore.session.Session(_NOBODYS_SETTINGS))


def get_signed(url: str, region: str, credentials: Credentials) -> httpx.Response:
    """Call one of the plugin's own routes on the engine, which require the root user's key."""
    request = AWSRequest(method="GET", url=url)
    key = botocore.credentials.Credentials(credentials.access_key_id, credentials.secret_access_key)
    SigV4Auth(key, "cloudfront", region).add_auth(request)
    return httpx.get(url, headers=dict(request.headers), trust_env=False)
