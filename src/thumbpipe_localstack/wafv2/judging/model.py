"""A web ACL as it is compiled, and what becomes of a request under it."""

from dataclasses import dataclass, field
from enum import Enum

from thumbpipe_localstack.wafv2.judging.scope import Matches


class Kind(Enum):
    """What an action does."""

    ALLOW = "ALLOW"
    BLOCK = "BLOCK"
    COUNT = "COUNT"


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """An action with all that it answers or inserts."""

    kind: Kind
    status: int = 403
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    inserted: tuple[tuple[str, str], ...] = ()
    custom: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Visibility:
    """What is shown of a rule or a web ACL."""

    metric: str
    metrics: bool
    samples: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A rule that looks at requests itself.

    Attributes:
        name: Unique within its web ACL or group.
        kind: `REGULAR` or `RATE_BASED`, as in the log.
        matches: Its statement.
        action: What happens with a request that matches.
        original: The action that was overridden, None if none was.
        excluded: Whether it was overridden by being excluded.
        labels: Given to a request that matches.
        visibility: What is shown of it.
        rate: For a rate rule what the log tells: limit, window, key.
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
    """A rule that hands requests to a group of rules.

    Attributes:
        name: Of the rule in the web ACL.
        kind: `GROUP` or `MANAGED_RULE_GROUP`, as in the log.
        group_id: What the log names the group by.
        metric_group: What metrics name the group by.
        within: Whether a request is handed to it at all.
        rules: In their order.
        counts: Whether what the group decides is counted only.
        visibility: What is shown of it.
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
    """All of a web ACL that verdicts need."""

    arn: str
    default: Action
    rules: tuple[Rule | Group, ...]
    visibility: Visibility


@dataclass(slots=True)
class Passage:
    """What a group did with a request.

    Attributes:
        group: The group.
        terminating: The rule that decided within it, if any did.
        matched: The other rules that matched.
    """

    group: Group
    terminating: Rule | None = None
    matched: list[Rule] = field(default_factory=list)


@dataclass(slots=True)
class Outcome:
    """What became of a request.

    Attributes:
        action: The last word.
        by: The rule or group of the web ACL that spoke it, None for the default action.
        matched: Rules of the web ACL, and groups, that matched and let the request go on.
        passages: The groups in which anything matched.
        inserted: Headers for a request that goes on.
    """

    action: Action
    by: Rule | Group | None = None
    matched: list[Rule | Group] = field(default_factory=list)
    passages: list[Passage] = field(default_factory=list)
    inserted: list[tuple[str, str]] = field(default_factory=list)
