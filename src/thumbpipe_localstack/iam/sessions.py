"""The owners of temporary credentials, from moto's state."""

from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

from moto.sts.models import sts_backends


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantedSession:
    """Credentials from `GetSessionToken` or `GetFederationToken`, stored with moto's role sessions, in the same form.

    Attributes:
        arn: The ARN of the session's principal.
        user_id: As `GetCallerIdentity` returns it.
        user_name: The user who requested it; None for the account's root user.
        expiration: When it expires: in UTC and naive, as in moto.
        is_federated: Whether it is a federated user's.
        policy: A federated user's session policy.
    """

    access_key_id: str
    secret_access_key: str = field(repr=False)
    session_token: str = field(repr=False)
    expiration: datetime
    account_id: str
    arn: str
    user_id: str
    user_name: str | None
    is_federated: bool = False
    policy: str | None = None


class _UnknownSessionError(LookupError):
    """The access key was never issued."""


@lru_cache(maxsize=1024)  # a key's session never changes; an unknown key raises and is not cached
def _find(account: str, partition: str, access_key: str) -> Any:  # noqa: ANN401 - moto is not there when types are checked
    for session in reversed(sts_backends[account][partition].assumed_roles):
        if session.access_key_id == access_key:
            return session
    raise _UnknownSessionError(access_key)


def find_session(account: str, partition: str, access_key: str) -> Any | None:  # noqa: ANN401
    """Return moto's session of a temporary access key, or None if it no longer exists."""
    try:
        return _find(account, partition, access_key)
    except _UnknownSessionError:
        return None
