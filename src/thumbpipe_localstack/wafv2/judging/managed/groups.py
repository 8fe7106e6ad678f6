"""The supported managed rule groups."""

from dataclasses import dataclass
from typing import Final

from thumbpipe_localstack.wafv2.judging.managed.common import COMMON_RULES
from thumbpipe_localstack.wafv2.judging.managed.known_bad_inputs import KNOWN_BAD_INPUTS_RULES
from thumbpipe_localstack.wafv2.judging.managed.reputation import REPUTATION_RULES
from thumbpipe_localstack.wafv2.judging.managed.rules import ManagedRule


@dataclass(frozen=True, slots=True, kw_only=True)
class ManagedGroup:
    """A managed rule group.

    Attributes:
        name: As in `ManagedRuleGroupStatement`.
        description: AWS's description.
        namespace: The prefix of its labels.
        capacity: AWS's WCU.
        rules: In order.
        versioned: Whether it has versions.
    """

    name: str
    description: str
    namespace: str
    capacity: int
    rules: tuple[ManagedRule, ...]
    versioned: bool = True


GROUPS: Final = {
    group.name: group
    for group in (
        ManagedGroup(
            name="AWSManagedRulesCommonRuleSet",
            description="Contains rules that are generally applicable to web applications. This provides protection "
            "against exploitation of a wide range of vulnerabilities, including those described in OWASP publications.",
            namespace="awswaf:managed:aws:core-rule-set:",
            capacity=700,
            rules=COMMON_RULES,
        ),
        ManagedGroup(
            name="AWSManagedRulesKnownBadInputsRuleSet",
            description="Contains rules that allow you to block request patterns that are known to be invalid and are "
            "associated with exploitation or discovery of vulnerabilities.",
            namespace="awswaf:managed:aws:known-bad-inputs:",
            capacity=200,
            rules=KNOWN_BAD_INPUTS_RULES,
        ),
        ManagedGroup(
            name="AWSManagedRulesAmazonIpReputationList",
            description="This group contains rules that are based on Amazon threat intelligence. This is useful if you "
            "would like to block sources associated with bots or other threats.",
            namespace="awswaf:managed:aws:amazon-ip-list:",
            capacity=25,
            rules=REPUTATION_RULES,
            versioned=False,
        ),
    )
}
