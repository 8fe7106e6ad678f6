"""Names that are unique within an account."""

from collections.abc import Mapping
from typing import Any, Final

from thumbpipe_localstack.cloudfront.control.errors import fault, invalid_argument
from thumbpipe_localstack.cloudfront.store import Stored

_LONGEST: Final = 128


def require_name(
    config: dict[str, Any], others: Mapping[str, Stored], resource: Stored | None, exists: str, *, allowed: str = "-_"
) -> None:
    """Reject an invalid name, or one that another resource of the kind has.

    Args:
        config: Holds the `Name`.
        others: All resources of the kind.
        resource: The one that is updated, None for a new one.
        exists: The error code for a name that is already in use.
        allowed: Characters allowed besides letters and digits.
    """
    name = config.get("Name") or ""
    if not name or len(name) > _LONGEST or not all(letter.isalnum() or letter in allowed for letter in name):
        raise invalid_argument("The parameter Name contains an invalid value.")
    if any(other is not resource and other.config["Name"] == name for other in others.values()):
        raise fault(exists, f"A resource with the same name already exists: {name}.")
