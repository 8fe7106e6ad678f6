"""Create, update and delete web ACLs and rule groups."""

from collections.abc import Iterator
from typing import Any, Final

from localstack.aws.api import RequestContext
from localstack.services.moto import call_moto

from thumbpipe_localstack.wafv2 import protected_resources, state
from thumbpipe_localstack.wafv2.control.capacity import capacity_of
from thumbpipe_localstack.wafv2.control.checks import check_acl, check_group, check_name, check_rules
from thumbpipe_localstack.wafv2.control.errors import associated, nonexistent
from thumbpipe_localstack.wafv2.control.stored import (
    RULE_GROUPS,
    WEB_ACLS,
    Body,
    Kind,
    backend_for,
    delete_unused,
    find_locked,
    make_rules,
    new_token,
    read_body,
    require_free_name,
    summary,
)
from thumbpipe_localstack.wafv2.telemetry import samples

_ACCOUNT_PART: Final = 4  # of an ARN


def check_capacity(context: RequestContext, _request: Body) -> Body:
    """Return the capacity that rules need."""
    body = read_body(context)
    check_rules(body["Rules"], body["Scope"])
    return {"Capacity": capacity_of(body["Rules"])}


def create_web_acl(context: RequestContext, _request: Body) -> Body:
    """Create a web ACL."""
    body = read_body(context)
    backend = backend_for(context, body["Scope"])
    check_name(body["Name"])
    check_acl(body)
    require_free_name(backend, WEB_ACLS, body["Name"])
    made = backend.create_web_acl(
        name=body["Name"],
        visibility_config=body["VisibilityConfig"],
        default_action=body["DefaultAction"],
        scope=body["Scope"],
        description=body.get("Description"),
        tags=body.get("Tags") or [],
        rules=body.get("Rules") or [],
        association_config=body.get("AssociationConfig"),
        captcha_config=None,
        challenge_config=None,
        custom_response_bodies=body.get("CustomResponseBodies"),
        token_domains=None,
    )
    made.capacity = capacity_of(body.get("Rules") or [])
    state.changed()
    return summary(made, WEB_ACLS)


def get_web_acl(context: RequestContext, request: Body) -> Any:  # noqa: ANN401 - what moto answers
    """Return a web ACL, which a request names by its ARN alone, or by name, id and scope."""
    if not request.get("ARN"):
        return call_moto(context)
    shown = _find_by_arn(context, WEB_ACLS, request["ARN"])
    return {"WebACL": shown, "LockToken": shown.pop("LockToken")}


def update_web_acl(context: RequestContext, _request: Body) -> Body:
    """Replace all mutable settings of a web ACL; as on AWS, absent ones are removed."""
    body = read_body(context)
    acl = find_locked(context, WEB_ACLS, body)
    check_acl(body)
    acl.rules = make_rules(body.get("Rules"))
    acl.capacity = capacity_of(body.get("Rules") or [])
    acl.default_action = body["DefaultAction"]
    acl.description = body.get("Description") or ""
    acl.visibility_config = body["VisibilityConfig"]
    acl.custom_response_bodies = body.get("CustomResponseBodies")
    acl.association_config = body.get("AssociationConfig")
    return new_token(acl)


def delete_web_acl(context: RequestContext, _request: Body) -> Body:
    """Delete a web ACL without associations."""
    body = read_body(context)
    acl = find_locked(context, WEB_ACLS, body)
    if any(resources_of(acl)):
        raise associated()
    backend = backend_for(context, body["Scope"])
    del backend.wacls[acl.arn]
    backend.tagging_service.delete_all_tags_for_resource(acl.arn)
    state.forget_logging(acl.arn)
    samples.forget(acl.arn)
    state.changed()
    return {}


def resources_of(acl: Any) -> Iterator[str]:  # noqa: ANN401 - moto carries no types here
    """Iterate over the ARNs of what a web ACL protects."""
    yield from (each for each in acl.associated_resources if state.find_stage(each) is not None)
    yield from protected_resources.arns_behind(acl.arn)


def create_rule_group(context: RequestContext, _request: Body) -> Body:
    """Create a rule group."""
    body = read_body(context)
    backend = backend_for(context, body["Scope"])
    check_name(body["Name"])
    check_group(body, int(body["Capacity"]))
    require_free_name(backend, RULE_GROUPS, body["Name"])
    made = backend.create_rule_group(
        name=body["Name"],
        scope=body["Scope"],
        capacity=int(body["Capacity"]),
        description=body.get("Description"),
        rules=body.get("Rules") or [],
        visibility_config=body["VisibilityConfig"],
        tags=body.get("Tags") or [],
        custom_response_bodies=body.get("CustomResponseBodies"),
    )
    state.changed()
    return summary(made, RULE_GROUPS)


def get_rule_group(context: RequestContext, request: Body) -> Any:  # noqa: ANN401 - what moto answers
    """Return a rule group, which a request names by its ARN alone, or by name, id and scope."""
    if not request.get("ARN"):
        return call_moto(context)
    shown = _find_by_arn(context, RULE_GROUPS, request["ARN"])
    return {"RuleGroup": shown, "LockToken": shown.pop("LockToken")}


def _find_by_arn(context: RequestContext, kind: Kind, arn: str) -> Body:
    """Return a resource of the caller's account in the API's model."""
    backend = state.backend_of(arn)
    stored = getattr(backend, kind.collection).get(arn) if backend else None
    if stored is None or arn.split(":")[_ACCOUNT_PART] != context.account_id:
        raise nonexistent()
    shown: Body = state.with_bytes(state.plain(stored.to_dict()))
    return shown


def update_rule_group(context: RequestContext, _request: Body) -> Body:
    """Replace all mutable settings of a rule group."""
    body = read_body(context)
    group = find_locked(context, RULE_GROUPS, body)
    check_group(body, group.capacity)
    group.rules = make_rules(body.get("Rules"))
    group.description = body.get("Description") or ""
    group.visibility_config = body["VisibilityConfig"]
    group.custom_response_bodies = body.get("CustomResponseBodies")
    labels = [label for rule in group.rules for label in rule.get_available_labels() or ()]
    group.available_labels = [{"Name": f"{group.label_namespace}{label}"} for label in labels]
    return new_token(group)


def delete_rule_group(context: RequestContext, _request: Body) -> Body:
    """Delete a rule group that no web ACL refers to."""
    return delete_unused(context, RULE_GROUPS)
