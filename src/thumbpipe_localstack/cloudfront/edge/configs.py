"""Reading configurations as botocore's model has them."""

from collections.abc import Mapping
from typing import Any

from thumbpipe_localstack.cloudfront.store import Stored

Config = Mapping[str, Any]


def items(holder: Config | None, name: str = "Items") -> list[Any]:
    """Return the items of a list, which may be absent."""
    return list((holder or {}).get(name) or [])


def find_policy(policy_id: str | None, managed: Mapping[str, Stored], own: Mapping[str, Stored]) -> Stored | None:
    """Return one of AWS's policies or of the account's own; None if none is named."""
    if not policy_id:
        return None
    return managed.get(policy_id) or own[policy_id]
