"""`AWSManagedRulesAmazonIpReputationList`: AWS's lists are not public; each is replaced by a setting.

A setting is a list of addresses and networks, separated by commas; empty by default.
"""

import os
from collections.abc import Callable
from typing import Final

from thumbpipe_localstack.wafv2.judging.addresses import compile_ip_set
from thumbpipe_localstack.wafv2.judging.managed.rules import ManagedRule
from thumbpipe_localstack.wafv2.judging.scope import Matches, Scope


def _listed(setting: str) -> Callable[[Scope], Matches]:
    def make(_scope: Scope) -> Matches:
        cidrs = [each.strip() for each in os.environ.get(setting, "").split(",") if each.strip()]
        return compile_ip_set(cidrs, None)

    return make


REPUTATION_RULES: Final = (
    ManagedRule(
        name="AWSManagedIPReputationList",
        label="AWSManagedIPReputationList",
        compile=_listed("WAFV2_IP_REPUTATION_LIST"),
    ),
    ManagedRule(
        name="AWSManagedReconnaissanceList",
        label="AWSManagedReconnaissanceList",
        compile=_listed("WAFV2_RECONNAISSANCE_LIST"),
    ),
    ManagedRule(
        name="AWSManagedIPDDoSList",
        label="AWSManagedIPDDoSList",
        compile=_listed("WAFV2_IP_DDOS_LIST"),
        action="COUNT",
    ),
)
