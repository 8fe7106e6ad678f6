"""What a statement is compiled with, apart from itself."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from thumbpipe_localstack.wafv2.judging.inspected import Inspected
from thumbpipe_localstack.wafv2.judging.rates import RateWindows

Matches = Callable[[Inspected], bool]
Statement = Mapping[str, Any]


class Sources(Protocol):
    """Where what statements refer to is found."""

    def addresses(self, arn: str) -> Sequence[str]:
        """Return the addresses of an IP set."""

    def patterns(self, arn: str) -> Sequence[str]:
        """Return the patterns of a regex pattern set."""

    def rule_group(self, arn: str) -> Mapping[str, Any]:
        """Return a rule group as the API's model has it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Where a statement stands.

    Attributes:
        sources: Where what it refers to is found.
        namespace: What a label gets as its beginning: `awswaf:<account>:webacl:<name>:`.
        body_limit: The bytes of a body that are looked at.
        windows: The rates of the web ACL.
        path: The names of the rules and groups that it stands in.
    """

    sources: Sources
    namespace: str
    body_limit: int
    windows: RateWindows = field(default_factory=RateWindows)
    path: str = ""
