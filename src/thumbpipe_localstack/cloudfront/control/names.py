"""Names that may be taken once in an account."""

from collections.abc import Mapping
from typing import Any, Final

from thumbpipe_localstack.cloudfront.control.errors import fault, invalid_argument
from thumbpipe_localstack.cloudfront.store import Stored

_LONGEST: Final = 128


def require_name(
    config: dict[str, Any], others: Mapping[str, Stored], resource: Stored | None, exists: str, *, allowed: str = "-_"
) -> None:
    """Refuse a name that CloudFront would not take, or that another resource of the kind has.

    Args:
        config: With the `Name`.
        others: All resources of the kind.
        resource: The one that is to be changed.
        exists: The error for a name that is taken.
        allowed: What may be in a name besides letters and digits.
    """
    name = config.get("Name") or ""
    if not name or len(name) > _LONGEST or not all(letter.isalnum() or letter in allowed for letter in name):
        raise invalid_argument("The parameter Name contains an invalid value.")
    if any(other is not resource and other.config["Name"] == name for other in others.values()):
        raise fault(exists, f"A resource with the same name already exists: {name}.")
