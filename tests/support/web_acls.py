"""Web ACLs on a running engine: rules in the form of WAF's model, and responses of a stage behind one."""

import itertools
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from support.cloudfront_edge import Answer, ask
from support.plugin_engine import Engine

Config = dict[str, Any]

ALLOW: Final[Config] = {"Allow": {}}
BLOCK: Final[Config] = {"Block": {}}
COUNT: Final[Config] = {"Count": {}}
PATH: Final[Config] = {"UriPath": {}}


def visible(metric: str, *, samples: bool = True) -> Config:
    return {"MetricName": metric, "CloudWatchMetricsEnabled": True, "SampledRequestsEnabled": samples}


def steps(*names: str) -> list[Config]:
    return [{"Priority": index, "Type": name} for index, name in enumerate(names or ("NONE",))]


def looks_for(text: str, field_to_match: Config = PATH, constraint: str = "STARTS_WITH", *names: str) -> Config:
    """Return a ByteMatchStatement."""
    return {
        "ByteMatchStatement": {
            "SearchString": text.encode(),
            "FieldToMatch": field_to_match,
            "TextTransformations": steps(*names),
            "PositionalConstraint": constraint,
        }
    }


def counts(limit: int, kind: str = "IP", **changes: Any) -> Config:  # noqa: ANN401 - parts of a configuration
    """Return a RateBasedStatement."""
    return {"RateBasedStatement": {"Limit": limit, "AggregateKeyType": kind, "EvaluationWindowSec": 60} | changes}


_priorities = itertools.count(1)


def make_rule(name: str, statement: Config, action: Config | None = None, **changes: Any) -> Config:  # noqa: ANN401
    """Return a rule, which is evaluated after the rules made before."""
    answer = {} if "OverrideAction" in changes else {"Action": action or BLOCK}
    rule = {"Name": name, "Priority": next(_priorities), "Statement": statement, "VisibilityConfig": visible(name)}
    return rule | answer | changes


def make_managed_rule(name: str, action: str = "None", **changes: Any) -> Config:  # noqa: ANN401
    statement = {"ManagedRuleGroupStatement": {"VendorName": "AWS", "Name": name} | changes}
    return make_rule(name, statement, OverrideAction={action: {}})


@dataclass(frozen=True, kw_only=True)
class Acl:
    """A web ACL on an engine."""

    engine: Engine
    name: str
    id: str
    arn: str
    scope: str

    @property
    def named(self) -> dict[str, str]:
        return {"Name": self.name, "Id": self.id, "Scope": self.scope}

    def update(self, *rules: Config, **changes: Any) -> None:  # noqa: ANN401
        client = self.engine.client("wafv2")
        token = client.get_web_acl(**self.named)["LockToken"]
        client.update_web_acl(**(make_acl_config(self.name, rules) | self.named | {"LockToken": token} | changes))

    def delete(self) -> None:
        client = self.engine.client("wafv2")
        client.delete_web_acl(**self.named, LockToken=client.get_web_acl(**self.named)["LockToken"])


def make_acl_config(name: str, rules: tuple[Config, ...]) -> Config:
    return {"Name": name, "DefaultAction": ALLOW, "Rules": list(rules), "VisibilityConfig": visible(name)}


def make_acl(engine: Engine, *rules: Config, scope: str = "REGIONAL", **changes: Any) -> Acl:  # noqa: ANN401
    name = f"acl-{uuid.uuid4().hex[:12]}"
    config = make_acl_config(name, rules) | {"Scope": scope} | changes
    made = engine.client("wafv2").create_web_acl(**config)["Summary"]
    return Acl(engine=engine, name=name, id=made["Id"], arn=made["ARN"], scope=scope)


@dataclass(frozen=True, kw_only=True)
class Stage:
    """A stage of a REST API whose every path answers 200."""

    engine: Engine
    api: str
    arn: str
    headers: Mapping[str, str] = field(default_factory=lambda: {"User-Agent": "tests"})

    def ask(self, path: str = "/", method: str = "GET", body: bytes | None = None, **headers: str) -> Answer:
        """Ask by the API's own host; `_` in a header's name stands for `-`."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        host = {"Host": f"{self.api}.execute-api.localhost.localstack.cloud"}
        return ask(self.engine.url, f"/test{path}", method, body, host | dict(self.headers) | named)

    def protect(self, acl: Acl) -> None:
        self.engine.client("wafv2").associate_web_acl(WebACLArn=acl.arn, ResourceArn=self.arn)


def make_stage(engine: Engine) -> Stage:
    client = engine.client("apigateway")
    api = client.create_rest_api(name=f"api-{uuid.uuid4().hex[:12]}")["id"]
    root = client.get_resources(restApiId=api)["items"][0]["id"]
    below = client.create_resource(restApiId=api, parentId=root, pathPart="{proxy+}")["id"]
    for resource in (root, below):
        where = {"restApiId": api, "resourceId": resource, "httpMethod": "ANY"}
        client.put_method(**where, authorizationType="NONE")
        templates = {"application/json": '{"statusCode": 200}'}
        client.put_integration(**where, type="MOCK", requestTemplates=templates)
        client.put_method_response(**where, statusCode="200")
        answer = '{"seen": "$input.params().header.get(\'x-amzn-waf-seen\')"}'
        client.put_integration_response(**where, statusCode="200", responseTemplates={"application/json": answer})
    client.create_deployment(restApiId=api, stageName="test")
    return Stage(engine=engine, api=api, arn=f"arn:aws:apigateway:us-east-1::/restapis/{api}/stages/test")
