"""AWS's services on a LocalStack, and the key that opens them."""

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

# LocalStack reads the account out of an access key id of this form. These eight characters, with one of the alphabet's
# first half behind them, are account 000000000000.
_PREFIX: Final = "LKIA" + "QAAAAAAA"
_BASE32: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_SECRET_BYTES: Final = 30  # 40 characters of base64, as AWS's own have


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """The key of an account's root on a LocalStack.

    Attributes:
        access_key_id: Names the key; anybody may know it.
        secret_access_key: Signs; it is on no command line and in no log.
    """

    access_key_id: str
    secret_access_key: str = field(repr=False)

    @classmethod
    def make(cls) -> Self:
        """Make a random one for account 000000000000."""
        return cls(
            access_key_id=_PREFIX + secrets.choice(_BASE32[:16]) + "".join(secrets.choice(_BASE32) for _ in range(7)),
            secret_access_key=secrets.token_urlsafe(_SECRET_BYTES),
        )

    @classmethod
    def of_endpoint(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """Return the root key of somebody's own LocalStack, by the variables that it was itself given.

        A LocalStack that checks no signatures takes any key; its documentation's is "test". The user's `AWS_*`
        variables are never looked at: they are of another account.
        """
        given = [environment.get(name) for name in ("ROOT_ACCESS_KEY_ID", "ROOT_SECRET_ACCESS_KEY")]
        key_id, secret = given if all(given) else ("test", "test")
        return cls(access_key_id=str(key_id), secret_access_key=str(secret))

    def as_environment(self) -> dict[str, str]:
        """The variables in which AWS's tools look for it."""
        return {"AWS_ACCESS_KEY_ID": self.access_key_id, "AWS_SECRET_ACCESS_KEY": self.secret_access_key}


# In place of where botocore looks for the user's settings; a profile that is not there would be an error, too.
_NOBODYS_SETTINGS: Final = {
    "profile": (None, None, None, None),
    "config_file": (None, None, os.devnull, None),
    "credentials_file": (None, None, os.devnull, None),
}
_MAKING: Final = threading.Lock()


def client(service: str, endpoint_url: str, region: str, credentials: Credentials) -> Any:  # noqa: ANN401 - boto3 makes its clients at run time
    """Make a client that signs with these credentials, regardless of the user's environment."""
    # A session makes its clients one after the other.
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
    """Ask one of the plugin's own routes on the engine, which answer the root's key alone."""
    request = AWSRequest(method="GET", url=url)
    key = botocore.credentials.Credentials(credentials.access_key_id, credentials.secret_access_key)
    SigV4Auth(key, "cloudfront", region).add_auth(request)
    return httpx.get(url, headers=dict(request.headers), trust_env=False)
