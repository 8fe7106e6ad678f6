"""Web ACLs compiled from their configuration, and requests to evaluate; no engine is needed."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any, Final

from support.web_acls import make_rule, steps, visible
from thumbpipe_localstack.wafv2.judging.acl import compile_acl
from thumbpipe_localstack.wafv2.judging.evaluating import evaluate
from thumbpipe_localstack.wafv2.judging.inspected import Inspected
from thumbpipe_localstack.wafv2.judging.model import Kind, Outcome, WebAcl
from thumbpipe_localstack.wafv2.judging.rates import RateWindows
from thumbpipe_localstack.wafv2.judging.web_request import WebRequest

NOW: Final = 1_700_000_000.0
BROWSER: Final = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0 Safari/537.36"
SET: Final = "arn:aws:wafv2:us-east-1:000000000000:regional/ipset/s/1"
GROUP: Final = "arn:aws:wafv2:us-east-1:000000000000:regional/rulegroup/g/1"
BODY: Final = {"Body": {"OversizeHandling": "CONTINUE"}}
QUERY: Final[dict[str, Any]] = {"QueryString": {}}

Config = dict[str, Any]


@dataclasses.dataclass
class Sources:
    """Resolves the references of statements, with a test's values."""

    cidrs: Sequence[str] = ()
    regexes: Sequence[str] = ()
    group: Mapping[str, Any] = dataclasses.field(default_factory=dict)

    def addresses(self, arn: str) -> Sequence[str]:
        assert arn == SET
        return self.cidrs

    def patterns(self, arn: str) -> Sequence[str]:
        assert arn == SET
        return self.regexes

    def rule_group(self, arn: str) -> Mapping[str, Any]:
        assert arn == GROUP
        return self.group


def ask(
    path: str = "/",
    query: str = "",
    headers: Sequence[tuple[str, str]] = (("User-Agent", BROWSER),),
    **changes: Any,  # noqa: ANN401 - parts of a request
) -> WebRequest:
    values: dict[str, Any] = {
        "source_ip": "192.0.2.1",
        "method": "GET",
        "body": b"",
        "http_version": "HTTP/1.1",
        "received_at": NOW,
        "country": "AT",
        "source_name": "CF",
        "source_id": "E1",
    }
    return WebRequest(uri_path=path, query_string=query, headers=headers, **(values | changes))


def make(*rules: Config, sources: Sources | None = None, windows: RateWindows | None = None, **changes: Any) -> WebAcl:  # noqa: ANN401
    config = {
        "ARN": "arn:aws:wafv2:us-east-1:000000000000:regional/webacl/a/1",
        "LabelNamespace": "awswaf:000000000000:webacl:a:",
        "DefaultAction": {"Allow": {}},
        "VisibilityConfig": visible("a"),
        "Rules": rules,
    }
    return compile_acl(config | changes, sources or Sources(), windows or RateWindows())


def judge(acl: WebAcl, request: WebRequest) -> Outcome:
    return evaluate(acl, Inspected(request))


def fits(statement: Config, request: WebRequest, sources: Sources | None = None) -> bool:
    return judge(make(make_rule("r", statement), sources=sources), request).action.kind is Kind.BLOCK


def size(comparison: str, length: int, field: Config) -> Config:
    settings = {"ComparisonOperator": comparison, "Size": length, "FieldToMatch": field, "TextTransformations": steps()}
    return {"SizeConstraintStatement": settings}
