"""The context in which statements are compiled."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from thumbpipe_localstack.wafv2.judging.inspected import Inspected
from thumbpipe_localstack.wafv2.judging.rates import RateWindows

Matches = Callable[[Inspected], bool]
Statement = Mapping[str, Any]


class Sources(Protocol):
    """Resolves what statements refer to."""

    def addresses(self, arn: str) -> Sequence[str]:
        """Return the addresses of an IP set."""

    def patterns(self, arn: str) -> Sequence[str]:
        """Return the patterns of a regex pattern set."""

    def rule_group(self, arn: str) -> Mapping[str, Any]:
        """Return a rule group in the API's model."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """The context of a statement.

    Attributes:
        sources: Resolves what it refers to.
        namespace: The prefix of labels: `awswaf:<account>:webacl:<name>:`.
        body_limit: How many bytes of a body are inspected.
        windows: The counts of the web ACL's rate-based rules.
        path: The names of the rules and groups that contain it.
    """

    sources: Sources
    namespace: str
    body_limit: int
    windows: RateWindows = field(default_factory=RateWindows)
    path: str = ""
