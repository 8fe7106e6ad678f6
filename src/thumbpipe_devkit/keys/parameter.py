"""The parameter with the private key that is in use: written by an API call, past Terraform and every file."""

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from thumbpipe_devkit.errors import KeysUnchangedError
from thumbpipe_devkit.keys.pair import KeyPair

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyInUse:
    """What the gallery signs with.

    Attributes:
        key_id: CloudFront's id of the pair.
        since: When it was put to use, in seconds since 1970.
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
        """Say which key is in use; its private half stays where it is.

        Raises:
            KeysUnchangedError: There is none.
        """
        try:
            parameter = self._client.get_parameter(Name=self._name, WithDecryption=True)["Parameter"]
        except self._client.exceptions.ParameterNotFound:
            raise KeysUnchangedError(f"the stack has no key in use: the parameter {self._name} is not there") from None
        since = parameter["LastModifiedDate"].timestamp()
        return KeyInUse(key_id=str(json.loads(parameter["Value"])["key_id"]), since=since)

    def put(self, pair: KeyPair, key_id: str) -> None:
        """Put a pair to use."""
        self._client.put_parameter(
            Name=self._name, Value=pair.value(key_id), Type="SecureString", Overwrite=True, Tier="Standard"
        )

    def remove(self) -> None:
        """Delete the parameter with the key, if it exists."""
        self._client.delete_parameters(Names=[self._name])
