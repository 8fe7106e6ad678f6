"""Access to configurations in the form of botocore's model."""

from collections.abc import Mapping
from typing import Any

from thumbpipe_localstack.cloudfront.store import Stored

Config = Mapping[str, Any]


def items(holder: Config | None, name: str = "Items") -> list[Any]:
    """Return the items of a list member, which may be absent."""
    return list((holder or {}).get(name) or [])


def find_policy(policy_id: str | None, policies: Mapping[str, Stored]) -> Stored | None:
    """Return a policy of the account or of AWS; None if no id is given."""
    return policies[policy_id] if policy_id else None
