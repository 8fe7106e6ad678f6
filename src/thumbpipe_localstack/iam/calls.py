"""Values that connect a parsed request to the policies: the call, and the checks it needs."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """An API call in the terms of botocore's model.

    Attributes:
        service: IAM's prefix, as in ``states`` for Step Functions.
        operation: botocore's operation, as in ``ListObjectsV2``.
        parameters: the operation's input.
        account: the account of resources that the input does not name by ARN.
        method: the HTTP method.
        path: the HTTP path.
    """

    service: str
    operation: str
    parameters: Mapping[str, Any]
    partition: str = "aws"
    region: str
    account: str
    method: str = "POST"
    path: str = "/"

    def arn(self, resource: str, service: str | None = None) -> str:
        """Return the ARN of a resource of this account and region."""
        return f"arn:{self.partition}:{service or self.service}:{self.region}:{self.account}:{resource}"

    def first(self, names: Iterable[str]) -> str:
        """Return the first of these parameters that has a value, or an empty text."""
        return next((str(self.parameters[name]) for name in names if self.parameters.get(name)), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One action on one resource that a call needs, with condition keys specific to it."""

    action: str
    resource: str = "*"
    context: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
