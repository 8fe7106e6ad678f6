"""Compiled web ACLs, and the outcome of their evaluation."""

from dataclasses import dataclass, field
from enum import Enum

from thumbpipe_localstack.wafv2.judging.scope import Matches


class Kind(Enum):
    """The kind of an action."""

    ALLOW = "ALLOW"
    BLOCK = "BLOCK"
    COUNT = "COUNT"


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """An action with its custom response or inserted headers."""

    kind: Kind
    status: int = 403
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    inserted: tuple[tuple[str, str], ...] = ()
    custom: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Visibility:
    """The metrics and samples of a rule or a web ACL."""

    metric: str
    metrics: bool
    samples: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A rule with its own statement.

    Attributes:
        name: Unique within its web ACL or group.
        kind: `REGULAR` or `RATE_BASED`, for the log.
        matches: Its compiled statement.
        action: For requests that match.
        original: The action before an override, None without one.
        excluded: Whether it was overridden by `ExcludedRules`.
        labels: Added to requests that match.
        visibility: Its metrics and samples.
        rate: Limit, window and key of a rate-based rule, for the log.
    """

    name: str
    kind: str
    matches: Matches
    action: Action
    original: Kind | None
    excluded: bool
    labels: tuple[str, ...]
    visibility: Visibility
    rate: tuple[int, int, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A rule that evaluates a rule group.

    Attributes:
        name: Of the rule in the web ACL.
        kind: `GROUP` or `MANAGED_RULE_GROUP`, for the log.
        group_id: The group's id in the log.
        metric_group: The group's name in metrics.
        within: The scope-down statement, None without one.
        rules: In order.
        counts: Whether the group's action is overridden to Count.
        visibility: Its metrics and samples.
    """

    name: str
    kind: str
    group_id: str
    metric_group: str
    within: Matches | None
    rules: tuple[Rule, ...]
    counts: bool
    visibility: Visibility


@dataclass(frozen=True, slots=True, kw_only=True)
class WebAcl:
    """A compiled web ACL."""

    arn: str
    default: Action
    rules: tuple[Rule | Group, ...]
    visibility: Visibility


@dataclass(slots=True)
class Passage:
    """The evaluation of a group for a request.

    Attributes:
        group: The group.
        terminating: The rule that terminated it, if any.
        matched: The other rules that matched.
    """

    group: Group
    terminating: Rule | None = None
    matched: list[Rule] = field(default_factory=list)


@dataclass(slots=True)
class Outcome:
    """The outcome for a request.

    Attributes:
        action: The final action.
        by: The rule or group of the web ACL with that action, None for the default action.
        matched: Rules and groups of the web ACL that matched without terminating.
        passages: The groups in which rules matched.
        inserted: Headers for an allowed request.
    """

    action: Action
    by: Rule | Group | None = None
    matched: list[Rule | Group] = field(default_factory=list)
    passages: list[Passage] = field(default_factory=list)
    inserted: list[tuple[str, str]] = field(default_factory=list)
