"""Reading configurations as botocore's model has them."""

from collections.abc import Mapping
from typing import Any

from thumbpipe_localstack.cloudfront.store import Stored

Config = Mapping[str, Any]


def items(holder: Config | None, name: str = "Items") -> list[Any]:
    """Return the items of a list, which may be absent."""
    return list((holder or {}).get(name) or [])


def find_policy(policy_id: str | None, policies: Mapping[str, Stored]) -> Stored | None:
    """Return one of an account's policies, which include those of AWS; None if none is named."""
    return policies[policy_id] if policy_id else None
