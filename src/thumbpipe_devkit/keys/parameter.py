"""The parameter with the active private key, written by an API call: it is in no file and not in Terraform's state."""

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from thumbpipe_devkit.errors import KeysUnchangedError
from thumbpipe_devkit.keys.pair import KeyPair

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyInUse:
    """The active key.

    Attributes:
        key_id: CloudFront's id of the pair.
        since: When it was activated, in seconds since the epoch.
    """

    key_id: str
    since: float


class KeyParameter:
    """One SecureString parameter.

    Args:
        client: An SSM client.
        name: The parameter's name.
    """

    def __init__(self, client: "SSMClient", name: str) -> None:
        self._client = client
        self._name = name

    def in_use(self) -> KeyInUse:
        """Return which key is active, without the private key.

        Raises:
            KeysUnchangedError: There is no active key.
        """
        try:
            parameter = self._client.get_parameter(Name=self._name, WithDecryption=True)["Parameter"]
        except self._client.exceptions.ParameterNotFound:
            raise KeysUnchangedError(f"there is no active key: the parameter {self._name} does not exist") from None
        since = parameter["LastModifiedDate"].timestamp()
        return KeyInUse(key_id=str(json.loads(parameter["Value"])["key_id"]), since=since)

    def put(self, pair: KeyPair, key_id: str) -> None:
        """Activate a pair."""
        self._client.put_parameter(
            Name=self._name, Value=pair.value(key_id), Type="SecureString", Overwrite=True, Tier="Standard"
        )

    def remove(self) -> None:
        """Delete the parameter with the key, if it exists."""
        self._client.delete_parameters(Names=[self._name])
