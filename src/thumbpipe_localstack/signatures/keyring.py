"""The keys that this engine has issued, read from moto's current state."""

from datetime import UTC
from typing import Any, Final

from localstack.aws.accounts import get_account_id_from_access_key_id
from localstack.constants import INTERNAL_AWS_ACCESS_KEY_ID
from localstack.utils.aws.arns import get_partition

from thumbpipe_localstack.signatures.internal import internal_secret
from thumbpipe_localstack.signatures.key import Key, Owner
from thumbpipe_localstack.signatures.settings import RootKey

_ACCOUNT_DIGITS: Final = 12


class Keyring:
    """Finds the secret of an access key.

    Args:
        root: The root user's key.
    """

    def __init__(self, root: RootKey) -> None:
        self._root = root

    def find(self, access_key: str, region: str) -> Key | None:
        """Return a key that is valid now, or None.

        Args:
            access_key: Its id.
            region: The region of the credential scope, which determines the partition.
        """
        if access_key == self._root.access_key:
            return Key(secret=self._root.secret, owner=Owner.ROOT)
        if access_key == INTERNAL_AWS_ACCESS_KEY_ID or _is_account(access_key):
            return Key(secret=internal_secret(), owner=Owner.ENGINE)
        return _find_given_away(access_key, get_partition(region))


def _is_account(access_key: str) -> bool:
    return len(access_key) == _ACCOUNT_DIGITS and access_key.isascii() and access_key.isdigit()


def _find_given_away(access_key: str, partition: str) -> Key | None:
    # Imported here: moto's IAM takes a while to load, which calls signed by the root user do not need.
    from moto.iam.models import iam_backends  # noqa: PLC0415

    account = get_account_id_from_access_key_id(access_key)
    if account not in iam_backends:
        return None  # an unknown key must not create an account
    backend = iam_backends[account][partition]
    found = backend.access_keys.get(access_key)
    if found is None:
        return None
    if found.user_name is not None:
        is_valid = found.status == "Active" and found.user_name in backend.users
        return Key(secret=found.secret_access_key, owner=Owner.PRINCIPAL) if is_valid else None
    return _find_temporary(backend, account, partition, access_key)


def _find_temporary(backend: Any, account: str, partition: str, access_key: str) -> Key | None:  # noqa: ANN401 - LocalStack carries no types
    from thumbpipe_localstack.iam.sessions import GrantedSession, find_session  # noqa: PLC0415 - see above

    session: Any = find_session(account, partition, access_key)
    is_of_user = isinstance(session, GrantedSession) and session.user_name is not None
    if session is None or (is_of_user and session.user_name not in backend.users):
        return None
    return Key(
        secret=session.secret_access_key,
        owner=Owner.PRINCIPAL,
        token=session.session_token,
        expires_at=session.expiration.replace(tzinfo=UTC),  # moto's times are naive and in UTC
    )
