"""A signature's credential: the access key and the credential scope."""

from dataclasses import dataclass
from typing import Final

_PARTS: Final = 5
_TERMINATOR: Final = "aws4_request"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """A credential, as in ``AKIA…/20130524/us-east-1/s3/aws4_request``.

    Attributes:
        access_key: The access key's id.
        date: As in ``20130524``.
    """

    access_key: str
    date: str
    region: str
    service: str

    @classmethod
    def parse(cls, credential: str) -> "Scope":
        """Parse a credential.

        Raises:
            ValueError: It does not have five parts, or one of them is empty.
        """
        parts = credential.strip().rsplit("/", _PARTS - 1)
        if len(parts) != _PARTS or not all(parts) or parts[-1] != _TERMINATOR:
            raise ValueError(f"not a credential: {credential!r}")
        access_key, date, region, service, _ = parts
        return cls(access_key=access_key, date=date, region=region, service=service)

    @property
    def text(self) -> str:
        """The scope without the access key."""
        return f"{self.date}/{self.region}/{self.service}/{_TERMINATOR}"
