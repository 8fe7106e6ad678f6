"""The finding of an evaluation."""

from dataclasses import dataclass

from thumbpipe_localstack.wafv2.judging.model import Outcome, WebAcl
from thumbpipe_localstack.wafv2.judging.web_request import WebRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """An evaluated request, without its body."""

    acl: WebAcl
    request: WebRequest
    labels: tuple[str, ...]
    outcome: Outcome
